"""What of a flow a set of rehearsals came to, and what it did not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from dialog_flows.blocks import AnswerIs, FollowUp, Question
from dialog_flows.diagram import asked_when, condition
from dialog_flows.path import rules
from dialog_flows.schema import Flow
from models.dialog import KnockOut


class Held(Protocol):
    """An interview that was held: by text (see rehearsal.interview.Rehearsal) or on the telephone."""

    @property
    def path(self) -> Sequence[str]:
        """The keys of the lines that the candidate was asked to answer, in order."""
        ...

    @property
    def passed_over(self) -> tuple[str, ...]: ...

    @property
    def knock_outs(self) -> tuple[KnockOut, ...]: ...


class Part(StrEnum):
    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    BRANCH = "branch"
    """Where an answer leads on, past a question, or to a mark for HR."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something in a flow that an interview may or may not come to."""

    part: Part
    key: str
    """As in a rehearsal's path."""
    asks: str
    reached_by: str
    """What it takes to come there, in words."""


@dataclass(frozen=True, slots=True)
class Coverage:
    places: tuple[Place, ...]
    missed: tuple[Place, ...]
    """Those of `places` that nobody came to, in the order of the flow."""

    def count(self, part: Part) -> tuple[int, int]:
        """How many were reached, and how many there are."""
        total, missed = (sum(place.part is part for place in places) for places in (self.places, self.missed))
        return total - missed, total


def coverage(flow: Flow, interviews: Iterable[Held]) -> Coverage:
    """What `interviews` by `flow` came to, all together, in whatever language."""
    reached = {key for each in interviews for key in _reached(flow, each)}
    places = tuple(_places(flow))
    return Coverage(places, tuple(place for place in places if place.key not in reached))


def _reached(flow: Flow, held: Held) -> Iterator[str]:
    languages = tuple(f"{sister.language}." for sister in flow.sisters)
    keys = [key[3:] if key.startswith(languages) else key for key in held.path]
    yield from keys
    steps = [key for key in keys if "." not in key]
    yield from (f"{one} > {other}" for one, other in pairwise(steps))
    yield from (f"{question_id} passed over" for question_id in held.passed_over)
    yield from (f"{mark.question_id} marked" for mark in held.knock_outs)


def _places(flow: Flow) -> Iterator[Place]:
    """Every place of a flow. What else flows come to offer belongs here."""
    before = ""
    for question in flow.questions:
        reached_by = f"a candidate who is still there after `{before}`" if before else "a candidate who agrees to begin"
        yield Place(Part.QUESTION, question.id, question.ask, reached_by)
        for follow_up in question.follow_ups:
            key = f"{question.id}.{follow_up.id}"
            yield Place(Part.FOLLOW_UP, key, follow_up.ask, _condition(question, follow_up))
        yield from _branches(question)
        before = question.id


def _branches(question: Question) -> Iterator[Place]:
    for rule in rules(question):
        yield Place(Part.BRANCH, f"{question.id} > {rule.to}", question.ask, _answer(question, rule))
    if question.skip_when or question.depth:
        when = [condition(question.skip_when)] if question.skip_when else []
        if question.depth:
            when.append(f"the interview is not {question.depth.value}")
        yield Place(Part.BRANCH, f"{question.id} passed over", question.ask, f"a call where {' or '.join(when)}")
    if question.knock_out:
        takes = _answer(question, question.knock_out)
        yield Place(Part.BRANCH, f"{question.id} marked", question.knock_out.note, takes)


def _answer(question: Question, rule: AnswerIs) -> str:
    what = condition(rule).replace("the answer ", "")
    return f"an answer to `{question.id}`{f' that {what}' if what else ''}"


def _condition(question: Question, follow_up: FollowUp) -> str:
    if not question.max_follow_ups:
        return f"a larger `max_follow_ups` of `{question.id}`, which is 0"
    takes = f"an answer to `{question.id}` with {asked_when(follow_up)}"
    sooner = question.follow_ups[: question.follow_ups.index(follow_up)]
    if len(sooner) < question.max_follow_ups:
        return takes
    others = ", ".join(f"`{other.id}`" for other in sooner)
    most = question.max_follow_ups
    return f"{takes}, and room for it: {others} may come first, and `max_follow_ups` is {most}"
