"""What a candidate wants besides answering: to be called another time, to speak with a person, to know something."""

from dataclasses import replace

from dialog_flows.meaning import Kind, Meaning
from dialog_flows.schema import Flow
from dialog_flows.when import when
from models.dialog import CallBack, CandidateSpoke, DialogState
from models.speech import Utterance


def with_wish(state: DialogState, event: CandidateSpoke, kind: Kind, language: str) -> DialogState:
    """The state with what HR is to do: call at another time, or have a person speak to the candidate."""
    if kind is Kind.NOT_NOW:
        window = when(event.utterance.text, language, event.said_at) if event.said_at else None
        return replace(state, call_back=CallBack(event.utterance, window))
    if kind is Kind.WANTS_PERSON:
        return replace(state, questions_for_hr=(*state.questions_for_hr, event.utterance))
    return state


def asked_us(flow: Flow, state: DialogState, utterance: Utterance, meaning: Meaning) -> tuple[DialogState, str]:
    """Who is calling is told at once; whatever else is asked during the interview is taken down for HR.

    The new state, and the reply to say before the interviewer's own question is said again.
    """
    if meaning.about_caller:
        return state, flow.disclosure
    return replace(state, questions_for_hr=(*state.questions_for_hr, utterance)), flow.candidate_questions.reply


def clarification(flow: Flow, state: DialogState) -> str:
    """What the flow says to somebody who asks what the question means; "" where it says nothing."""
    if state.follow_up is not None:
        return ""
    return next((each.clarification or "" for each in flow.questions if each.id == state.position), "")
