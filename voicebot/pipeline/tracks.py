"""Two tracks of PCM on one clock, the candidate's. Pure: audio in, finished stretches out."""

from models.audio import TELEPHONE_RATE_HZ, bytes_to_ms, ms_to_bytes

SLACK_MS = 240
"""The interviewer's audio for a moment may arrive this much after the candidate's; only what is older is written."""
STEP_MS = 120
"""Audio of one line that starts within this of where the last packet ended follows on without a gap."""


class Tracks:
    """What has been said on both sides and not been taken yet."""

    def __init__(self) -> None:
        self.now_ms = 0
        """Candidate's audio so far: the clock."""
        self._left = bytearray()
        self._right = bytearray()
        self._written_ms = 0

    def hear_candidate(self, pcm: bytes) -> None:
        self._left += pcm
        self.now_ms += bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ)

    def hear_interviewer(self, pcm: bytes) -> None:
        end_ms = self._written_ms + bytes_to_ms(len(self._right), TELEPHONE_RATE_HZ)
        start_ms = max(self._written_ms, self.now_ms - bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ))
        if start_ms - end_ms > STEP_MS:
            self._right += bytes(ms_to_bytes(start_ms - end_ms, TELEPHONE_RATE_HZ))
        self._right += pcm

    def take(self, slack_ms: int = SLACK_MS) -> tuple[bytes, bytes]:
        """Everything older than `slack_ms`, left and right of equal length; it will not be given again."""
        until_ms = max(self._written_ms, self.now_ms - slack_ms)
        size = ms_to_bytes(until_ms - self._written_ms, TELEPHONE_RATE_HZ)
        left, right = bytes(self._left[:size]), bytes(self._right[:size]).ljust(size, b"\0")
        del self._left[:size]
        del self._right[:size]
        self._written_ms = until_ms
        return left, right
