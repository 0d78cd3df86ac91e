"""PCM as numbers: from and to 16-bit samples, from one rate to another, and how loud it is."""

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
