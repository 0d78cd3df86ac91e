"""The measuring end of the line: a caller who speaks prepared turns, and times what comes back.

Everything is timed at the phone and by the wall clock: from the moment the packet with the turn's last voiced sample
was due on the wire, to the moment the first voiced sample of the answer comes out of the earpiece. A machine that is
too slow to send in time gets no credit for it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from models.audio import FRAME_MS, AudioChunk
from telephony.loopback import FRAME_BYTES, Hook
from voicebot.measure.level import first_voiced_ms, last_voiced_ms

FINISHED_MS = 900
"""Silence after which the other side is taken to have finished: longer than its pauses between sentences and lines."""
ONSET_MS = 200
"""Silence before a voiced sample that makes it the beginning of something."""
CUT_MS = 4000
"""Silence on both sides after a turn that was talked into, until the next: what was left of it may be answered."""
GIVEN_UP_MS = 15_000
"""Silence on both sides after which no answer is waited for any more."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One turn for a caller to say."""

    pcm: bytes
    """8 kHz, with the pauses that are in it."""
    voiced_until_ms: int
    """Where its last voiced sample is."""
    counts: bool = True
    """Whether it is measured, or only leads there."""

    @classmethod
    def of(cls, audio: AudioChunk, *, counts: bool = True) -> "Speech":
        return cls(audio.pcm, last_voiced_ms(audio.pcm), counts)


@dataclass(slots=True)
class SaidTurn:
    """One turn as it went; times in seconds of the caller's clock."""

    speech: Speech
    began_s: float
    voiced_until_s: float
    """When the packet with its last voiced sample was due on the wire."""
    cut_s: float | None = None
    """When the other side began to speak before that."""
    answered_s: float | None = None
    """When the first voiced sample of the answer came out of the earpiece."""

    @property
    def cut_in(self) -> bool:
        return self.cut_s is not None

    @property
    def latency_ms(self) -> float | None:
        """None for a turn that was talked into, or never answered."""
        return None if self.cut_in or self.answered_s is None else (self.answered_s - self.voiced_until_s) * 1000


Choose = Callable[[], Speech | Hook | None]
"""Called when the other side has finished: what to say, whether to hang up, or None to go on listening."""


class Caller:
    """A handset (see telephony.loopback) for one call."""

    def __init__(self, choose: Choose, clock: Callable[[], float] = time.perf_counter) -> None:
        self.said: list[SaidTurn] = []
        self.lag_ms = 0.0
        """The most that a packet has been late on its way out."""
        self._choose = choose
        self._clock = clock
        self._began_s: float | None = None
        self._frames = 0
        self._saying = b""
        self._quiet_ms = ONSET_MS
        """Silence in the earpiece."""
        self._waited_ms = 0
        """Silence on both sides."""
        self._spoken_to = False
        """Something has been heard since the last turn began."""

    def exchange(self, heard: bytes) -> bytes | Hook:
        now_s = self._clock()
        if self._began_s is None:
            self._began_s = now_s
        due_s = self._began_s + self._frames * FRAME_MS / 1000
        self.lag_ms = max(self.lag_ms, (now_s - due_s) * 1000)
        self._frames += 1
        self._listen(heard, now_s)
        self._waited_ms = 0 if self._saying or not self._quiet_ms else self._waited_ms + FRAME_MS
        if not self._saying and self._may_speak():
            self._spoken_to = False
            match self._choose():
                case Hook.DOWN:
                    return Hook.DOWN
                case Speech() as speech:
                    self._saying = speech.pcm
                    voiced_frame = speech.voiced_until_ms // FRAME_MS
                    self.said.append(SaidTurn(speech, due_s, due_s + voiced_frame * FRAME_MS / 1000))
                case None if self._waited_ms >= GIVEN_UP_MS:
                    return Hook.DOWN
        frame, self._saying = self._saying[:FRAME_BYTES], self._saying[FRAME_BYTES:]
        return frame.ljust(FRAME_BYTES, b"\0")

    def _listen(self, heard: bytes, now_s: float) -> None:
        voiced_ms = first_voiced_ms(heard)
        if voiced_ms is None:
            self._quiet_ms += FRAME_MS
            return
        begins = self._quiet_ms >= ONSET_MS
        self._quiet_ms = 0
        self._spoken_to = True
        if begins and self.said:
            turn, at_s = self.said[-1], now_s + voiced_ms / 1000
            if at_s < turn.voiced_until_s:
                turn.cut_s = turn.cut_s or at_s
            elif turn.answered_s is None:
                turn.answered_s = at_s

    def _may_speak(self) -> bool:
        if self._waited_ms >= GIVEN_UP_MS:
            return True
        unfinished = bool(self.said) and self.said[-1].cut_in and self.said[-1].answered_s is None
        return self._spoken_to and self._quiet_ms >= FINISHED_MS and self._waited_ms >= (CUT_MS if unfinished else 0)
