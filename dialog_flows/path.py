"""The way through a flow: its steps in order, and which question comes next for this candidate.

    disclosure -> consent -> identity -> good_time -> each question -> candidate_questions -> closing

The way only ever leads on: `go_to` names later questions, so every interview ends.
"""

from collections.abc import Iterator

from dialog_flows.blocks import GoTo, Question, SkipWhen
from dialog_flows.conditions import holds
from dialog_flows.schema import Flow
from models.dialog import DialogState

SCREENED = "screened"
"""Aside from the way: a telephone's assistant knows who is calling, and the candidate may come to the telephone."""
DISCLOSURE, CONSENT, IDENTITY, GOOD_TIME = "disclosure", "consent", "identity", "good_time"
CANDIDATE_QUESTIONS, CLOSING = "candidate_questions", "closing"
OPENING = (CONSENT, IDENTITY, GOOD_TIME)


def following(flow: Flow, state: DialogState) -> tuple[str, tuple[str, ...]]:
    """The step after the one that the state stands at, and the questions that are passed over on the way."""
    if state.position == GOOD_TIME and state.stopped:
        return state.stopped.position, ()
    steps = (DISCLOSURE, *OPENING, *(question.id for question in flow.questions), CANDIDATE_QUESTIONS, CLOSING)
    here = steps.index(state.position or DISCLOSURE)
    target = _target(flow, state) or steps[here + 1]
    there = steps.index(target)
    while (question := flow.question(steps[there])) and not is_asked(flow, state, question):
        there += 1
    return steps[there], steps[here + 1 : there]


def is_asked(flow: Flow, state: DialogState, question: Question) -> bool:
    """Whether this candidate is to be asked the question, by its depth and `skip_when`."""
    if question.depth is not None and question.depth is not flow.depth:
        return False
    return question.skip_when is None or not _skips(flow, state, question.skip_when)


def rules(question: Question) -> Iterator[GoTo]:
    """Where the question may lead, in the order in which it is tried: by the options, then by `go_to`."""
    yield from (GoTo(answer=option.id, to=option.go_to) for option in question.options if option.go_to)
    yield from question.go_to


def _target(flow: Flow, state: DialogState) -> str | None:
    question = flow.question(state.position)
    if question is None:
        return None
    return next((rule.to for rule in rules(question) if holds(rule, question, state)), None)


def _skips(flow: Flow, state: DialogState, skip: SkipWhen) -> bool:
    score, earlier = flow.match_score, flow.question(skip.question)
    if skip.match_below is not None and not (score is not None and score < skip.match_below):
        return False
    if skip.match_at_least is not None and not (score is not None and score >= skip.match_at_least):
        return False
    return earlier is None or holds(skip, earlier, state)
