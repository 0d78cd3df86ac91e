"""What was said, by whom and when. Times are milliseconds from the start of the call's media."""

from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of the candidate: everything between two lines of the interviewer."""

    text: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...] = ()
    """In order; joined with what separates them they read as `text`. Empty when the recogniser gave no times."""
    language: str = "en"
    attempt_id: str | None = None
    """The call that it was said in, whose recording the times belong to; None: the only one there is."""

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One entry of the transcript, in the order it was spoken."""

    speaker: Speaker
    text: str
    start_ms: int
    end_ms: int
    position: str | None = None
    """The flow step it belongs to: `disclosure`, `consent`, a question's id, `closing`…"""
    meaning: str | None = None
    """Candidate: what the interviewer took the utterance to be (`answer`, `repeat`…)."""
    heard: bool = True
    """Interviewer: False when the line was cut short before the candidate heard its end."""
    words: tuple[Word, ...] = ()
