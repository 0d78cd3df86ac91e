"""What a reply to the opening leads to: may we record, is it you, is now a good time."""

from dataclasses import replace

from dialog_flows.blocks import RecordingRefused
from dialog_flows.meaning import Kind
from dialog_flows.moves import advance, ask, close
from dialog_flows.path import CONSENT, IDENTITY
from dialog_flows.schema import Flow
from models.call import Disposition
from models.dialog import DialogState, PermitRecording, Step


def opening_reply(flow: Flow, state: DialogState, kind: Kind) -> Step:
    """A reply that is neither yes nor no is asked for again, as often as the flow says."""
    if kind not in (Kind.YES, Kind.NO) and state.reprompts < flow.policies.max_reprompts:
        return ask(flow, replace(state, reprompts=state.reprompts + 1, repeats=0), flow.lines.unclear)
    return settle(flow, state, kind)


def settle(flow: Flow, state: DialogState, kind: Kind) -> Step:
    """Without a yes or no the interview takes what is safest for the candidate: it records nothing, tells nobody more
    than it has, and does not refuse anybody's time."""
    if state.position == CONSENT:
        return _consent(flow, state, kind is Kind.YES)
    if state.position == IDENTITY:
        if kind is Kind.YES:
            return advance(flow, state)
        return close(flow, state, Disposition.WRONG_PERSON if kind is Kind.NO else Disposition.RESCHEDULE)
    if kind is Kind.NO:
        return close(flow, state, Disposition.RESCHEDULE)
    return advance(flow, state, flow.lines.resume if state.stopped else flow.lines.begin)


def _consent(flow: Flow, state: DialogState, permitted: bool) -> Step:
    state, before = replace(state, recording_permitted=permitted), (PermitRecording(permitted),)
    if not permitted and flow.policies.recording_refused is RecordingRefused.END:
        return close(flow, state, Disposition.DECLINED, line=flow.lines.no_recording, before=before)
    lead_in = flow.lines.acknowledgements[0] if permitted else flow.lines.unrecorded
    return advance(flow, state, lead_in, before=before)
