"""Events that come when the moment has passed: words after the next line has begun, a lost line, the time after the
goodbye. Nothing that was said is lost."""

from dataclasses import replace

from dialog_flows.filing import extend_last_answer, file_answer, mark_unanswered
from dialog_flows.meaning import Kind
from dialog_flows.moves import CALL_BACK, ask, listen
from dialog_flows.opening import opening_reply
from dialog_flows.path import CANDIDATE_QUESTIONS, CONSENT, DISCLOSURE, OPENING, SCREENED
from dialog_flows.schema import Flow
from dialog_flows.understanding import understand
from models.call import Disposition
from models.dialog import (
    AnswerStatus,
    CallBack,
    CandidateSpoke,
    DialogEvent,
    DialogState,
    Expects,
    HangUp,
    KeyPressed,
    LineCut,
    LineHeard,
    LineLost,
    Step,
    TimeUp,
)
from models.speech import Utterance

OPT_OUT_KEY = "9"


def spoke_too_soon(flow: Flow, state: DialogState, utterance: Utterance, kind: Kind) -> Step:
    """Words that came before the line was heard: the end of what was said before."""
    if state.position == DISCLOSURE:
        return Step(state)
    if state.position == CONSENT and not state.asked:
        return opening_reply(flow, state, Kind.NO if kind is Kind.NO else Kind.ANSWER)
    state = late_words(state, utterance, kind)
    return Step(state, (listen(flow, state),)) if state.asked else ask(flow, state)


def late_words(state: DialogState, utterance: Utterance, kind: Kind) -> DialogState:
    """The end of what was said last in this call, unless it is a request that comes too late."""
    if kind is Kind.QUESTION:
        return replace(state, questions_for_hr=(*state.questions_for_hr, utterance))
    if kind not in (Kind.ANSWER, Kind.YES, Kind.NO) or state.position in (DISCLOSURE, SCREENED, *OPENING):
        return state
    if state.position == CANDIDATE_QUESTIONS and (state.follow_up or state.outcome):
        asks = kind is Kind.ANSWER
        return replace(state, questions_for_hr=(*state.questions_for_hr, utterance)) if asks else state
    return extend_last_answer(state, utterance, substantial=kind is Kind.ANSWER)


def line_lost(flow: Flow, state: DialogState, last_words: Utterance | None) -> Step:
    """The call is over. What was being said is kept, and the next call takes the interview up at this question."""
    asked = flow.question(state.position)
    if last_words is not None and state.follow_up == CALL_BACK:
        state = replace(state, call_back=CallBack(last_words))
    elif last_words is not None and state.awaiting is None and asked is not None:
        state = file_answer(state, asked, last_words, AnswerStatus.ANSWERED)
    elif last_words is not None and state.position is not None:
        state = late_words(state, last_words, Kind.ANSWER)
    outcomes = {CALL_BACK: Disposition.RESCHEDULE, SCREENED: Disposition.NO_ANSWER}
    outcome = outcomes.get(state.follow_up or state.position or "", Disposition.DROPPED)
    state = replace(mark_unanswered(flow, state), outcome=outcome, awaiting=None)
    return Step(state, meaning=Kind.ANSWER.value if last_words else None)


def after_closing(flow: Flow, state: DialogState, event: DialogEvent) -> Step:
    match event:
        case LineHeard() | LineCut() if state.awaiting and event.line_id == state.awaiting:
            return _hang_up(state)
        case TimeUp() if state.awaiting:
            return _hang_up(state)
        case LineLost(last_words=words):
            closed = replace(state, awaiting=None)
            return after_closing(flow, closed, CandidateSpoke(words)) if words else Step(closed)
        case KeyPressed(digit=digit) if digit == OPT_OUT_KEY:
            return Step(replace(state, outcome=Disposition.OPTED_OUT))
        case CandidateSpoke():
            kind = understand(event.utterance.text, Expects.OPEN, flow.language).kind
            if kind is Kind.OPT_OUT:
                state = replace(state, outcome=Disposition.OPTED_OUT)
            elif state.outcome in (Disposition.TOO_LONG, Disposition.UNRESPONSIVE):
                state = late_words(state, event.utterance, kind)
            return Step(state, meaning=kind.value)
    return Step(state)


def _hang_up(state: DialogState) -> Step:
    assert state.outcome is not None
    return Step(replace(state, awaiting=None), (HangUp(state.outcome),))
