"""What an answer to one of the flow's questions leads to: the question again, a follow-up, or the next question."""

from dataclasses import replace

from dialog_flows.blocks import FollowUp, Question
from dialog_flows.conditions import day, holds, is_clear, names, number
from dialog_flows.filing import file_answer
from dialog_flows.meaning import Kind
from dialog_flows.moves import advance, ask, question_at, turn_to
from dialog_flows.path import rules
from dialog_flows.schema import Flow
from models.dialog import AnswerStatus, CandidateSpoke, DialogState, Expects, Step
from models.numerals import numbers


def answer(flow: Flow, state: DialogState, event: CandidateSpoke, kind: Kind) -> Step:
    question = question_at(flow, state)
    status = AnswerStatus.SKIPPED if kind is Kind.SKIP else AnswerStatus.ANSWERED
    state = file_answer(state, question, event.utterance, status)
    if kind is Kind.SKIP:
        return advance(flow, state, flow.lines.skipping)
    if _must_be_clearer(flow, state, question):
        return ask(flow, replace(state, reprompts=state.reprompts + 1), flow.lines.unclear)
    lead_in = _thanks(flow, state, event)
    follow_up = _next_follow_up(flow, state, question, event)
    if follow_up is None:
        return advance(flow, state, lead_in)
    asked = (*state.follow_ups_asked, follow_up.id)
    return ask(flow, replace(turn_to(state, follow_up.id), follow_ups_asked=asked), lead_in)


def depends_on_answer(flow: Flow, question: Question) -> bool:
    """Whether the way through the flow, or a mark, hangs on what this question is answered."""
    conditional = any(not rule.always for rule in rules(question))
    return conditional or bool(
        question.knock_out
        or any(other.skip_when and other.skip_when.question == question.id for other in flow.questions)
    )


def _must_be_clearer(flow: Flow, state: DialogState, question: Question) -> bool:
    if state.follow_up is not None or state.reprompts >= flow.policies.max_reprompts:
        return False
    depends = depends_on_answer(flow, question)
    if question.expects is Expects.YES_NO and not depends:
        return False
    if question.expects is Expects.NUMBER and depends:
        return number(question, state.answers[-1]) is None  # "two or three" will do only where nothing hangs on it
    if question.expects is Expects.DATE:
        return depends and day(state.answers[-1]) is None
    return not is_clear(question, state.answers[-1])


def _thanks(flow: Flow, state: DialogState, event: CandidateSpoke) -> str:
    if event.utterance.duration_ms >= flow.policies.longest_answer_ms:
        return flow.lines.enough
    said = sum(len(answer.parts) for answer in state.answers)
    return flow.lines.acknowledgements[said % len(flow.lines.acknowledgements)]


def _next_follow_up(flow: Flow, state: DialogState, question: Question, event: CandidateSpoke) -> FollowUp | None:
    if len(state.follow_ups_asked) >= question.max_follow_ups:
        return None
    text = state.answers[-1].text

    def due(follow_up: FollowUp) -> bool:
        when = follow_up.when
        return (
            follow_up.id not in state.follow_ups_asked
            and follow_up.depth in (None, flow.depth)
            and when.no_evidence_for in (None, *event.unmet_criteria)
            and (when.shorter_than_words is None or _length(text, flow.language) < when.shorter_than_words)
            and (when.no_number is None or not numbers(text))
            and (when.skill_named is None or any(_named(skill, text, event.skills) for skill in when.skill_named))
            and holds(when, question, state)
        )

    return next(filter(due, question.follow_ups), None)


def _named(skill: str, text: str, known: tuple[str, ...]) -> bool:
    return names(text, skill) or skill.casefold() in (each.casefold() for each in known)


def _length(text: str, language: str) -> int:
    """Words; in Chinese, characters."""
    return sum(map(str.isalnum, text)) if language == "zh" else len(text.split())
