"""The audio of a SIP call, on baresip-python."""

import contextlib

from baresip.audio import CallAudio
from baresip.errors import AudioNotActive, AudioRestarted

from models.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ

MOST_BYTES = 65_536
"""More than the stack's receive buffer holds (32 KiB)."""


class SipAudio:
    """A leg's audio, 16-bit at 8 kHz. Nothing here blocks."""

    def __init__(self, audio: CallAudio) -> None:
        self.over = False
        """The call has ended: nothing will be heard any more."""
        self._audio = audio

    @property
    def flows(self) -> bool:
        """Whether both sides have agreed on audio."""
        try:
            self._audio.info()
        except AudioNotActive:
            return False
        return True

    def hear(self) -> bytes:
        """What has arrived since the last time; empty before media flows and while the call is renegotiated."""
        try:
            return self._audio.read(MOST_BYTES)
        except (AudioNotActive, AudioRestarted):
            return b""

    def say(self, pcm: bytes) -> int:
        """How many bytes of `pcm` were taken: none before media flows, not all when two seconds wait already."""
        try:
            return self._audio.write(pcm)
        except (AudioNotActive, AudioRestarted):
            return 0

    def clear(self) -> None:
        """Throw away what was said and not sent yet; 20 ms may still be heard."""
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._audio.flush_tx()

    def waiting_ms(self) -> int:
        """How much of what was said has not been sent yet."""
        try:
            return self._audio.info().tx_buffered * 1000 // (SAMPLE_BYTES * TELEPHONE_RATE_HZ)
        except AudioNotActive:
            return 0
