"""When each word was spoken: the recogniser's attention says roughly, the audio's own pauses say exactly.

Attention cannot place a boundary inside a pause, and often leaves a word before its last syllable. So each word is put
into one stretch of sound; the first and the last word of a stretch begin and end with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.speech.pcm import LEVEL_FRAME_MS, Samples, levels_db

PAUSE_MS = 200
"""Shorter silences are closures inside a word, such as before its t or k."""
QUIET_DB = 30.0
"""What lies this far below the loud part of the speech is a pause."""
LONGEST_MEND_MS = 400
"""Attention is seldom further off; what sounds before or after that is not the word."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word with its times from the start of the audio."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound between two pauses."""

    start_ms: int
    end_ms: int

    def overlap_ms(self, word: Spoken) -> int:
        return min(self.end_ms, word.end_ms) - max(self.start_ms, word.start_ms)


def settle(words: Sequence[Spoken], samples: Samples, rate_hz: int) -> tuple[Spoken, ...]:
    """The words without the pauses around them, in order, inside the audio and not overlapping."""
    stretches = tuple(_stretches(levels_db(samples, rate_hz)))
    places = [_place(word, stretches) for word in words]
    length_ms = len(samples) * 1000 // rate_hz
    settled: list[Spoken] = []
    earliest_ms = 0
    for i, (word, place) in enumerate(zip(words, places, strict=True)):
        start_ms, end_ms = word.start_ms, word.end_ms
        if place:
            is_first = i == 0 or places[i - 1] != place
            is_last = i == len(words) - 1 or places[i + 1] != place
            start_ms = max(start_ms - (LONGEST_MEND_MS if is_first else 0), place.start_ms)
            end_ms = min(end_ms + (LONGEST_MEND_MS if is_last else 0), place.end_ms)
        start_ms = min(max(start_ms, earliest_ms), length_ms)
        earliest_ms = min(max(end_ms, start_ms), length_ms)
        settled.append(Spoken(word.text, start_ms, earliest_ms))
    return tuple(settled)


def _place(word: Spoken, stretches: Sequence[Stretch]) -> Stretch | None:
    """The stretch that holds most of the word; None when it lies in a pause."""
    best = max(stretches, key=lambda stretch: stretch.overlap_ms(word), default=None)
    return best if best and best.overlap_ms(word) > 0 else None


def _stretches(levels: Samples) -> Iterator[Stretch]:
    """Sound is what is louder than a threshold between the quiet and the loud part, so that noise is a pause too."""
    if not len(levels):
        return
    quiet, loud = np.percentile(levels, (10, 95))
    sounding = np.flatnonzero(levels > max(loud - QUIET_DB, quiet + 0.3 * (loud - quiet)))
    if not len(sounding):
        return
    for run in np.split(sounding, np.flatnonzero(np.diff(sounding) > PAUSE_MS // LEVEL_FRAME_MS) + 1):
        yield Stretch(int(run[0]) * LEVEL_FRAME_MS, (int(run[-1]) + 1) * LEVEL_FRAME_MS)
