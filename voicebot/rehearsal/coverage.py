"""What of a flow a set of rehearsals came to, and what it did not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dialog_flows.schema import Flow, FollowUp, Question
from voicebot.rehearsal.interview import Rehearsal


class Part(StrEnum):
    QUESTION = "question"
    FOLLOW_UP = "follow_up"


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


def coverage(flow: Flow, rehearsals: Iterable[Rehearsal]) -> Coverage:
    """What `rehearsals` of `flow` came to, all together, in whatever language."""
    reached = {key for rehearsal in rehearsals for key in rehearsal.path}
    languages = ("", *(f"{sister.language}." for sister in flow.sisters))
    places = tuple(_places(flow))
    missed = tuple(place for place in places if not any(language + place.key in reached for language in languages))
    return Coverage(places, missed)


def _places(flow: Flow) -> Iterator[Place]:
    """Every place of a flow. What else flows come to offer belongs here."""
    before = ""
    for question in flow.questions:
        reached_by = f"a candidate who is still there after `{before}`" if before else "a candidate who agrees to begin"
        yield Place(Part.QUESTION, question.id, question.ask, reached_by)
        for follow_up in question.follow_ups:
            key = f"{question.id}.{follow_up.id}"
            yield Place(Part.FOLLOW_UP, key, follow_up.ask, _condition(question, follow_up, flow.language))
        before = question.id


def _condition(question: Question, follow_up: FollowUp, language: str) -> str:
    if not question.max_follow_ups:
        return f"a larger `max_follow_ups` of `{question.id}`, which is 0"
    when, conditions = follow_up.when, []
    if when.no_evidence_for is not None:
        name = next(criterion.name for criterion in question.criteria if criterion.id == when.no_evidence_for)
        conditions.append(f"shows nothing of “{name}”")
    if when.shorter_than_words is not None:
        conditions.append(f"has fewer than {when.shorter_than_words} {'characters' if language == 'zh' else 'words'}")
    condition = f"an answer to `{question.id}` that {' and '.join(conditions)}"
    sooner = question.follow_ups[: question.follow_ups.index(follow_up)]
    if len(sooner) < question.max_follow_ups:
        return condition
    others = ", ".join(f"`{other.id}`" for other in sooner)
    most = question.max_follow_ups
    return f"{condition}, and that leaves room for it: {others} may come first, and `max_follow_ups` is {most}"
