"""When each word was spoken: the recogniser's attention says roughly, the audio's own pauses say exactly.

Attention cannot place a boundary inside a pause: a word beside one may be given all of it. So each word keeps only the
longest stretch of sound within its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.speech.pcm import LEVEL_FRAME_MS, Samples, levels_db

PAUSE_FRAMES = 10
"""200 ms; shorter silences are closures inside a word, such as before its t or k."""
QUIET_DB = 30.0
"""What lies this far below the loud part of the speech is a pause."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word with its times from the start of the audio."""

    text: str
    start_ms: int
    end_ms: int


def settle(words: Sequence[Spoken], samples: Samples, rate_hz: int) -> tuple[Spoken, ...]:
    """The words without the pauses around them, in order, inside the audio and not overlapping."""
    sounding = _sounding(levels_db(samples, rate_hz))
    length_ms = len(samples) * 1000 // rate_hz
    settled: list[Spoken] = []
    earliest_ms = 0
    for word in words:
        start_ms, end_ms = _longest_sound(sounding, word.start_ms, word.end_ms)
        start_ms = min(max(start_ms, earliest_ms), length_ms)
        earliest_ms = min(max(end_ms, start_ms), length_ms)
        settled.append(Spoken(word.text, start_ms, earliest_ms))
    return tuple(settled)


def _sounding(levels: Samples) -> Sequence[bool]:
    """Whether each 20 ms sound: above a threshold between the quiet and the loud part, so that noise is a pause too."""
    if not len(levels):
        return ()
    quiet, loud = np.percentile(levels, (10, 95))
    return tuple(levels > max(loud - QUIET_DB, quiet + 0.3 * (loud - quiet)))


def _longest_sound(sounding: Sequence[bool], start_ms: int, end_ms: int) -> tuple[int, int]:
    """The longest stretch of sound between two times, or all of it where there is none."""
    stretches: list[tuple[int, int]] = []
    for frame in range(start_ms // LEVEL_FRAME_MS, min(-(-end_ms // LEVEL_FRAME_MS), len(sounding))):
        if not sounding[frame]:
            continue
        if stretches and frame - stretches[-1][1] < PAUSE_FRAMES:
            stretches[-1] = (stretches[-1][0], frame + 1)
        else:
            stretches.append((frame, frame + 1))
    if not stretches:
        return start_ms, end_ms
    first, last = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return max(start_ms, first * LEVEL_FRAME_MS), min(end_ms, last * LEVEL_FRAME_MS)
