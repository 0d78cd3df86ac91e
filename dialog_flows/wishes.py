"""What a candidate wants besides answering: to speak with a person, to know something."""

from dataclasses import replace

from dialog_flows.meaning import Meaning
from dialog_flows.schema import Flow
from models.dialog import DialogState
from models.speech import Utterance


def for_hr(state: DialogState, utterance: Utterance) -> DialogState:
    """The state with what HR is to answer, or to do."""
    return replace(state, questions_for_hr=(*state.questions_for_hr, utterance))


def asked_us(flow: Flow, state: DialogState, utterance: Utterance, meaning: Meaning) -> tuple[DialogState, str]:
    """Who is calling is told at once; whatever else is asked during the interview is taken down for HR.

    The new state, and the reply to say before the interviewer's own question is said again.
    """
    if meaning.about_caller:
        return state, flow.disclosure
    return for_hr(state, utterance), flow.candidate_questions.reply


def clarification(flow: Flow, state: DialogState) -> str:
    """What the flow says to somebody who asks what the question means; "" where it says nothing."""
    if state.follow_up is not None:
        return ""
    return next((each.clarification or "" for each in flow.questions if each.id == state.position), "")
