"""A candidate for whom it is not a good time: when another call would suit is taken from their words, or asked once."""

from dataclasses import replace

from dialog_flows.meaning import Kind
from dialog_flows.moves import CALL_BACK, ask, close, listen, turn_to
from dialog_flows.path import DISCLOSURE
from dialog_flows.schema import Flow
from dialog_flows.when import names_time, when
from dialog_flows.wishes import for_hr
from models.call import Disposition
from models.dialog import CallBack, CandidateSpoke, DialogState, Step

SAYS_NO_TIME = (Kind.YES, Kind.NO, Kind.SKIP, Kind.GOODBYE)


def not_now(flow: Flow, state: DialogState, event: CandidateSpoke) -> Step:
    """Asks when another call would suit, unless that was said. Before the disclosure has been heard nothing is."""
    state = replace(state, call_back=_wish(flow, event))
    if names_time(event.utterance.text, flow.language) or state.position == DISCLOSURE:
        return _goodbye(flow, state, event)
    return ask(flow, turn_to(state, CALL_BACK))


def suggested(flow: Flow, state: DialogState, event: CandidateSpoke, kind: Kind) -> Step:
    """The reply to that: whatever it is, nobody is kept who has no time."""
    if state.awaiting and not names_time(event.utterance.text, flow.language):
        return Step(state, (listen(flow, state),)) if state.asked else ask(flow, state)
    if kind is Kind.QUESTION:
        state = for_hr(state, event.utterance)
    elif kind not in SAYS_NO_TIME:
        state = replace(state, call_back=_wish(flow, event))
    return _goodbye(flow, state, event)


def _wish(flow: Flow, event: CandidateSpoke) -> CallBack:
    window = when(event.utterance.text, flow.language, event.said_at) if event.said_at else None
    return CallBack(event.utterance, window)


def _goodbye(flow: Flow, state: DialogState, event: CandidateSpoke) -> Step:
    named = names_time(event.utterance.text, flow.language)
    return close(flow, state, Disposition.RESCHEDULE, line=flow.lines.time_noted if named else "")
