"""PCM as numbers: from and to 16-bit samples, from one rate to another, and how loud it is."""

import itertools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import soxr

from models.audio import AudioChunk

Samples = npt.NDArray[np.float32]
"""Mono samples in -1..1."""

LEVEL_FRAME_MS = 20


def to_samples(audio: AudioChunk, rate_hz: int) -> Samples:
    """The audio's samples, resampled to `rate_hz`."""
    samples: Samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / np.float32(32768)
    return resample(samples, audio.rate_hz, rate_hz)


def to_pcm(samples: Samples) -> bytes:
    """16-bit little-endian; what is outside -1..1 is clipped."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    if from_hz == to_hz or not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)


def levels_db(samples: Samples, rate_hz: int) -> Samples:
    """RMS in dBFS of each whole 20 ms, -100 for digital silence."""
    size = rate_hz * LEVEL_FRAME_MS // 1000
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.mean(np.square(frames), axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)), np.float32)


def speech_rms(samples: Samples, rate_hz: int) -> float:
    """RMS of the loud part, that is without the pauses: of the 20 ms frames within 30 dB of the loudest."""
    levels = levels_db(samples, rate_hz)
    if not len(levels):
        return 0.0
    loud = levels[levels >= levels.max() - 30]
    return float(np.sqrt(np.mean(np.power(10.0, loud / 10))))


def trimmed(samples: Samples, rate_hz: int, before_ms: int, after_ms: int) -> Samples:
    """Without the silence around speech, save `before_ms` and `after_ms` of it (added where it lacks)."""
    levels = levels_db(samples, rate_hz)
    before, after = (np.zeros(rate_hz * ms // 1000, np.float32) for ms in (before_ms, after_ms))
    if not len(levels):
        return np.concatenate([before, after])
    frame = rate_hz * LEVEL_FRAME_MS // 1000
    sounding = np.flatnonzero(levels >= levels.max() - 40)  # the breath and the s of a word's end are 30 dB down
    return np.concatenate([before, samples[sounding[0] * frame : (sounding[-1] + 1) * frame], after])


def paced(samples: Samples, rate_hz: int, longest_ms: int) -> Samples:
    """With no pause inside that is longer than `longest_ms`: the middle of those that are is taken out."""
    levels = levels_db(samples, rate_hz)
    if not len(levels):
        return samples
    frame, longest = rate_hz * LEVEL_FRAME_MS // 1000, longest_ms // LEVEL_FRAME_MS
    sounding = np.flatnonzero(levels >= levels.max() - 40)
    keep = np.ones(len(samples), np.bool_)
    for before, after in itertools.pairwise(sounding):
        if after - before - 1 > longest:
            keep[(before + 1 + longest // 2) * frame : (after - longest + longest // 2) * frame] = False
    return samples[keep]


SENTENCE_PAUSE_MS = 300
"""Between the sentences of one line: heard as a new sentence, and not as the end of a turn."""


def joined(sentences: Iterable[Samples], rate_hz: int) -> Samples:
    """Sentences as one line, with the same pause between any two."""
    half_ms = SENTENCE_PAUSE_MS // 2
    return np.concatenate([np.zeros(0, np.float32), *(trimmed(s, rate_hz, half_ms, half_ms) for s in sentences)])
