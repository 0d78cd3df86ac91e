"""Puts what the candidate said under the question it answers."""

from dataclasses import replace

from dialog_flows.conditions import holds
from dialog_flows.schema import Flow, Question
from dialog_flows.wording import wording
from models.dialog import Answer, AnswerPart, AnswerStatus, DialogState, KnockOut
from models.speech import Utterance


def file_answer(state: DialogState, question: Question, utterance: Utterance, status: AnswerStatus) -> DialogState:
    """The utterance under its question, or under the follow-up being asked. The first words decide the status."""
    part = AnswerPart(utterance, state.follow_up, state.today)
    if state.answers and state.answers[-1].question_id == question.id:
        last = state.answers[-1]
        first = not last.parts  # a call that was dropped left it open
        answer = replace(last, parts=(*last.parts, part), status=status if first else last.status)
        return replace(state, answers=(*state.answers[:-1], answer))
    answer = Answer(question.id, wording(question, state.seed), (part,), status)
    return replace(state, answers=(*state.answers, answer))


def extend_last_answer(state: DialogState, utterance: Utterance, *, substantial: bool) -> DialogState:
    """The utterance as the end of the last answer. Only a substantial one makes an answer of a question left open."""
    if not state.answers or (state.answers[-1].status is not AnswerStatus.ANSWERED and not substantial):
        return state
    last = state.answers[-1]
    if last.parts and last.parts[-1].utterance.attempt_id != utterance.attempt_id:
        return state  # that was in an earlier call
    part = AnswerPart(utterance, last.parts[-1].follow_up if last.parts else None, state.today)
    extended = replace(last, parts=(*last.parts, part), status=AnswerStatus.ANSWERED)
    return replace(state, answers=(*state.answers[:-1], extended))


def mark_unanswered(flow: Flow, state: DialogState) -> DialogState:
    """Leaving a question that has no answer yet: the record says so."""
    asked = flow.question(state.position)
    if asked is None or any(answer.question_id == asked.id for answer in state.answers):
        return state
    empty = Answer(asked.id, wording(asked, state.seed), (), AnswerStatus.UNANSWERED)
    return replace(state, answers=(*state.answers, empty))


def mark_knock_outs(flow: Flow, state: DialogState) -> DialogState:
    """The answers that HR must see first, as they stand now."""
    given = {answer.question_id for answer in state.answers if answer.status is not AnswerStatus.UNANSWERED}
    marks = tuple(
        KnockOut(question.id, question.knock_out.note)
        for question in flow.questions
        if question.knock_out and question.id in given and holds(question.knock_out, question, state)
    )
    return replace(state, knock_outs=marks)
