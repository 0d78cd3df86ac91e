"""How names sound, so that they are known in what a recogniser wrote in their place.

Three rules, all general. A Mandarin name counts where the same syllables stand. From LEAST_WITH_SLIP characters on one
syllable may differ in its final ("消息堆脸", 消息队列). A name of two only counts where the two characters belong to no
word and are not both said all the time ("环存", 缓存). A Latin name inside Mandarin counts where the consonants are the
same ("Larvel", Laravel).
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from jellyfish import jaro_winkler_similarity, metaphone
from rjieba import Jieba

from models import pinyin

Sound = tuple[str, ...]
"""Syllables of Han characters."""

LEAST_WITH_SLIP = 4
SAID_ALL_THE_TIME = 10_000
"""How often a character is a word of its own in the counts of jieba: 我 328,841 times, 环 4,067. Two more frequent
ones in a row are everyday talk."""
LEAST_CONSONANTS = 4
"""Of fewer, too many English words have the same: "table" and Tableau, "train" and Trino."""
ALIKE = 0.75
"""Least Jaro-Winkler similarity of the letters."""

_INITIAL = re.compile(r"[bpmfdtnlgkhjqxzcsryw]?")


@lru_cache(maxsize=16_384)
def syllable(character: str) -> str:
    """How a Han character sounds, without tone and without what many speakers and recognisers confuse (zh and z, ng and
    n), so that homophones are equal."""
    return re.sub(r"ng$", "n", re.sub(r"^([zcs])h", r"\1", pinyin.syllable(character)))


def initials(sound: Sequence[str]) -> Sound:
    """What the first two syllables begin with."""
    return tuple(_initial(each) for each in sound[:2])


def same(heard: Sound, name: Sound) -> bool:
    """The same syllables, but for one final in a long name."""
    if len(heard) != len(name):
        return False
    slips = [(one, other) for one, other in zip(heard, name, strict=True) if one != other]
    if len(slips) > (len(name) >= LEAST_WITH_SLIP):
        return False
    return all(_initial(one) == _initial(other) != "" for one, other in slips)


def strays(run: str) -> frozenset[int]:
    """Offsets in a run of Han characters where two stand that belong to no word, not both of them frequent."""
    found, at = set(), 0
    words = _dictionary().cut(run, False)
    for left, right in pairwise(words):
        if len(left) == len(right) == 1 and min(map(_frequency, left + right)) <= SAID_ALL_THE_TIME:
            found.add(at)
        at += len(left)
    return frozenset(found)


def consonants(word: str) -> str:
    """How a Latin word sounds without its vowels, as Mandarin speakers say it: th is s."""
    return metaphone(word).replace("0", "S")


def alike(one: str, other: str) -> float:
    """How many letters two words share and how early, 0 to 1 (Jaro and Winkler)."""
    return jaro_winkler_similarity(one, other)


@lru_cache(maxsize=2048)
def _initial(plain: str) -> str:
    found = _INITIAL.match(plain)
    return found.group() if found else ""


@cache
def _dictionary() -> Jieba:
    return Jieba()


@lru_cache(maxsize=16_384)
def _frequency(character: str) -> int:
    return _dictionary().suggest_freq(character)
