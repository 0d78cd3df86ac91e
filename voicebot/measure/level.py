"""How loud the line is at the phone, and where somebody begins or ends to be heard. 8 kHz PCM throughout."""

import math

import numpy as np
from numpy.typing import NDArray

from models.audio import TELEPHONE_RATE_HZ

VOICED = 0.01
"""A sample from this on is voiced (-40 dBFS): rendered speech is at -20 dBFS, with digital silence around it."""


def first_voiced_ms(pcm: bytes) -> int | None:
    """Offset of the first voiced sample, or None."""
    voiced = np.flatnonzero(_magnitudes(pcm) >= VOICED)
    return int(voiced[0]) * 1000 // TELEPHONE_RATE_HZ if len(voiced) else None


def last_voiced_ms(pcm: bytes) -> int:
    """Offset of the last voiced sample; 0 when there is none."""
    voiced = np.flatnonzero(_magnitudes(pcm) >= VOICED)
    return int(voiced[-1]) * 1000 // TELEPHONE_RATE_HZ if len(voiced) else 0


def loudness(pcm: bytes) -> float:
    """For a meter: 0 at -60 dBFS RMS and below, 1 at full scale."""
    rms = math.sqrt(float(np.mean(_magnitudes(pcm) ** 2)))
    return max(0.0, 1 + 20 * math.log10(rms) / 60) if rms > 0 else 0.0


def _magnitudes(pcm: bytes) -> NDArray[np.float64]:
    return np.abs(np.frombuffer(pcm, "<i2").astype(np.float64)) / 32768
