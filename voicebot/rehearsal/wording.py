"""Makes answers from what a flow asks for, for personas that know no flow beforehand.

`{points}` in a persona's answer becomes the rubric points of the question, each as a sentence in the first person with
a number or a reason; `{first_points}` those of its first criterion alone; `{subjects}` names two of its skills, or
criteria, and says nothing about them; `{first_option}` and `{last_option}` choose among a question's options. The
wording is data, in `library/wording.yaml`. It is as wooden as it sounds: it sounds out a flow's paths, and no figure
about the scorer may be taken from it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from dialog_flows.schema import Criterion, FollowUp, Question

PLACEHOLDERS = ("points", "first_points", "subjects", "first_option", "last_option")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def fill(text: str, question: Question | None, follow_up: FollowUp | None, language: str) -> str:
    """`text` with its placeholders replaced for a question, or for one of its follow-ups: that asks for the criterion
    which it misses. What is no placeholder stays as it is."""
    wording = _wording(language)
    criteria = question.criteria if question else ()
    missed = tuple(criterion for criterion in criteria if follow_up and criterion.id == follow_up.when.no_evidence_for)
    asked_for = missed or criteria

    def value(match: re.Match[str]) -> str:
        match match[1]:
            case "points":
                return wording.points(asked_for)
            case "first_points":
                return wording.points(asked_for[:1])
            case "subjects":
                return wording.subjects(asked_for, question.skills if question else ())
            case "first_option" | "last_option" if question and question.options:
                return question.options[0 if match[1] == "first_option" else -1].says[0]
        return match[0]

    return PLACEHOLDER.sub(value, text)


@dataclass(frozen=True, slots=True)
class _Wording:
    """One language's way from a point to a sentence."""

    language: str
    tells: re.Pattern[str]
    examples: re.Pattern[str]
    first_person: tuple[tuple[re.Pattern[str], str], ...]
    statement: str
    clause: str
    told: str
    tails: tuple[str, ...]
    nothing_asked: str
    """What is said where a question has no criteria."""
    conjunction: str
    that: str

    def points(self, criteria: Iterable[Criterion]) -> str:
        points = [point for criterion in criteria for point in criterion.points]
        sentences = [self._sentence(point, self.tails[n % len(self.tails)]) for n, point in enumerate(points)]
        return ("" if self.language == "zh" else " ").join(sentences) or self.nothing_asked

    def subjects(self, criteria: Iterable[Criterion], skills: tuple[str, ...]) -> str:
        names = skills or tuple(criterion.name for criterion in criteria)
        return self.conjunction.join(names[:2]) or self.that

    def _sentence(self, point: str, tail: str) -> str:
        point = self.examples.sub("", point.strip().rstrip(".。")) or point
        telling = self.tells.match(point)
        about = point[telling.end() :].strip() if telling else ""
        own = about or point
        for pattern, replacement in self.first_person:
            own = pattern.sub(replacement, own)
        frame = self.statement if not about else self.told
        if own.startswith("I "):
            frame = self.clause
        return frame.replace("{point}", own).replace("{tail}", tail)


@cache
def _wording(language: str) -> _Wording:
    text = (files("voicebot.rehearsal") / "library" / "wording.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)[language]
    words = r"(?:{})" if language == "zh" else r"\b(?:{})\b"
    return _Wording(
        language=language,
        tells=re.compile(words.format(data["tells"]), re.IGNORECASE),
        examples=re.compile(data["examples"], re.IGNORECASE),
        first_person=tuple((re.compile(words.format(one)), other) for one, other in data["first_person"]),
        statement=data["statement"],
        clause=data["clause"],
        told=data["told"],
        tails=tuple(data["tails"]),
        nothing_asked=data["nothing_asked"],
        conjunction=data["and"],
        that=data["that"],
    )
