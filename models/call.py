"""A phone call from request to end, in the trade's words."""

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """How a call ended. Only COMPLETED is a finished interview."""

    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"
    """The candidate said goodbye before the last question."""
    RESCHEDULE = "reschedule"
    """Not a good time; HR arranges another call."""
    WRONG_PERSON = "wrong_person"
    DECLINED = "declined"
    """The candidate does not want an interview by a machine."""
    OPTED_OUT = "opted_out"
    """The candidate asked never to be called again."""
    UNRESPONSIVE = "unresponsive"
    """The line was open and nobody spoke."""
    DROPPED = "dropped"
    """The line went away during the interview; what was said is kept."""
    TOO_LONG = "too_long"
    """The call reached its maximum length and was closed politely."""
    NO_ANSWER = "no_answer"
    """Nobody picked up, or nobody came to the telephone behind the assistant that did."""
    BUSY = "busy"
    REJECTED = "rejected"
    VOICEMAIL = "voicemail"
    FAX = "fax"
    """The number is a fax machine's."""
    FAILED = "failed"
    """A fault on our side or the carrier's."""

    @property
    def final(self) -> bool:
        """Whether the interview is over with it: nobody calls again to go on."""
        return self in (
            Disposition.COMPLETED,
            Disposition.ENDED_EARLY,
            Disposition.WRONG_PERSON,
            Disposition.DECLINED,
            Disposition.OPTED_OUT,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str
    phone: str
    """E.164, such as +14155550123."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How often one number may be rung."""

    calls: int
    within_s: int
    """In any stretch of so many seconds."""


@dataclass(frozen=True, slots=True)
class DialRequest:
    """What a carrier needs to place one call."""

    attempt_id: str
    to: str
    """E.164."""
    stream_token: str
    """Single use; travels in the media stream's start message."""
    ring_ms: int = 30_000
    """How long to let it ring; 15 s at least (47 CFR 64.1200(a)(6))."""
    longest_ms: int = 3_600_000
    """When the carrier ends the call whatever happens."""
    ring_within_ms: int | None = None
    """How soon it must ring, so that a call which waits at the carrier does not ring at night; None: at any time."""


@dataclass(frozen=True, slots=True)
class CallRinging:
    pass


@dataclass(frozen=True, slots=True)
class CallAnswered:
    pass


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The carrier's last word on a call; nothing follows it."""

    disposition: Disposition | None = None
    """Set when no conversation took place (busy, no answer…), else None: the conversation knows."""


CallEvent = CallRinging | CallAnswered | CallEnded
