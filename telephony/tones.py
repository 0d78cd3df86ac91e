"""Tones in telephone audio: steady sounds of one frequency, or two, as machines make them. Pure, in audio time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ

FRAME_SAMPLES = TELEPHONE_RATE_HZ * FRAME_MS // 1000
WINDOW_SAMPLES = 2 * FRAME_SAMPLES
LOWEST_HZ, HIGHEST_HZ = 380, 2200
PURITY = 0.85
"""Share of the sound's energy that lies in its one or two frequencies. Vowels come near it for moments only."""
SECOND_SHARE = 0.1
"""Of the first frequency's energy: weaker than that is no second one."""
STEADY_HZ = 15.0
"""How far the frequency of a steady tone may wander. A voice that is held wanders more within 100 ms."""
QUIETEST_DB = -42.0
FEWEST_FRAMES = 4
MOST_GAPS = 2
"""Frames in a tone that may be spoilt: a lost packet, or a modem's phase reversal (ITU-T V.8)."""

_FFT = 512
_HZ_A_BIN = TELEPHONE_RATE_HZ / _FFT
_LOBE = 4
"""Bins on either side of a peak that are the peak's own (Hann window)."""
_WINDOW = np.hanning(WINDOW_SAMPLES)
_VOICE_BAND = slice(round(200 / _HZ_A_BIN), round(3800 / _HZ_A_BIN))

_KEY_ROWS_HZ, _KEY_COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEY_TOLERANCE = 0.02
"""ITU-T Q.24: 1.8 % must be taken."""


@dataclass(frozen=True, slots=True)
class Tone:
    hz: tuple[float, ...]
    """The stronger frequency first."""
    start_ms: int
    end_ms: int
    level_db: float
    """Relative to full scale."""

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms

    @property
    def is_key(self) -> bool:
        """Whether a telephone's keypad makes it (ITU-T Q.23)."""
        return len(self.hz) == 2 and _near(min(self.hz), _KEY_ROWS_HZ) and _near(max(self.hz), _KEY_COLUMNS_HZ)


class Tones:
    """Takes the audio in frames of 20 ms."""

    def __init__(self) -> None:
        self.sounding: Tone | None = None
        """The tone that is heard now."""
        self._last = np.zeros(FRAME_SAMPLES)
        self._now_ms = 0
        self._run: list[tuple[float, ...]] = []
        self._loudest_db = 0.0
        self._gaps = 0

    def hear(self, samples: NDArray[np.float64]) -> Tone | None:
        """`samples`: FRAME_SAMPLES, full scale 1. Returns a tone when it is over."""
        window, self._last = np.concatenate((self._last, samples)), samples
        self._now_ms += FRAME_MS
        peaks, level_db = _peaks(window)
        if peaks and (not self._run or self._goes_on(peaks)):
            self._loudest_db = level_db if not self._run else max(self._loudest_db, level_db)
            self._run.append(peaks)
            self._gaps = 0
            if len(self._run) >= FEWEST_FRAMES:
                self.sounding = self._tone()
            return None
        self._gaps += 1
        if self._run and self.sounding and self._gaps <= MOST_GAPS:
            return None
        ended, self.sounding = self.sounding, None
        self._run = [peaks] if peaks else []
        self._loudest_db, self._gaps = level_db, 0
        return ended

    def _goes_on(self, peaks: tuple[float, ...]) -> bool:
        return any(abs(peaks[0] - hz) <= STEADY_HZ for hz in self._run[len(self._run) // 2])

    def _tone(self) -> Tone:
        length_ms = len(self._run) * FRAME_MS
        start_ms = self.sounding.start_ms if self.sounding else self._now_ms - length_ms
        return Tone(self._run[len(self._run) // 2], start_ms, self._now_ms, self._loudest_db)


def _peaks(window: NDArray[np.float64]) -> tuple[tuple[float, ...], float]:
    """The one or two frequencies that the sound consists of, if it does, and its level."""
    level_db = 10 * float(np.log10(np.mean(window**2) + 1e-9))
    if level_db < QUIETEST_DB:
        return (), level_db
    power = np.abs(np.fft.rfft(window * _WINDOW, _FFT)) ** 2
    whole = float(power[_VOICE_BAND].sum())
    first_hz, first = _take_peak(power)
    if first < whole * PURITY:
        second_hz, second = _take_peak(power)
        if second < first * SECOND_SHARE or first + second < whole * PURITY or not _in_range(second_hz):
            return (), level_db
        return ((first_hz, second_hz) if _in_range(first_hz) else ()), level_db
    return ((first_hz,) if _in_range(first_hz) else ()), level_db


def _take_peak(power: NDArray[np.float64]) -> tuple[float, float]:
    """The strongest frequency and its energy, which is taken out of `power`."""
    at = int(np.argmax(power[1:-1])) + 1
    below, here, above = np.log(power[at - 1 : at + 2] + 1e-12)
    bend = below - 2 * here + above
    shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
    lobe = power[max(0, at - _LOBE) : at + _LOBE + 1]
    energy = float(lobe.sum())
    lobe[:] = 0
    return float((at + shift) * _HZ_A_BIN), energy


def _in_range(hz: float) -> bool:
    return LOWEST_HZ <= hz <= HIGHEST_HZ


def _near(hz: float, known: tuple[int, ...]) -> bool:
    return any(abs(hz - each) <= each * _KEY_TOLERANCE for each in known)
