"""The table of skills: every name and spelling that is known, ready to be looked up.

The table is data: `software.yaml`, `trades.yaml` and `soft.yaml` are our own, `gazetteer.txt` is a choice from a public
list. docs/skills.md explains their keys.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

import yaml

from models.interview import SkillKind
from scoring.cues import HAN
from scoring.skills.sounds import LEAST_CONSONANTS, Sound, consonants, initials, syllable

_TOKEN = re.compile(r"[a-z0-9]+[+#]*", re.IGNORECASE | re.ASCII)
_BETWEEN_TOKENS = re.compile(r"\s{1,3}|[-./'’&]")
"""What may stand inside a name: "node.js", "scikit-learn", "A/B test"."""
_BETWEEN_LETTERS = re.compile(r"\.\s")
"""And in a name that was spelt: "A. W. S."."""
_ALL_HAN = re.compile(rf"[{HAN}]+")
_TABLES = (("software.yaml", SkillKind.TOOL), ("trades.yaml", SkillKind.TOOL), ("soft.yaml", SkillKind.SOFT))

MOST_TOKENS = 6
"""Words in the longest name."""
LEAST_BY_SOUND = 2
"""Characters of a Mandarin spelling that is known by its sound. In the Mandarin of the flows and rehearsals that ship
and of 681 pairs of news sentences two characters (长喙) were once taken for another name (站会), and no longer ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Skill:
    name: str
    kind: SkillKind
    shown: tuple[str, ...] = ()
    """Sentences that show it, for soft skills."""
    unless: re.Pattern[str] | None = None
    """Phrases in which an everyday word never means the skill."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a piece of text stands for."""

    skill: Skill
    sure: bool
    """False for everyday words, which need context."""


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    text: str
    """In small letters."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    skills: dict[str, Skill] = field(default_factory=dict)
    latin: dict[str, Spelling] = field(default_factory=dict)
    """Names in Latin letters: small, with one space between the tokens."""
    beginnings: set[str] = field(default_factory=set)
    """Every proper beginning of a key of `latin`."""
    mandarin: dict[str, list[tuple[str, Spelling]]] = field(default_factory=dict)
    """Spellings with Han characters, longest first, by their first character."""
    sounds: dict[Sound, list[tuple[Sound, Spelling]]] = field(default_factory=dict)
    """The same as syllables, longest first, by the initials of the first two."""
    consonants: dict[str, list[tuple[str, Spelling]]] = field(default_factory=dict)
    """Single words of `latin` by how they sound without vowels."""
    phrases: list[tuple[re.Pattern[str], Spelling]] = field(default_factory=list)
    asked: dict[str, Skill] = field(default_factory=dict)
    """What a rubric may call a skill."""

    def named(self, name: str) -> Skill | None:
        """The skill that a rubric means by `name`."""
        wanted = name.strip().casefold()
        spelling = self.latin.get(" ".join(token.text for token in tokens(wanted)))
        if wanted in self.asked:
            return self.asked[wanted]
        if spelling and len(tokens(wanted)) > 0 and not _ALL_HAN.search(wanted):
            return spelling.skill
        return next((found.skill for literal, found in self.mandarin.get(wanted[:1], ()) if literal == wanted), None)


def tokens(text: str) -> list[Token]:
    """Words and numbers in Latin letters, in order."""
    return [Token(match.start(), match.end(), match.group().lower()) for match in _TOKEN.finditer(text)]


def joined(text: str, left: Token, right: Token) -> bool:
    """Whether two neighbouring tokens may belong to one name."""
    gap = text[left.end : right.start]
    spelt = len(left.text) == 1 and _BETWEEN_LETTERS.fullmatch(gap)
    return bool(spelt or _BETWEEN_TOKENS.fullmatch(gap))


@cache
def taxonomy() -> Taxonomy:
    table = Taxonomy()
    for file, kind in _TABLES:
        for name, entry in yaml.safe_load(_read(file)).items():
            _add(table, str(name), kind, entry)
    for line in _read("gazetteer.txt").splitlines():
        if line and not line.startswith("#"):
            name = line.rstrip("?")
            _add(table, name, SkillKind.TOOL, {"unsure": [name]} if line.endswith("?") else {})
    for spellings in table.mandarin.values():
        spellings.sort(key=lambda spelling: -len(spelling[0]))
    for sounds in table.sounds.values():
        sounds.sort(key=lambda sound: -len(sound[0]))
    return table


def _read(file: str) -> str:
    return (files("scoring.skills") / file).read_text(encoding="utf-8")


def _add(table: Taxonomy, name: str, kind: SkillKind, entry: dict[str, Any]) -> None:
    unless = re.compile(rf"(?<![a-z])(?:{entry['except']})", re.IGNORECASE) if "except" in entry else None
    skill = Skill(name, kind, tuple(entry.get("shown", ())), unless)
    table.skills[name] = skill
    sure, unsure = Spelling(skill, True), Spelling(skill, False)
    everyday = [str(word) for word in entry.get("unsure", ())]
    asked = [str(word).casefold() for word in entry.get("asked", ())]
    table.asked.update(dict.fromkeys([name.casefold(), *asked], skill))
    certain = [str(word) for key in ("en", "heard", "zh") for word in entry.get(key, ())]
    if name.casefold() not in {*asked, *(word.casefold() for word in everyday)}:
        certain.append(name)
    for word in certain:
        _spell(table, word, sure)
    for word in everyday:
        _spell(table, word, unsure)
    for word in entry.get("sounds", ()):
        _add_sound(table, word, sure)
    for pattern in entry.get("says", ()):
        table.phrases.append((re.compile(pattern, re.IGNORECASE), sure))


def _spell(table: Taxonomy, word: str, spelling: Spelling) -> None:
    if re.search(rf"[{HAN}]", word):
        table.mandarin.setdefault(word[0].casefold(), []).append((word.casefold(), spelling))
        if _ALL_HAN.fullmatch(word) and len(word) >= LEAST_BY_SOUND and spelling.sure:
            _add_sound(table, word, spelling)
        return
    for key in _ways_to_write([token.text for token in tokens(word)]):
        table.latin.setdefault(key, spelling)
        if key.isalpha() and spelling.sure and len(sound := consonants(key)) >= LEAST_CONSONANTS:
            table.consonants.setdefault(sound, []).append((key, spelling))
        parts = key.split(" ")
        table.beginnings.update(" ".join(parts[:count]) for count in range(1, len(parts)))


def _add_sound(table: Taxonomy, word: str, spelling: Spelling) -> None:
    sound = tuple(map(syllable, word))
    table.sounds.setdefault(initials(sound), []).append((sound, spelling))


def _ways_to_write(words: Sequence[str]) -> Iterator[str]:
    """A name of several words may be written together: "java script", "javascript"."""
    for gaps in product((" ", ""), repeat=len(words) - 1):
        yield "".join(_interleaved(words, gaps))


def _interleaved(words: Sequence[str], gaps: Iterable[str]) -> Iterator[str]:
    yield words[0]
    for gap, word in zip(gaps, words[1:], strict=True):
        yield gap + word
