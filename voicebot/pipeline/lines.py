"""The interviewer's lines on their way to the candidate's ear: begun, heard, interrupted, taken up again. Pure."""

from collections import deque
from dataclasses import dataclass

from models.audio import AudioChunk, ms_to_bytes
from models.dialog import Say
from voicebot.speech.pcm import LEVEL_FRAME_MS, levels_db, to_samples

REWIND_MS = 2000
"""A line is taken up again at most this long before it stopped, at the beginning of a phrase."""
PHRASE_PAUSE_FRAMES = 4
"""80 ms of quiet separate phrases; the closure before a consonant is shorter."""
QUIET_DB = -45.0
LOST_MARK_MS = 5000
"""A line whose mark is this late has been heard, whatever the carrier says."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A line that will not be heard any further."""

    say: Say
    start_ms: int
    end_ms: int
    heard_share: float
    """How much of the audio was heard, 0 to 1."""


@dataclass(slots=True)
class _Line:
    say: Say
    audio: AudioChunk
    start_ms: int | None = None
    """When its first sound was sent."""
    played_ms: int = 0
    """How much of it had been heard when it was interrupted last."""
    began_ms: int | None = None
    """Since when it has been playing from `played_ms` on; None while it waits."""

    def position_ms(self, now_ms: int) -> int:
        since_ms = 0 if self.began_ms is None else now_ms - self.began_ms
        return min(self.played_ms + since_ms, self.audio.duration_ms)

    def ended(self, now_ms: int) -> Ended:
        assert self.start_ms is not None
        return Ended(self.say, self.start_ms, now_ms, self.position_ms(now_ms) / max(1, self.audio.duration_ms))


class Lines:
    """Lines in the order they are said. A generation number in the marks tells what was sent before an interruption."""

    def __init__(self) -> None:
        self._lines: deque[_Line] = deque()
        self._generation = 0
        self._held_since_ms: int | None = None

    def __bool__(self) -> bool:
        """Whether the interviewer is speaking, or about to."""
        return bool(self._lines) and self._held_since_ms is None

    @property
    def interruptible(self) -> bool:
        return all(line.say.interruptible for line in self._lines)

    def add(self, say: Say, audio: AudioChunk) -> str | None:
        """A line is to be sent. Returns the name of the mark that follows its audio.

        None: the candidate is speaking, and it waits with the others until that is decided.
        """
        self._lines.append(_Line(say, audio))
        return None if self._held_since_ms is not None else self._mark(say)

    def begin(self, now_ms: int) -> Say | None:
        """The next line's first sound goes out. Returns the line, or None when it is only taken up again."""
        line = next((line for line in self._lines if line.began_ms is None), None)
        if line is None:
            return None
        line.began_ms = now_ms
        if line.start_ms is not None:
            return None
        line.start_ms = now_ms
        return line.say

    def played(self, mark: str, now_ms: int) -> tuple[Ended, ...]:
        """A mark has come back: the lines up to it have been heard. None have for one from before an interruption."""
        if self._held_since_ms is not None or mark not in (self._mark(line.say) for line in self._lines):
            return ()
        heard: list[Ended] = []
        while not heard or self._mark(heard[-1].say) != mark:
            heard.append(_heard(self._lines.popleft(), now_ms))
        return tuple(heard)

    def overdue(self, now_ms: int) -> tuple[Ended, ...]:
        """The first line, when its mark should have come back long ago: it was lost on the way."""
        first = self._lines[0] if self._lines else None
        if first is None or first.began_ms is None:
            return ()
        if now_ms - first.began_ms < first.audio.duration_ms - first.played_ms + LOST_MARK_MS:
            return ()
        return (_heard(self._lines.popleft(), now_ms),)

    def hold(self, now_ms: int) -> None:
        """Everything that was sent and not heard is being thrown away."""
        self._held_since_ms = now_ms
        self._generation += 1
        for line in self._lines:
            line.played_ms, line.began_ms = line.position_ms(now_ms), None

    def resume(self) -> tuple[tuple[AudioChunk, str], ...]:
        """The interviewer goes on: what is to be sent again, and the mark after each."""
        self._held_since_ms = None
        for line in self._lines:
            line.played_ms = _phrase_start_ms(line.audio, line.played_ms)
        return tuple((_from(line.audio, line.played_ms), self._mark(line.say)) for line in self._lines)

    def cut(self, now_ms: int) -> tuple[tuple[Say, Ended | None], ...]:
        """The interviewer gives way: every line, with how much of it was heard if it had begun."""
        if self._held_since_ms is not None:
            now_ms, self._held_since_ms = self._held_since_ms, None
        lines, self._lines = tuple(self._lines), deque()
        return tuple((line.say, None if line.start_ms is None else line.ended(now_ms)) for line in lines)

    def _mark(self, say: Say) -> str:
        return f"{say.line_id}#{self._generation}"


def _heard(line: _Line, now_ms: int) -> Ended:
    start_ms = now_ms - line.audio.duration_ms if line.start_ms is None else line.start_ms
    return Ended(line.say, start_ms, max(start_ms, now_ms), 1.0)


def _from(audio: AudioChunk, at_ms: int) -> AudioChunk:
    return AudioChunk(audio.pcm[ms_to_bytes(at_ms, audio.rate_hz) :], audio.rate_hz)


def _phrase_start_ms(audio: AudioChunk, at_ms: int) -> int:
    """Where the phrase begins that is being spoken at `at_ms`, no more than REWIND_MS before it."""
    earliest_ms = max(0, at_ms - REWIND_MS)
    heard = audio.pcm[ms_to_bytes(earliest_ms, audio.rate_hz) : ms_to_bytes(at_ms, audio.rate_hz)]
    quiet = levels_db(to_samples(AudioChunk(heard, audio.rate_hz), audio.rate_hz), audio.rate_hz) < QUIET_DB
    for end in range(len(quiet), PHRASE_PAUSE_FRAMES - 1, -1):
        if quiet[end - PHRASE_PAUSE_FRAMES : end].all():
            return earliest_ms + (end - 1) * LEVEL_FRAME_MS
    return 0 if earliest_ms == 0 else at_ms
