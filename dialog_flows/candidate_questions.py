"""The candidate's own questions: what the flow's `faq` answers is answered, everything else is taken down for HR."""

from dataclasses import replace

from dialog_flows.meaning import Kind
from dialog_flows.moves import ANYTHING_ELSE, GO_AHEAD, advance, ask, turn_to
from dialog_flows.schema import Flow
from dialog_flows.understanding import understand
from models.dialog import DialogState, Expects, Step
from models.speech import Utterance

MAX_CANDIDATE_QUESTIONS = 3


def candidate_question(flow: Flow, state: DialogState, utterance: Utterance, kind: Kind) -> Step:
    if kind is Kind.YES and state.follow_up != GO_AHEAD:
        return ask(flow, turn_to(state, GO_AHEAD))
    if kind in (Kind.NO, Kind.SKIP, Kind.GOODBYE) or _declines(flow, utterance):
        return advance(flow, state)
    state = replace(
        state, questions_for_hr=(*state.questions_for_hr, utterance), invited_questions=state.invited_questions + 1
    )
    if state.invited_questions >= MAX_CANDIDATE_QUESTIONS:
        return advance(flow, state, flow.candidate_questions.reply)
    return ask(flow, turn_to(state, ANYTHING_ELSE), flow.candidate_questions.reply)


def _declines(flow: Flow, utterance: Utterance) -> bool:
    """Whether it is a "no" in other words, such as "Not at the moment" or "No, it was all clear", and asks nothing."""
    asks = set("?？") & set(utterance.text)
    return not asks and understand(utterance.text, Expects.YES_NO, flow.language).kind in (Kind.NO, Kind.NOT_NOW)
