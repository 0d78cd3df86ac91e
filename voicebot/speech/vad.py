"""Voice activity by WebRTC's detector: is there speech in these 20 ms?"""

from collections import deque

import webrtcvad

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, ms_to_bytes


class WebRtcVad:
    """Smoothed over the last 100 ms, because single frames flicker. Holds one call's state."""

    FRAME_BYTES = ms_to_bytes(FRAME_MS, TELEPHONE_RATE_HZ)

    def __init__(self, aggressiveness: int = 2) -> None:
        """`aggressiveness`: 0 (takes most for speech) to 3 (takes least)."""
        self._vad = webrtcvad.Vad(aggressiveness)
        self._recent: deque[bool] = deque(maxlen=5)

    def confidence(self, frame: bytes) -> float:
        """Share of the last five frames that hold speech, 0 to 1. `frame`: 20 ms of 8 kHz PCM."""
        self._recent.append(self._vad.is_speech(frame, TELEPHONE_RATE_HZ))
        return sum(self._recent) / len(self._recent)
