"""Tones that are said and found again: 16-bit PCM at 8 kHz."""

import numpy as np


def tone(hz, ms):
    samples = 8000 * np.sin(2 * np.pi * hz * np.arange(ms * 8) / 8000)
    return samples.astype(np.int16).tobytes()


def loud_ms(pcm):
    """For how long anything is heard in it, in steps of 10 ms."""
    samples = np.abs(np.frombuffer(pcm, np.int16).astype(int))
    return np.count_nonzero(np.maximum.reduceat(samples, np.arange(0, len(samples), 80)) > 1000) * 10 if pcm else 0


def loudest_hz(pcm):
    spectrum = np.abs(np.fft.rfft(np.frombuffer(pcm, np.int16)))
    return np.argmax(spectrum) * 8000 / (len(pcm) / 2)
