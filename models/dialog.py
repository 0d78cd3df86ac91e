"""What the dialog engine hears, what it orders, and what it remembers.

`dialog_flows.engine.step(flow, state, event)` turns one event into a new state and a list of actions. The runtime
carries the actions out in order and reports back with events. Nothing here reads a clock: every event brings its
time, in milliseconds from the start of the call's media.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.call import Disposition
from models.speech import Utterance

_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")  # characters and their marks


class Expects(StrEnum):
    """The kind of answer a question asks for; it decides how long a pause may be before the turn is over."""

    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    SHORT = "short"
    OPEN = "open"


# What the engine hears


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Media flows in both directions; the candidate has picked up."""

    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class LineHeard:
    """The carrier reports that a line has been played out to its end."""

    line_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class LineCut:
    """The candidate spoke over a line and it was stopped before its end."""

    line_id: str
    at_ms: int
    heard_share: float = 1.0
    """How much of it was heard, 0 to 1."""


@dataclass(frozen=True, slots=True)
class CandidateSpoke:
    utterance: Utterance
    unmet_criteria: tuple[str, ...] = ()
    """Criteria of the current question that the whole answer so far, this utterance included, gives no evidence for."""
    skills: tuple[str, ...] = ()
    """Skills that the answer so far names, by their usual names, where the runtime looks for them."""
    faq: str | None = None
    """The entry of the flow's `faq` that the utterance asks for, where the runtime knows by its meaning."""
    said_at: datetime | None = None
    """When that was, in the candidate's time zone: what "tomorrow" is counted from. None: nobody knows their zone."""

    @property
    def at_ms(self) -> int:
        return self.utterance.end_ms


@dataclass(frozen=True, slots=True)
class CandidateSilent:
    """Nothing intelligible came within the time that `Listen` allowed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class KeyPressed:
    digit: str
    """0-9, * or #."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The call has reached its maximum length."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """An answering machine has picked up in the candidate's place."""

    at_ms: int
    listening: bool
    """It has said its greeting and records what it hears."""


@dataclass(frozen=True, slots=True)
class ScreenerAnswered:
    """A telephone's assistant asks who is calling; the candidate may come to the telephone."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class FaxAnswered:
    at_ms: int


@dataclass(frozen=True, slots=True)
class LineLost:
    """The candidate hung up or the media went away."""

    at_ms: int
    last_words: Utterance | None = None
    """What was being said when that happened."""


DialogEvent = (
    CallStarted
    | LineHeard
    | LineCut
    | CandidateSpoke
    | CandidateSilent
    | KeyPressed
    | TimeUp
    | MachineAnswered
    | ScreenerAnswered
    | FaxAnswered
    | LineLost
)


# What the engine orders


@dataclass(frozen=True, slots=True)
class Say:
    line_id: str
    """Unique in the call; comes back in LineHeard or LineCut."""
    text: str
    interruptible: bool = True


@dataclass(frozen=True, slots=True)
class Listen:
    """Take the candidate's next turn. The silence clock starts when everything said before has been heard."""

    expects: Expects
    silence_ms: int
    """How long the candidate may say nothing before CandidateSilent."""
    longest_ms: int = 240_000
    """A turn that lasts longer is over, whatever is still being said."""


@dataclass(frozen=True, slots=True)
class PermitRecording:
    """The candidate's answer to "may we record": until it comes, their channel is not recorded."""

    permitted: bool


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """From here on, speak and listen in `language`: `en` or `zh`."""

    language: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How the interviewer speaks."""

    length: float = 1.0
    """How many times as long as usual a line takes."""
    gain_db: float = 0.0
    """How much louder than usual it is."""


@dataclass(frozen=True, slots=True)
class SpeakAs:
    """From here on, speak in this manner."""

    manner: Manner


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call now; everything worth hearing has been heard."""

    disposition: Disposition


DialogAction = Say | Listen | PermitRecording | SwitchLanguage | SpeakAs | HangUp


# What the engine remembers


class AnswerStatus(StrEnum):
    ANSWERED = "answered"
    SKIPPED = "skipped"
    """The candidate preferred not to answer, or did not know."""
    UNANSWERED = "unanswered"
    """The call ended, or the candidate fell silent, before an answer came."""


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What the candidate said to the question itself or to one of its follow-ups."""

    utterance: Utterance
    follow_up: str | None = None
    """The follow-up's id; None for the question itself."""
    said_on: date | None = None
    """The day, where the candidate is: what "next Monday" is counted from."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the candidate said to one question, follow-ups included."""

    question_id: str
    question: str
    """The question as it was asked."""
    parts: tuple[AnswerPart, ...] = ()
    status: AnswerStatus = AnswerStatus.ANSWERED

    @property
    def text(self) -> str:
        """All of it as one text: with a space between parts, but none between Chinese characters or marks."""
        whole = ""
        for said in (part.utterance.text for part in self.parts):
            joined = not whole or (_CHINESE.match(whole[-1]) and _CHINESE.match(said))
            whole += said if joined else f" {said}"
        return whole


@dataclass(frozen=True, slots=True)
class KnockOut:
    """An answer that HR must see first. It marks; it rejects nobody."""

    question_id: str
    note: str
    """What the flow says it means, such as "no work permit"."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When a candidate can be reached, in their own time zone."""

    earliest: datetime
    latest: datetime | None
    """None: no end was said."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """The candidate wants to be called another time."""

    utterance: Utterance
    window: TimeWindow | None = None
    """What they said about the time, if anything."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The line that was to be answered when an earlier call of the interview ended."""

    position: str
    follow_up: str | None = None
    follow_ups_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DialogState:
    """Where an interview stands. It is stored after every step, so that a dropped call can go on where it stopped.

    A state stored by an older version has fewer fields, so each has a default.
    """

    position: str | None = None
    """The flow step being held; None before the call starts."""
    follow_up: str | None = None
    """The follow-up being asked within that step."""
    asked: str = ""
    """The words of the line the candidate is to answer, for "could you repeat that"."""
    awaiting: str | None = None
    """The line that must be heard before anything else happens (disclosure, closing)."""
    lines: int = 0
    """Lines said so far; makes line ids unique."""
    silences: int = 0
    """Silent turns in a row."""
    repeats: int = 0
    """Times the current line was repeated at the candidate's request."""
    thoughts: int = 0
    """Times the candidate asked for a moment to think about the current line."""
    manner: Manner = Manner()
    """How the candidate asked to be spoken to."""
    follow_ups_asked: tuple[str, ...] = ()
    """Follow-ups asked at the current question."""
    reprompts: int = 0
    """Times the current line was asked again because the reply did not answer it."""
    answers: tuple[Answer, ...] = ()
    """In the order the questions were asked; the current question's own answer is the last once it has a part."""
    recording_permitted: bool | None = None
    """None: not asked yet."""
    questions_for_hr: tuple[Utterance, ...] = ()
    """What the candidate wants from HR: an answer to a question, or to speak with a person."""
    invited_questions: int = 0
    """How many of them came when the candidate was invited to ask."""
    call_back: CallBack | None = None
    """When the candidate wants to be called instead."""
    language: str | None = None
    """What the candidate asked to speak; None: the flow's own language."""
    today: date | None = None
    """The day of the call, where the candidate is."""
    seed: int = 0
    """Chooses among the wordings of a question, the same ones for the whole interview; 0: the first of each."""
    passed_over: tuple[str, ...] = ()
    """Questions that the flow does not ask this candidate, for an answer or a match score."""
    knock_outs: tuple[KnockOut, ...] = ()
    """In the order the questions were asked."""
    stopped: Stopped | None = None
    """Where the interview goes on once the opening is over; None: at its first question."""
    outcome: Disposition | None = None
    """Set once the closing line has been ordered; HangUp follows when it has been heard."""


@dataclass(frozen=True, slots=True)
class Step:
    state: DialogState
    actions: tuple[DialogAction, ...] = ()
    meaning: str | None = None
    """What a candidate's utterance was taken to be; None for other events."""
