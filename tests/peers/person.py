"""Somebody on the telephone who answers each of the interviewer's lines half a second after it was heard."""

import numpy as np

from models.audio import FRAME_MS
from telephony.loopback import FRAME_BYTES
from voicebot.conversation import Unobserved

ANSWERS_AFTER_MS = 500


def loud(frame):
    return np.abs(np.frombuffer(frame, np.int16).astype(int)).max() > 500


class Person(Unobserved):
    """A handset, and the observer of its call: is told each line when it begins, and goes by its ear from there.

    `says`: what to answer to which line, as 8 kHz PCM.
    """

    def __init__(self, says):
        self.lines = []
        """The interviewer's, from when they began to be heard."""
        self._says = says
        self._asked = None
        self._quiet_ms = 0
        self._saying = b""

    def line_began(self, text, at_ms):
        self.lines.append(text)
        self._asked, self._quiet_ms = text, 0

    def exchange(self, heard):
        self._quiet_ms = 0 if loud(heard) else self._quiet_ms + FRAME_MS
        if self._asked in self._says and not self._saying and self._quiet_ms >= ANSWERS_AFTER_MS:
            self._saying = self._says[self._asked]
            self.answers(self._asked)
            self._asked = None
        said, self._saying = self._saying[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), self._saying[FRAME_BYTES:]
        return said

    def answers(self, line):
        """Has begun to."""
