"""How skills are spoken of, compiled from `speech.yaml`."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from models.interview import SkillLevel

_WORD_BEGINS, _WORD_ENDS = r"(?<![A-Za-z])", r"(?![A-Za-z])"


@dataclass(frozen=True, slots=True)
class Context:
    """What makes an everyday word a name."""

    before: re.Pattern[str]
    sure_before: re.Pattern[str]
    """These words are enough, whatever is spoken of."""
    after: re.Pattern[str]
    trade: re.Pattern[str]
    before_zh: re.Pattern[str]
    after_zh: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Level:
    level: SkillLevel
    before: re.Pattern[str]
    after: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Speech:
    context: Context
    negated_before: re.Pattern[str]
    negated_after: re.Pattern[str]
    not_negated: re.Pattern[str]
    others: re.Pattern[str]
    first_person: re.Pattern[str]
    praise: re.Pattern[str]
    code_switched: re.Pattern[str]
    """English words that people say inside Mandarin and that only sound like a name."""
    levels: tuple[Level, ...]


@cache
def speech() -> Speech:
    data = yaml.safe_load((files("scoring.skills") / "speech.yaml").read_text(encoding="utf-8"))
    context, negation, others = data["context"], data["negation"], data["others"]
    return Speech(
        context=Context(
            before=_compiled(rf"{_WORD_BEGINS}(?:{context['before']})\s+$"),
            sure_before=_compiled(rf"{_WORD_BEGINS}(?:{context['sure_before']})\s+$"),
            after=_compiled(rf"\s+(?:{context['after']}){_WORD_ENDS}"),
            trade=_compiled(rf"{_WORD_BEGINS}(?:{context['trade']}){_WORD_ENDS}"),
            before_zh=_compiled(context["before_zh"]),
            after_zh=_compiled(context["after_zh"]),
        ),
        negated_before=_compiled(
            rf"{_WORD_BEGINS}(?:{negation['before']['en']})\s+$|(?:{negation['before']['zh']})[^，。！？,.!?]{{0,4}}$"
        ),
        negated_after=_compiled(
            rf"[\s,.?？]+(?:{negation['after']['en']}){_WORD_ENDS}|[\s，,。？?]*(?:{negation['after']['zh']})"
        ),
        not_negated=_compiled(f"(?:{negation['except']['en']})|(?:{negation['except']['zh']})"),
        others=_compiled(rf"{_WORD_BEGINS}(?:{others['en']}){_WORD_ENDS}|{others['zh']}"),
        first_person=_compiled(rf"{_WORD_BEGINS}{others['first_person']}{_WORD_ENDS}|{others['first_person_zh']}"),
        praise=_compiled(data["praise"]),
        code_switched=_compiled("|".join(data["code_switched"].split())),
        levels=tuple(_level(SkillLevel(name), entry) for name, entry in data["levels"].items()),
    )


def _level(level: SkillLevel, entry: dict[str, Any]) -> Level:
    return Level(
        level,
        before=_compiled(
            rf"{_WORD_BEGINS}(?:{entry['before']})\s(?:\w+ ){{0,2}}$|(?:{entry['before_zh']})[^，。！？,.!?]{{0,4}}$"
        ),
        after=_compiled(rf"\s?(?:{entry['after']}){_WORD_ENDS}|[^，。！？,.!?]{{0,2}}(?:{entry['after_zh']})"),
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
