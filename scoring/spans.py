"""An answer cut into spans: clauses and runs of neighbouring ones, verbatim, each with its place in the recording."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from models.dialog import Answer
from models.speech import Utterance
from scoring.cues import HAN, cues

_UNIT = re.compile(rf"[{HAN}]|[^\W{HAN}](?:[^\W{HAN}]|(?<=\w)['’.+#/-](?=\w))*|[^\w\s]")

# A clause ends after these marks; a Latin mark only where white space follows ("0.1", "node.js" stay whole) or where it
# stands behind a Han character, as recognisers write it.
_CLAUSE_END = re.compile(rf"[。！？；，、…\n]+|[.!?;,:—–]+(?=\s|$)|(?<=[{HAN}])[.!?;,:]+|(?<=[{HAN}])\s+(?=[{HAN}])")

# Recognisers often leave out the marks: a long clause is also cut before the words that begin a new thought.
_NEW_THOUGHT = re.compile(
    r"\s(?=(?:and|but|so|because|then|after that|afterwards|in the end|instead|which|when|while|until|or)\s)"
    r"|(?=(?:然后|后来|所以|但是|不过|因为|结果|最后|接着|而且|还有|于是|原来|同时|之后|另外|我们|我先|我就|我用|我把|我自己|还把))",
    re.IGNORECASE,
)

LONG_CLAUSE = 12
"""A clause of more units than this (words, or Han characters at half a unit) is cut at the next new thought."""
LONGEST_CLAUSE = 24
"""Still longer, it is cut into equal windows of at most this many units."""
LONGEST_SPAN = 40
"""Neighbouring clauses are joined up to this many units: about fifteen seconds of speech."""
MOST_CLAUSES_IN_SPAN = 3
AROUND = 2
"""Clauses on either side that count as a span's surroundings."""


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    """A verbatim substring of one utterance."""
    start_ms: int
    end_ms: int
    clauses: tuple[str, ...]
    """The clauses it is made of."""
    around: str
    """The same with two clauses on either side: what it was said in."""
    attempt_id: str | None = None
    """The call that it was said in."""


def spans(answer: Answer, most_clauses: int = MOST_CLAUSES_IN_SPAN) -> tuple[Span, ...]:
    """Every clause and every run of up to `most_clauses` neighbouring ones, in the order they were spoken."""
    found: list[Span] = []
    for part in answer.parts:
        text, clock, cut = part.utterance.text, Clock(part.utterance), clauses(part.utterance.text)
        for first, last in _runs(text, cut, most_clauses):
            start, end = cut[first][0], cut[last][1]
            around = text[cut[max(first - AROUND, 0)][0] : cut[min(last + AROUND, len(cut) - 1)][1]]
            within = tuple(text[slice(*clause)] for clause in cut[first : last + 1])
            found.append(Span(text[start:end], *clock.times(start, end), within, around, part.utterance.attempt_id))
    return tuple(found)


def units(text: str) -> float:
    """Length in words without fillers; a Han character counts half, as a Mandarin word has about two."""
    found = _UNIT.findall(cues().fillers.sub(" ", text))
    return sum(0.5 if "\u3400" <= unit[0] <= "\u9fff" else 1.0 for unit in found if unit[0].isalnum())


def clauses(text: str) -> list[tuple[int, int]]:
    """Offsets (start, end) of the clauses of `text`, in order, without overlap, none blank."""
    bounds = [0, *(match.end() for match in _CLAUSE_END.finditer(text)), len(text)]
    found: list[tuple[int, int]] = []
    for start, end in pairwise(bounds):
        for from_, to in _at_new_thoughts(text, start, end):
            found.extend(_windows(text, from_, to))
    trimmed = [_trim(text, start, end) for start, end in found]
    return [(start, end) for start, end in trimmed if units(text[start:end]) > 0]


def _runs(text: str, cut: list[tuple[int, int]], most: int) -> Iterator[tuple[int, int]]:
    """Indexes (first, last) of clauses that are short enough together to be quoted."""
    for first, (start, _) in enumerate(cut):
        yield first, first
        for last in range(first + 1, min(first + most, len(cut))):
            if units(text[start : cut[last][1]]) > LONGEST_SPAN:
                break
            yield first, last


def _at_new_thoughts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if units(text[start:end]) <= LONG_CLAUSE:
        yield start, end
        return
    for match in _NEW_THOUGHT.finditer(text, start, end):
        if units(text[start : match.start()]) >= LONG_CLAUSE / 3:
            yield start, match.start()
            start = match.start()
    yield start, end


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    length = units(text[start:end])
    if length <= LONGEST_CLAUSE:
        yield start, end
        return
    share = length / -(-length // LONGEST_CLAUSE)
    so_far = 0.0
    for match in _UNIT.finditer(text, start, end):
        if so_far >= share:
            yield start, match.start()
            start, so_far = match.start(), 0.0
        so_far += units(match.group())
    yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",.;，。；、"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:，；、：—–"):
        end -= 1
    return start, end


class Clock:
    """When each character of an utterance was spoken.

    Word times are laid on the text by searching each word in order, a little ahead of the last; words that the text
    spells differently, and utterances without word times, are interpolated.
    """

    _SEARCH = 40
    """Characters ahead in which a word is looked for."""

    def __init__(self, utterance: Utterance) -> None:
        self._first_ms = utterance.start_ms
        self._last_ms = max(utterance.start_ms, utterance.end_ms)
        self._words: list[tuple[int, int, int, int]] = []
        """Offset of its start and its end, time of its start and its end; in order."""
        plain = utterance.text.lower()
        same_length = len(plain) == len(utterance.text)
        plain = plain if same_length else utterance.text
        offset, latest = 0, self._first_ms
        for word in utterance.words:
            sought = word.text.strip()
            sought = sought.lower() if same_length else sought
            at = plain.find(sought, offset, offset + self._SEARCH + len(sought)) if sought else -1
            if at < 0:
                continue
            start_ms = min(max(word.start_ms, latest), self._last_ms)
            end_ms = min(max(word.end_ms, start_ms), self._last_ms)
            offset, latest = at + len(sought), end_ms
            self._words.append((at, offset, start_ms, end_ms))
        self._starts = [word[0] for word in self._words]
        self._length = len(utterance.text)

    def times(self, start: int, end: int) -> tuple[int, int]:
        """(start_ms, end_ms) of the characters from `start` up to but without `end`; always inside the utterance."""
        first = self._at(start, 2)
        return first, max(first, self._at(end - 1, 3))

    def _at(self, offset: int, edge: int) -> int:
        after = bisect_right(self._starts, offset)
        before = self._words[after - 1] if after else (0, 0, self._first_ms, self._first_ms)
        if after and offset < before[1]:
            return before[edge]
        following = self._words[after] if after < len(self._words) else (self._length, 0, self._last_ms, 0)
        gap = following[0] - before[1]
        share = (offset + (edge == 3) - before[1]) / gap if gap > 0 else 0.0
        return round(before[3] + min(max(share, 0.0), 1.0) * (following[2] - before[3]))
