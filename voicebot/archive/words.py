"""The words by which a text is found again, in English and Mandarin. Pure.

English words are lower case and without their plural's ending. Chinese is written without spaces, so every character
and every pair of neighbours is a word: 分布式 is found by 分布 as well as by 布.
"""

import re
import unicodedata
from itertools import pairwise

from voicebot.speech.chinese import simplified

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+[+#]*")
"""Characters in a row, or a word; "C++" and "C#" are words."""
_IS_HAN = re.compile(rf"[{_HAN}]")


def words(text: str) -> frozenset[str]:
    """What the index keeps of a text."""
    found: set[str] = set()
    for run in _runs(text):
        found |= set(_pairs(run)) | set(run) if _IS_HAN.match(run) else {_singular(run)}
    return frozenset(found)


def sought(query: str) -> frozenset[str]:
    """What the index must have for a text to match: single characters only where the query has no longer word."""
    found: set[str] = set()
    for run in _runs(query):
        found |= (set(_pairs(run)) or {run}) if _IS_HAN.match(run) else {_singular(run)}
    return frozenset(found)


def phrases(query: str) -> tuple[str, ...]:
    """What must stand in a text word for word: what the query has in quotes, and its Chinese runs."""
    quoted = [part for part in re.findall(r'["“”「]([^"“”「」]+)["“”」]', query) if part.strip()]
    return tuple(plain(part) for part in (*quoted, *(run for run in _runs(query) if _IS_HAN.match(run))))


def plain(text: str) -> str:
    """A text as phrases are looked for in it: its words in lower case, with one space between them."""
    return " ".join(_runs(text))


def dialled(number: str) -> str:
    """A phone number as it is looked up: without what is only there to be read."""
    figures = "".join(sign for sign in unicodedata.normalize("NFKC", number) if sign.isdecimal() or sign == "+")
    return figures if figures.strip("+") else number


def _runs(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text)
    if _IS_HAN.search(text):
        (text,) = simplified((text,))
    return _RUN.findall(text.casefold())


def _pairs(run: str) -> list[str]:
    return [a + b for a, b in pairwise(run)]


def _singular(word: str) -> str:
    """Harman's S-stemmer (How effective is suffixing?, JASIS 42, 1991), the first rule that fits; short names such as
    AWS and JS stay whole."""
    if len(word) < 4:
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word
