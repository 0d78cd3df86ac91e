"""Skill tags: which skills the candidate says they have, in whose words, and for how many years.

Names and aliases are data, in `skills.yaml`, recognisers' misspellings included. Skills that a rubric expects and the
table does not know by name, and soft skills, are also found by meaning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from models.dialog import Answer, AnswerStatus
from models.interview import SkillKind, SkillTag
from scoring.cues import HAN, cues
from scoring.embedder import Embedder
from scoring.spans import Span, spans, units

VERSION = "skills/1"

SAME_MEANING = 0.55
"""Cosine from which a clause means an expected skill. With the default encoder, clauses that meant the soft skill had
0.48 to 0.70 and clauses that meant another one up to 0.52 (about ten of each); set on the strict side."""

YEARS_WITHIN = 30
"""Characters between a skill and the years said with it, at most."""


@dataclass(frozen=True, slots=True)
class Skill:
    name: str
    kind: SkillKind
    certain: re.Pattern[str]
    """Spellings that always mean the skill."""
    ambiguous: re.Pattern[str] | None
    """Spellings that are everyday words too."""
    unless: re.Pattern[str] | None
    """Phrases in which the ambiguous spelling never means the skill."""


@dataclass(frozen=True, slots=True)
class _Mention:
    skill: Skill
    start: int
    end: int

    def covers(self, other: "_Mention") -> bool:
        """True for a longer name around a shorter one: "JavaScript" around "Java"."""
        longer = self.end - self.start > other.end - other.start
        return longer and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class _Taxonomy:
    skills: tuple[Skill, ...]
    before: re.Pattern[str]
    after: re.Pattern[str]
    domain: re.Pattern[str]
    negated_before: re.Pattern[str]
    negated_after: re.Pattern[str]
    not_negated: re.Pattern[str]

    def named(self, name: str) -> Skill | None:
        """The skill that a rubric means by `name`."""
        for skill in self.skills:
            if skill.name.casefold() == name.strip().casefold() or skill.certain.fullmatch(name.strip()):
                return skill
        return None


def skill_tags(
    answers: Sequence[Answer], embedder: Embedder, expected_skills: Sequence[str] = ()
) -> tuple[SkillTag, ...]:
    """One tag for each skill, in the order they were first spoken of.

    The quote is the clause that names the skill: the first, or the first that also says for how many years. A clause
    that takes the skill back ("I have never used Go") gives no tag.
    """
    said = [
        (answer.question_id, span)
        for answer in answers
        if answer.status is AnswerStatus.ANSWERED
        for span in spans(answer, most_clauses=1)
    ]
    tags: dict[str, SkillTag] = {}
    for question_id, span, mention in _claimed(said):
        skill = mention.skill
        tag = _tag(skill.name, skill.kind, question_id, span, _years(span.text, mention))
        known = tags.setdefault(skill.name, tag)
        if known.years is None and tag.years is not None:
            tags[skill.name] = tag
    for tag in _by_meaning(said, embedder, expected_skills, frozenset(tags)):
        tags[tag.name] = tag
    return tuple(tags.values())


def canonical(name: str) -> str:
    """The taxonomy's name for a skill, or the name itself where the taxonomy has none."""
    skill = _taxonomy().named(name)
    return skill.name if skill else name.strip()


def _tag(name: str, kind: SkillKind, question_id: str, span: Span, years: float | None = None) -> SkillTag:
    return SkillTag(name, kind, span.text, question_id, span.start_ms, span.end_ms, years)


def _claimed(said: Sequence[tuple[str, Span]]) -> Iterator[tuple[str, Span, _Mention]]:
    """Every mention that the candidate does not take back, in the order they were spoken."""
    taken_back = False
    gap = ""
    """What was said since the last mention."""
    for question_id, span in said:
        last = 0
        for mention in _mentions(span):
            gap += span.text[last : mention.start]
            taken_back = _negated(span, mention) or (taken_back and bool(_LISTED.fullmatch(gap)))
            gap, last = "", mention.end
            if not taken_back:
                yield question_id, span, mention
        gap += span.text[last:] + ", "


def _mentions(span: Span) -> list[_Mention]:
    """Skills named in the clause, in order; of overlapping names the longest."""
    found = _certain_mentions(span.text)
    around = [(mention.start, mention.end) for mention in _certain_mentions(span.around)]
    offset = span.around.index(span.text)
    candidates = [
        (match, skill)
        for skill in _taxonomy().skills
        if skill.ambiguous
        for match in skill.ambiguous.finditer(span.around, offset, offset + len(span.text))
        if not any(start <= match.start() < end for start, end in around)
    ]
    for match, skill in sorted(candidates, key=lambda candidate: candidate[0].start()):
        if _meant(skill, match, span.around, around):
            around.append(match.span())
            found.append(_Mention(skill, match.start() - offset, match.end() - offset))
    return sorted(found, key=lambda mention: mention.start)


def _certain_mentions(text: str) -> list[_Mention]:
    found = [
        _Mention(skill, match.start(), match.end())
        for skill in _taxonomy().skills
        for match in skill.certain.finditer(text)
    ]
    return [mention for mention in found if not any(other.covers(mention) for other in found)]


_LISTED = re.compile(r"[\s,、，/]*(?:(?:and|or|plus|like|in)(?=\s)|和|跟|或者?|以及)?[\s,、，/]*")
"""What may stand between two names of a list."""


def _meant(skill: Skill, match: re.Match[str], text: str, others: Sequence[tuple[int, int]]) -> bool:
    """Whether an everyday word stands for the skill in `text`, the clause and its neighbours."""
    if skill.unless and any(found.start() <= match.start() < found.end() for found in skill.unless.finditer(text)):
        return False
    before, after = text[: match.start()], text[match.end() :]
    if re.search(rf"[{HAN}]\s*$", before) or re.match(rf"\s*[{HAN}]", after):
        return len(match.group()) > 1  # a Latin word inside Mandarin is said as a name
    for start, end in others:
        between = text[end : match.start()] if end <= match.start() else text[match.end() : start]
        if between and _LISTED.fullmatch(between):
            return True
    taxonomy = _taxonomy()
    cued = taxonomy.before.search(before) or taxonomy.after.match(after)
    of_the_trade = bool(others) or taxonomy.domain.search(f"{before} {after}")
    return bool(cued and of_the_trade)


def _negated(span: Span, mention: _Mention) -> bool:
    """Whether the clause takes the mention back; or the next, after a clause of the name alone ("Go? Never")."""
    taxonomy = _taxonomy()
    text = taxonomy.not_negated.sub(lambda match: "_" * len(match.group()), span.text)
    after = text[mention.end :]
    if units(text[: mention.start] + after) == 0:
        after += span.around[span.around.index(span.text) + len(span.text) :]
    return bool(taxonomy.negated_before.search(text[: mention.start]) or taxonomy.negated_after.match(after))


# Years of experience

_UP_TO_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty
"""
_ENGLISH_NUMBERS = {word: number for number, word in enumerate(_UP_TO_TWENTY.split())} | {"a": 1, "thirty": 30}
_HAN_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_YEARS = re.compile(
    rf"""
    \b(?P<en>\d{{1,2}}(?:\.\d)?|{"|".join(_ENGLISH_NUMBERS)})(?P<half_en>\sand\sa\shalf)?
    (?:\s?\+|\splus|\sor\sso)?[\s-](?:more\s)?years?(?P<half_after>\sand\sa\shalf)?\b(?!\s(?:ago|old|later|before))
    |
    (?P<zh>\d{{1,2}}(?:\.\d)?|[一二两三四五六七八九]?十?[一二三四五六七八九]?|半)(?:多|几)?年(?P<half_zh>半)?(?![前级底初轻代后])
    """,
    re.IGNORECASE | re.VERBOSE,
)


def _years(text: str, mention: _Mention) -> float | None:
    """The years said nearest to the skill in the same clause, unless another skill stands between."""
    nearest: tuple[int, float] | None = None
    for match in _YEARS.finditer(text):
        years = _number(match)
        gap = mention.start - match.end() if match.end() <= mention.start else match.start() - mention.end
        if years is not None and 0 <= gap <= YEARS_WITHIN and (nearest is None or gap < nearest[0]):
            nearest = (gap, years)
    return nearest[1] if nearest else None


def _number(match: re.Match[str]) -> float | None:
    half = 0.5 if match["half_en"] or match["half_after"] or match["half_zh"] else 0.0
    if english := match["en"]:
        word = english.lower()
        return (float(word) if word[0].isdigit() else float(_ENGLISH_NUMBERS[word])) + half
    chinese = match["zh"]
    if not chinese:
        return None
    if chinese == "半":
        return 0.5
    if chinese[0].isdigit():
        return float(chinese) + half
    tens, ten, ones = chinese.rpartition("十")
    value = _HAN_DIGITS.get(tens, 1) * 10 if ten else 0
    return value + _HAN_DIGITS.get(ones, 0) + half


# Skills by meaning


def _by_meaning(
    said: Sequence[tuple[str, Span]], embedder: Embedder, expected: Sequence[str], known: frozenset[str]
) -> Iterator[SkillTag]:
    """Expected skills that nobody named and somebody described. Tools are only ever found by name."""
    sought: list[str] = []
    for name in dict.fromkeys(map(canonical, expected)):
        skill = _taxonomy().named(name)
        if name not in known and (skill is None or skill.kind is SkillKind.SOFT):
            sought.append(name)
    told = [
        (question_id, span)
        for question_id, span in said
        if not cues().evasive.search(span.text) and not cues().general.search(span.text)
    ]
    if not sought or not told:
        return
    likeness = embedder.embed(sought) @ embedder.embed([cues().plain(span.text) for _, span in told]).T
    for name, row in zip(sought, likeness, strict=True):
        best = int(row.argmax())
        if row[best] >= SAME_MEANING:
            question_id, span = told[best]
            yield _tag(name, SkillKind.SOFT, question_id, span)


# The table


@cache
def _taxonomy() -> _Taxonomy:
    data = yaml.safe_load((files("scoring") / "skills.yaml").read_text(encoding="utf-8"))
    context, negation = data["context"], data["negation"]
    return _Taxonomy(
        skills=tuple(_skill(name, kind, entry) for kind in SkillKind for name, entry in data[kind.value].items()),
        before=re.compile(rf"(?<![A-Za-z])(?:{context['before']})\s+$", re.IGNORECASE),
        after=re.compile(rf"\s+(?:{context['after']})(?![A-Za-z])", re.IGNORECASE),
        domain=re.compile(rf"(?<![A-Za-z])(?:{context['domain']})(?![A-Za-z])", re.IGNORECASE),
        negated_before=re.compile(
            rf"(?<![A-Za-z])(?:{negation['before']['en']})\s+$|(?:{negation['before']['zh']})[^，。,]{{0,4}}$",
            re.IGNORECASE,
        ),
        negated_after=re.compile(
            rf"[\s,.?？]+(?:{negation['after']['en']})(?![A-Za-z])|[\s，,。？?]*(?:{negation['after']['zh']})",
            re.IGNORECASE,
        ),
        not_negated=re.compile(rf"(?:{negation['except']['en']})|(?:{negation['except']['zh']})", re.IGNORECASE),
    )


def _skill(name: str, kind: SkillKind, entry: dict[str, Any]) -> Skill:
    strict = entry.get("context") == "strict"
    english = [*entry.get("heard", []), *entry.get("certain", [])]
    if not strict:
        english += [re.escape(name).replace(r"\ ", " "), *entry.get("en", [])]
    return Skill(
        name,
        kind,
        certain=_spellings(english, entry.get("zh", [])),
        ambiguous=_spellings(entry.get("en", []), []) if strict and entry.get("en") else None,
        unless=_spellings([entry["unless"]], []) if "unless" in entry else None,
    )


def _spellings(english: Sequence[str], chinese: Sequence[str]) -> re.Pattern[str]:
    ways = [rf"(?<![A-Za-z0-9_])(?:{'|'.join(english)})(?![A-Za-z0-9_+#])".replace(" ", r"[\s.-]*")] if english else []
    return re.compile("|".join([*ways, *chinese]) or r"(?!)", re.IGNORECASE)
