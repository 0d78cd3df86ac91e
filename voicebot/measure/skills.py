"""How well skill tags agree with labels: precision, recall and F1 over answers that people have labelled."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.dialog import Answer, AnswerPart
from models.errors import InvalidFile, Problem, UsageError
from models.speech import Utterance
from scoring.embedder import Embedder
from scoring.skills import VERSION, canonical, skill_tags
from voicebot.measure.figures import spread

LANGUAGES = ("en", "zh")
MOST_BYTES = 50_000_000
MS_PER_CHARACTER = 70
"""About as fast as people talk; tags do not depend on it."""
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    line: int
    """In the file, from 1."""
    language: str
    text: str
    skills: frozenset[str]
    """By the names of the table, where it has one."""
    expects: tuple[str, ...] = ()
    """Names that the question listens for, said or not."""


@dataclass(frozen=True, slots=True)
class Tagged:
    answer: LabelledAnswer
    found: frozenset[str]
    took_ms: float

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(sorted(self.answer.skills - self.found))

    @property
    def extra(self) -> tuple[str, ...]:
        return tuple(sorted(self.found - self.answer.skills))

    def to_json(self) -> dict[str, Any]:
        return {
            "line": self.answer.line,
            "language": self.answer.language,
            "text": self.answer.text,
            "missed": list(self.missed),
            "extra": list(self.extra),
        }


@dataclass(frozen=True, slots=True)
class SkillsReport:
    tagger: str
    tagged: tuple[Tagged, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({each.answer.language for each in self.tagged}))

    @property
    def wrong(self) -> tuple[Tagged, ...]:
        """Answers whose tags are not exactly the labels."""
        return tuple(each for each in self.tagged if each.missed or each.extra)

    def agreement(self, language: str | None = None) -> dict[str, float | int]:
        """Micro-averaged: every label and every tag counts the same. A share of nothing is 1."""
        chosen = [each for each in self.tagged if language in (None, each.answer.language)]
        right = sum(len(each.answer.skills & each.found) for each in chosen)
        found = sum(len(each.found) for each in chosen)
        labelled = sum(len(each.answer.skills) for each in chosen)
        return {
            "precision": round(right / found, 4) if found else 1.0,
            "recall": round(right / labelled, 4) if labelled else 1.0,
            "f1": round(2 * right / (found + labelled), 4) if found + labelled else 1.0,
            "labels": labelled,
            "tags": found,
            "answers": len(chosen),
        }

    def to_json(self) -> dict[str, Any]:
        took = spread([each.took_ms for each in self.tagged])
        assert took is not None
        return {
            "tagger": self.tagger,
            **self.agreement(),
            "languages": {language: self.agreement(language) for language in self.languages},
            "ms_per_answer": took.to_json(),
            "misses": [each.to_json() for each in self.wrong],
        }


def load(path: Path) -> tuple[LabelledAnswer, ...]:
    """A file with one JSON object a line: `language`, `text`, `skills`. Raises InvalidFile naming each line to mend,
    UsageError when the file cannot be read."""
    problems: list[Problem] = []
    answers: list[LabelledAnswer] = []
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if line.strip():
            try:
                answers.append(_answer(number, line))
            except ValueError as error:
                problems.append(Problem(str(path), number, 1, str(error)))
    if not answers and not problems:
        problems.append(Problem(str(path), 0, 0, f"there is no labelled answer in it; {_SHAPE}"))
    if problems:
        raise InvalidFile(tuple(problems[:_MOST_PROBLEMS]))
    return tuple(answers)


_SHAPE = 'each line must be like {"language": "en", "text": "I use Python.", "skills": ["Python"]}'


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES:,} bytes; split it into several files")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: the file of labelled answers cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text; save it as UTF-8") from error


def _answer(number: int, line: str) -> LabelledAnswer:
    """Raises ValueError with what must be mended."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this line is not JSON; {_SHAPE}") from error
    if not isinstance(entry, dict):
        raise ValueError(f"this line is not a JSON object; {_SHAPE}")
    if missing := [key for key in ("language", "text", "skills") if key not in entry]:
        raise ValueError(f"{', '.join(f'`{key}`' for key in missing)} is missing; {_SHAPE}")
    language, text, skills = entry["language"], entry["text"], entry["skills"]
    if language not in LANGUAGES:
        raise ValueError(f"`language` must be one of: {', '.join(LANGUAGES)}")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("`text` must be what was said, in quotes")
    if not isinstance(skills, list) or not all(isinstance(skill, str) and skill.strip() for skill in skills):
        raise ValueError("`skills` must be a list of names in quotes, [] where there are none")
    expects = entry.get("expects", [])
    if not isinstance(expects, list) or not all(isinstance(name, str) and name.strip() for name in expects):
        raise ValueError("`expects` must be a list of names in quotes; leave it out where nothing is listened for")
    return LabelledAnswer(number, language, text, frozenset(map(canonical, skills)), tuple(expects))


def measure(
    answers: Sequence[LabelledAnswer], embedder: Embedder, on_answer: Callable[[], None] = lambda: None
) -> SkillsReport:
    """Tag every answer, one at a time. The first is tagged once more beforehand, to warm up."""
    skill_tags([_as_answer(answers[0])], embedder)
    return SkillsReport(f"{VERSION} {embedder.name}", tuple(_tagged(answers, embedder, on_answer)))


def _tagged(answers: Sequence[LabelledAnswer], embedder: Embedder, on_answer: Callable[[], None]) -> Iterator[Tagged]:
    for labelled in answers:
        answer = _as_answer(labelled)
        began = time.perf_counter()
        tags = skill_tags([answer], embedder)
        took_ms = (time.perf_counter() - began) * 1000
        on_answer()
        yield Tagged(labelled, frozenset(tag.name for tag in tags), took_ms)


def _as_answer(labelled: LabelledAnswer) -> Answer:
    end_ms = MS_PER_CHARACTER * len(labelled.text)
    utterance = Utterance(labelled.text, 0, end_ms, language=labelled.language)
    return Answer(str(labelled.line), "", (AnswerPart(utterance),))
