"""The interviewer's own voice, coming back on the candidate's channel from a loudspeaker or a bad line."""

import numpy as np

from voicebot.speech.pcm import Samples

LONGEST_DELAY_MS = 600
"""A satellite or mobile path and back; longer echoes are rare."""
WINDOW_MS = 240
ECHO_CORRELATION = 0.5
"""All of 100 echoes (40-600 ms late, 10-30 dB down, short reverberation, noise, mu-law) correlated above 0.7, and 89 of
100 in whose window a packet was lost above 0.5. Of 83 other voices one did, and of 83 over an echo eleven."""
SILENCE_DB = -55.0
"""RMS below which a window holds nobody's voice: faint callers are at -40 dBFS."""


def is_echo(heard: Samples, sent: Samples, rate_hz: int) -> bool:
    """Whether the last WINDOW_MS of `heard` hold nothing but a copy of what was sent at most LONGEST_DELAY_MS before.

    Silence does: a detector that still notices speech then notices the echo before it. `sent` ends at the same moment
    as `heard` and is at least WINDOW_MS + LONGEST_DELAY_MS long.
    """
    window = heard[-WINDOW_MS * rate_hz // 1000 :]
    energy = float(np.dot(window, window))
    if energy <= len(window) * 10 ** (SILENCE_DB / 10):
        return True
    sent = sent[-(WINDOW_MS + LONGEST_DELAY_MS) * rate_hz // 1000 :]
    if not np.any(sent):
        return False
    size = 1 << int(np.ceil(np.log2(len(sent) + len(window))))
    products = np.fft.irfft(np.fft.rfft(sent, size) * np.conj(np.fft.rfft(window, size)), size)
    overlaps = products[: len(sent) - len(window) + 1]
    total = np.concatenate([[0.0], np.cumsum(np.square(sent, dtype=np.float64))])
    energies = total[len(window) :] - total[: len(total) - len(window)]
    return bool(np.max(np.abs(overlaps) / np.sqrt(energy * np.maximum(energies, 1e-6))) >= ECHO_CORRELATION)
