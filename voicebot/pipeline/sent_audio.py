"""What the interviewer has just been saying, on the call's clock: what an echo is compared with."""

from models.audio import TELEPHONE_RATE_HZ, bytes_to_ms, ms_to_bytes

KEEP_MS = 2000


class SentAudio:
    """The last KEEP_MS of the interviewer's channel."""

    def __init__(self) -> None:
        self._pcm = bytearray()
        self._end_ms = 0

    def add(self, pcm: bytes, now_ms: int) -> None:
        """A packet has gone out; silence is filled in where nothing was sent."""
        length_ms = bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ)
        self._fill_until(now_ms - length_ms)
        self._pcm += pcm
        self._end_ms += length_ms
        del self._pcm[: -ms_to_bytes(KEEP_MS, TELEPHONE_RATE_HZ)]

    def last(self, ms: int, now_ms: int) -> bytes:
        """The `ms` before `now_ms`, exactly that long."""
        self._fill_until(now_ms)
        size = ms_to_bytes(ms, TELEPHONE_RATE_HZ)
        return bytes(self._pcm[-size:]).rjust(size, b"\0")

    def _fill_until(self, at_ms: int) -> None:
        if (missing_ms := at_ms - self._end_ms) > 0:
            self._pcm += bytes(ms_to_bytes(min(missing_ms, KEEP_MS), TELEPHONE_RATE_HZ))
            self._end_ms = at_ms
            del self._pcm[: -ms_to_bytes(KEEP_MS, TELEPHONE_RATE_HZ)]
