"""What candidates tell of their work: the project, their role, how many people, what came of it, word for word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from models.dialog import Answer
from models.interview import Experience, Told
from models.numerals import TENS, UNITS, whole_number
from scoring.skills.claims import MOST_BEFORE, Others
from scoring.skills.utterances import Clause, Said, said

_NUMBERS = rf"\d{{1,3}}|{'|'.join(sorted((*UNITS, *TENS), key=len, reverse=True))}"
_NUMBERS_ZH = r"\d{1,3}|[一二两三四五六七八九十]{1,3}"
_BEGINS_AN_ITEM = ("project", "role")
MOST_PEOPLE = 500
"""More is a company rather than a team."""


@dataclass(frozen=True, slots=True)
class _Found:
    field: str
    """Of Experience."""
    start: int
    text: str
    clause: Clause

    @property
    def told(self) -> Told:
        clause = self.clause
        return Told(self.text, clause.text, clause.start_ms, clause.end_ms, clause.attempt_id)


def experiences(answers: Sequence[Answer]) -> tuple[Experience, ...]:
    """One item for each piece of work that was told of, in the order of the telling.

    A second project or role in the same answer begins a new item. What was denied, wished for or done by somebody else
    is left out, and so is a result that belongs to nothing else.
    """
    found: dict[str, list[_Found]] = {}
    for utterance in said(answers):
        found.setdefault(utterance.clauses[0].question_id, []).extend(_found(utterance))
    return tuple(item for question_id, told in found.items() for item in _items(question_id, told))


def _items(question_id: str, told: Sequence[_Found]) -> Iterator[Experience]:
    item: dict[str, Told] = {}
    for found in told:
        known = item.get(found.field)
        if known and found.field in _BEGINS_AN_ITEM and known.text.casefold() != found.text.casefold():
            yield Experience(question_id, **item)
            item = {}
        item.setdefault(found.field, found.told)
    if item.keys() - {"result"}:
        yield Experience(question_id, **item)


def _found(utterance: Said) -> Iterator[_Found]:
    others = Others(utterance.text)
    found = [
        _Found(field, match.start(), text, utterance.clause_at(match.start(), match.end()))
        for field, patterns in _patterns().items()
        for pattern in patterns
        for match in pattern.finditer(utterance.text)
        if not others.own(match.start()) and not _denied(utterance, match.start())
        if (text := _text(field, match, utterance))
    ]
    reached = dict.fromkeys(_patterns(), 0)
    for each in sorted(found, key=lambda each: (each.start, -len(each.text))):
        if each.start >= reached[each.field]:
            reached[each.field] = each.start + len(each.text)
            yield each


def _denied(utterance: Said, at: int) -> bool:
    clause = utterance.clause_at(at, at + 1)
    before = clause.text[: max(at - clause.start, 0)]
    return bool(_unless().search(before[-MOST_BEFORE:]))


def _text(field: str, match: re.Match[str], utterance: Said) -> str:
    """What is told: the words themselves, the number of people in digits, or for a result the clause."""
    if field == "team_size":
        people = whole_number(match["count"])
        return str(people) if 1 < people <= MOST_PEOPLE else ""
    if field == "result":
        return utterance.clause_at(match.start(), match.end()).text
    return match[field].strip()


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    data = _data()
    words = {key: data[key] for key in ("project_nouns", "project_nouns_zh", "roles", "roles_zh")}
    words |= {"numbers": _NUMBERS, "numbers_zh": _NUMBERS_ZH}
    return {
        field: tuple(_compiled(pattern, words) for pattern in data[field])
        for field in ("project", "role", "team_size", "result")
    }


def _compiled(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    for name, alternatives in words.items():
        pattern = pattern.replace(f"{{{name}}}", alternatives)
    return re.compile(rf"(?<![a-z])(?:{pattern})", re.IGNORECASE)


@cache
def _unless() -> re.Pattern[str]:
    return re.compile(_data()["unless"], re.IGNORECASE)


@cache
def _data() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((files("scoring.skills") / "experience.yaml").read_text(encoding="utf-8"))
    return content
