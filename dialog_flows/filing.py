"""Puts what the candidate said under the question it answers."""

from dataclasses import replace

from dialog_flows.schema import Question
from models.dialog import Answer, AnswerPart, AnswerStatus, DialogState
from models.speech import Utterance


def file_answer(state: DialogState, question: Question, utterance: Utterance, status: AnswerStatus) -> DialogState:
    """The utterance under its question, or under the follow-up being asked. The first words decide the status."""
    part = AnswerPart(utterance, state.follow_up)
    if state.answers and state.answers[-1].question_id == question.id:
        last = state.answers[-1]
        return replace(state, answers=(*state.answers[:-1], replace(last, parts=(*last.parts, part))))
    return replace(state, answers=(*state.answers, Answer(question.id, question.ask, (part,), status)))


def extend_last_answer(state: DialogState, utterance: Utterance, *, substantial: bool) -> DialogState:
    """The utterance as the end of the last answer. Only a substantial one makes an answer of a question left open."""
    if not state.answers or (state.answers[-1].status is not AnswerStatus.ANSWERED and not substantial):
        return state
    last = state.answers[-1]
    part = AnswerPart(utterance, last.parts[-1].follow_up if last.parts else None)
    extended = replace(last, parts=(*last.parts, part), status=AnswerStatus.ANSWERED)
    return replace(state, answers=(*state.answers[:-1], extended))


def mark_unanswered(state: DialogState, questions: tuple[Question, ...]) -> DialogState:
    """Leaving a question that has no answer yet: the record says so."""
    asked = next((question for question in questions if question.id == state.position), None)
    if asked is None or any(answer.question_id == asked.id for answer in state.answers):
        return state
    empty = Answer(asked.id, asked.ask, (), AnswerStatus.UNANSWERED)
    return replace(state, answers=(*state.answers, empty))
