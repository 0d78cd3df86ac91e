"""What is heard over SIP, laid on the call's clock: the stack gives audio without times, and none for what got lost."""

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, bytes_to_ms, ms_to_bytes

LATE_MS = 100
"""What comes no later than this after it was due was on its way; jitter beyond that is taken for loss."""


class Arrivals:
    """One call's. Times are by any clock that runs evenly; the first sound is the call's beginning."""

    def __init__(self) -> None:
        self.lost_ms = 0
        self._laid_ms = 0
        """Audio given out so far."""
        self._began_at_ms: float | None = None

    def place(self, pcm: bytes, at_ms: float) -> bytes:
        """`pcm`, which has just come, preceded by silence for what was lost before it."""
        length_ms = bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ)
        fill_ms = self._missing_ms(at_ms - length_ms)
        if fill_ms < LATE_MS:
            fill_ms = 0
        self.lost_ms += fill_ms
        self._laid_ms += fill_ms + length_ms
        return _silence(fill_ms) + pcm

    def wait(self, at_ms: float) -> bytes:
        """Silence until now: nobody is there, and nothing was lost."""
        fill_ms = max(0, self._missing_ms(at_ms))
        self._laid_ms += fill_ms
        return _silence(fill_ms)

    def _missing_ms(self, at_ms: float) -> int:
        """Of what was due before that moment, in whole frames."""
        if self._began_at_ms is None:
            self._began_at_ms = at_ms
        return int((at_ms - self._began_at_ms - self._laid_ms) // FRAME_MS * FRAME_MS)


def _silence(ms: int) -> bytes:
    return bytes(ms_to_bytes(ms, TELEPHONE_RATE_HZ))
