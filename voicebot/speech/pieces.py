"""Cuts long audio where it is quietest, because a recogniser's window is limited."""

from collections.abc import Iterator

import numpy as np

from voicebot.speech.pcm import LEVEL_FRAME_MS, Samples, levels_db

QUIET_FRAMES = 10
"""Quietness is judged over 200 ms: a pause between words, not the closure before a consonant."""


def pieces(samples: Samples, rate_hz: int, *, longest_s: float, limit_s: float) -> Iterator[tuple[int, Samples]]:
    """`samples` in pieces, each with its offset in samples: whole up to `limit_s`, otherwise `longest_s` / 2 to
    `longest_s` long save the last, which is at most `limit_s`."""
    offset = 0
    while len(samples) - offset > limit_s * rate_hz:
        earliest, latest = (offset + int(share * longest_s * rate_hz) for share in (0.5, 1.0))
        cut = earliest + quietest(samples[earliest:latest], rate_hz)
        yield offset, samples[offset:cut]
        offset = cut
    yield offset, samples[offset:]


def quietest(samples: Samples, rate_hz: int) -> int:
    """Offset in samples of the middle of the quietest 200 ms."""
    levels = levels_db(samples, rate_hz)
    quietest = int(np.argmin(np.convolve(levels, np.ones(QUIET_FRAMES), "valid")))
    return (quietest + QUIET_FRAMES // 2) * rate_hz * LEVEL_FRAME_MS // 1000
