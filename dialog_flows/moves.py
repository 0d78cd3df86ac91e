"""The moves of an interview: say a line and listen, go on to the next step of the flow, close."""

from collections.abc import Callable
from dataclasses import replace

from dialog_flows.blocks import FollowUp, Question, Voicemail
from dialog_flows.filing import mark_unanswered
from dialog_flows.path import CANDIDATE_QUESTIONS, CLOSING, GOOD_TIME, OPENING, SCREENED, following
from dialog_flows.schema import Flow
from dialog_flows.wording import wording
from models.call import Disposition
from models.dialog import DialogAction, DialogState, Expects, HangUp, Listen, Say, Step

GO_AHEAD, ANYTHING_ELSE = "go_ahead", "anything_else"
"""`follow_up` at the candidate's questions."""
CALL_BACK = "call back"
"""`follow_up` at any step, while it is asked when another call would suit; with a space, as no question's id is."""

SCREENED_PATIENCE_MS = 60_000
"""How long the candidate may take to come to a telephone whose assistant has told them who is calling."""

CLOSING_LINES: dict[Disposition, Callable[[Flow], str]] = {
    Disposition.COMPLETED: lambda flow: flow.closing,
    Disposition.ENDED_EARLY: lambda flow: flow.lines.goodbye,
    Disposition.OPTED_OUT: lambda flow: flow.lines.opt_out,
    Disposition.RESCHEDULE: lambda flow: flow.lines.reschedule,
    Disposition.WRONG_PERSON: lambda flow: flow.lines.wrong_person,
    Disposition.DECLINED: lambda flow: flow.lines.wants_person,
    Disposition.UNRESPONSIVE: lambda flow: flow.lines.unresponsive,
    Disposition.TOO_LONG: lambda flow: flow.lines.too_long,
    Disposition.VOICEMAIL: lambda flow: flow.lines.voicemail,
}


def advance(flow: Flow, state: DialogState, *lead_in: str, before: tuple[DialogAction, ...] = ()) -> Step:
    """On to the next step of the flow."""
    state = mark_unanswered(flow, state)
    position, passed_over = following(flow, state)
    left, entered = flow.section_of(state.position), flow.section_of(position)
    if entered and entered.begin and entered != left:
        lead_in = (*lead_in, entered.begin)
    at = state.stopped if state.position == GOOD_TIME else None
    state = replace(
        state,
        position=position,
        passed_over=(*state.passed_over, *passed_over),
        follow_up=at.follow_up if at else None,
        follow_ups_asked=at.follow_ups_asked if at else (),
        stopped=None if at else state.stopped,
        repeats=0,
        reprompts=0,
        silences=0,
        thoughts=0,
    )
    if position == CLOSING:
        return close(flow, state, Disposition.COMPLETED, *lead_in)
    return ask(flow, state, *lead_in, before=before)


def turn_to(state: DialogState, follow_up: str) -> DialogState:
    """The same step of the flow, at another line."""
    return replace(state, follow_up=follow_up, repeats=0, reprompts=0, thoughts=0)


def ask(flow: Flow, state: DialogState, *lead_in: str, before: tuple[DialogAction, ...] = ()) -> Step:
    """Say the line that the state stands at, and listen."""
    state, says = say_all(state, *lead_in, question_text(flow, state))
    says = tuple(replace(say, interruptible=say.text != flow.lines.enough) for say in says)  # who goes on is not let
    awaiting = None if state.follow_up == GO_AHEAD else says[-1].line_id
    state = replace(state, awaiting=awaiting, asked=says[-1].text)
    return Step(state, (*before, *says, listen(flow, state)))


def close(
    flow: Flow,
    state: DialogState,
    outcome: Disposition,
    *lead_in: str,
    line: str = "",
    before: tuple[DialogAction, ...] = (),
) -> Step:
    """Say goodbye, with `line` or the line for that outcome; the call ends when it has been heard. Before the
    disclosure there is nobody to say it to."""
    if state.position is None:
        return hang_up(state, outcome)
    if state.position == CANDIDATE_QUESTIONS and outcome is Disposition.COMPLETED:
        state = replace(state, position=CLOSING)
    goodbye = line or CLOSING_LINES[outcome](flow)
    state, says = say_all(mark_unanswered(flow, state), *lead_in, goodbye, interruptible=False)
    return Step(replace(state, awaiting=says[-1].line_id, outcome=outcome), (*before, *says))


def hang_up(state: DialogState, outcome: Disposition) -> Step:
    """Without a word."""
    return Step(replace(state, outcome=outcome), (HangUp(outcome),))


def voicemail(flow: Flow, state: DialogState, listening: bool) -> Step:
    """A machine has picked up: leave the message, if the flow wants that and the machine listens, and hang up."""
    if flow.policies.voicemail is not Voicemail.LEAVE_MESSAGE:
        return hang_up(state, Disposition.VOICEMAIL)
    if not listening:
        return Step(state)
    return close(flow, state, Disposition.VOICEMAIL)


def screened(flow: Flow, state: DialogState) -> Step:
    """A telephone's assistant asks who is calling: say it, and wait for the candidate."""
    if state.position != SCREENED:
        state = replace(state, position=SCREENED, follow_up=None, asked="", repeats=0, reprompts=0, silences=0)
    elif state.awaiting or state.repeats >= flow.policies.max_repeats:
        return Step(state)
    else:
        state = replace(state, repeats=state.repeats + 1)
    state, says = say_all(state, flow.lines.screening, interruptible=False)
    patience = Listen(Expects.SHORT, SCREENED_PATIENCE_MS, flow.policies.longest_answer_ms)
    return Step(replace(state, awaiting=says[-1].line_id), (*says, patience))


def say_all(state: DialogState, *texts: str, interruptible: bool = True) -> tuple[DialogState, tuple[Say, ...]]:
    says = tuple(Say(line_id(state.lines + n), text, interruptible) for n, text in enumerate(texts, start=1))
    return replace(state, lines=state.lines + len(says)), says


def line_id(number: int) -> str:
    return f"line-{number}"


def listen(flow: Flow, state: DialogState, patience: int = 1) -> Listen:
    policies = flow.policies
    return Listen(expects(flow, state), policies.silence_ms * patience, policies.longest_answer_ms)


def expects(flow: Flow, state: DialogState) -> Expects:
    if state.follow_up == CALL_BACK:
        return Expects.DATE
    if state.position in OPENING:
        return Expects.YES_NO
    if state.position == CANDIDATE_QUESTIONS:
        return Expects.OPEN if state.follow_up == GO_AHEAD else Expects.SHORT
    return question_at(flow, state).expects


def question_at(flow: Flow, state: DialogState) -> Question:
    question = flow.question(state.position)
    assert question is not None
    return question


def question_text(flow: Flow, state: DialogState) -> str:
    if state.follow_up == CALL_BACK:
        return flow.lines.when_suits
    match state.position:
        case "consent":
            return flow.consent.ask
        case "identity":
            return flow.identity.ask
        case "good_time":
            return flow.good_time.ask
        case "candidate_questions":
            stock = {GO_AHEAD: flow.lines.go_ahead, ANYTHING_ELSE: flow.lines.anything_else}
            return stock.get(state.follow_up or "", flow.candidate_questions.ask)
    question = question_at(flow, state)
    asked: Question | FollowUp = next((each for each in question.follow_ups if each.id == state.follow_up), question)
    return wording(asked, state.seed)
