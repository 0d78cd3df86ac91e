"""A further call of an interview that an earlier one did not bring to its end."""

from dialog_flows.moves import CALL_BACK
from dialog_flows.path import CLOSING, DISCLOSURE, OPENING, SCREENED
from models.dialog import DialogState, Stopped


def resumed(state: DialogState) -> DialogState:
    """What the next call begins with, given where the last one stopped.

    It discloses and asks for consent anew, since a call of its own is recorded; then it goes on at the line that was
    not answered. What was answered, wished for and chosen stays, and so does how slowly and loudly they
    want to be spoken to.
    """
    before_any_question = state.position in (None, DISCLOSURE, SCREENED, *OPENING, CLOSING)
    stopped = state.stopped if before_any_question else _place(state)
    return DialogState(
        answers=state.answers,
        questions_for_hr=state.questions_for_hr,
        invited_questions=state.invited_questions,
        language=state.language,
        seed=state.seed,
        manner=state.manner,
        passed_over=state.passed_over,
        knock_outs=state.knock_outs,
        stopped=stopped,
    )


def _place(state: DialogState) -> Stopped:
    assert state.position is not None
    asked_when = state.follow_up == CALL_BACK  # they had no time, and the question itself was never answered
    return Stopped(state.position, None if asked_when else state.follow_up, state.follow_ups_asked)
