"""What HR files, looks up and decides, beside the interviews themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.call import Candidate, Disposition
from models.interview import Experience, FlowRef
from models.speech import TranscriptLine


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate, or an employee who was one."""

    id: str
    """The archive's own; says nothing about the person."""
    candidate: Candidate
    created_at: datetime
    email: str | None = None
    employee_since: datetime | None = None
    """Since then the interviews are part of the personnel file."""
    personnel_number: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An opening that people are interviewed for."""

    id: str
    title: str
    location: str
    flow_id: str | None
    """The flow that its candidates are asked."""
    created_at: datetime
    closed_at: datetime | None = None


CALL_CONSENT = "call"
"""The purpose of a consent to be telephoned by the interviewer, an artificial voice."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody agreed to be called, recorded or the like: who, when, to which text, with which number."""

    id: str
    purpose: str
    """Such as `call`, `recording`."""
    number: str
    text: str
    """Word for word as it was shown or read out."""
    source: str
    """How it came: a form, an import, a call."""
    given_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: while it stands, nothing of the person is erased."""

    id: str
    person_id: str
    author: str
    reason: str
    placed_at: datetime
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A person's score over the machine's, which stays on file."""

    id: str
    question_id: str
    criterion_id: str
    value: float | None
    """1.0 to 5.0, or None: not assessed."""
    author: str
    reason: str
    at: datetime


class Decision(StrEnum):
    ADVANCE = "advance"
    REJECT = "reject"
    WAIT = "wait"
    HIRE = "hire"


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote about an interview. With a decision: the human review that no score replaces."""

    id: str
    author: str
    text: str
    at: datetime
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What people made of an interview, oldest first."""

    overrides: tuple[Override, ...] = ()
    notes: tuple[Note, ...] = ()
    revision: int = 0
    """Number of the audit's last entry on its scores or decisions: who says which one they saw overrides nothing that
    they did not see."""


class InterviewStatus(StrEnum):
    SCHEDULED = "scheduled"
    """Nobody has been called yet."""
    UNDER_WAY = "under_way"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class InterviewSummary:
    """One line of a list of interviews."""

    id: str
    candidate: Candidate
    flow: FlowRef
    flow_title: str
    created_at: datetime
    """When it was scheduled."""
    disposition: Disposition | None
    """None while the call is under way or has not been made."""
    started_at: datetime | None
    ended_at: datetime | None
    overall: float | None
    """The weighted mean of the scores that stand, a person's before the machine's: 1.0 to 5.0, to one place; None when
    there is none."""
    person_id: str = ""
    job_id: str | None = None
    status: InterviewStatus = InterviewStatus.SCHEDULED


@dataclass(frozen=True, slots=True)
class Position:
    """A row of a list that is newest first; the next page begins after it, also when the row itself has gone."""

    at: datetime
    id: str


class Filing(StrEnum):
    """What became of a candidate in a list that was filed."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate of a list that is to be filed."""

    candidate: Candidate
    email: str | None = None
    """None: as it is on file."""


@dataclass(frozen=True, slots=True)
class PublishedFlow:
    """One version of a flow, in one language, as it was published."""

    flow: FlowRef
    title: str
    language: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An interview in whose transcript the words were found."""

    interview: InterviewSummary
    lines: tuple[TranscriptLine, ...]
    """The lines that have any of the words, in the order they were spoken."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    hits: tuple[SearchHit, ...]
    """Newest first."""
    next: str | None
    """Where to go on; None when there is nothing more."""


@dataclass(frozen=True, slots=True)
class ProjectHit:
    """An interview whose candidate told of work that the words were found in."""

    interview: InterviewSummary
    experience: tuple[Experience, ...]
    """The pieces of work that have all of the words."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    hits: tuple[ProjectHit, ...]
    """Newest first."""
    next: str | None
    """Where to go on; None when there is nothing more."""


@dataclass(frozen=True, slots=True)
class SkillWanted:
    name: str
    years: float = 0.0
    """At least so many, as the candidate said; 0: the skill is enough."""


@dataclass(frozen=True, slots=True)
class CriterionWanted:
    name: str
    """A criterion's name or id."""
    at_least: float


@dataclass(frozen=True, slots=True)
class SkillQuery:
    """Everything must be met, within one interview."""

    skills: tuple[SkillWanted, ...] = ()
    criteria: tuple[CriterionWanted, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what. It names no candidate, so that it can outlive them."""

    sequence: int
    at: datetime
    actor: str
    action: str
    """Such as `play`, `export`, `override`, `erase`, `login`."""
    subject: str
    """The id of what it was done to."""
    details: dict[str, str | int | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days after an interview's end each class of data is kept; None: until somebody erases it."""

    recordings: int | None = None
    transcripts: int | None = None
    """The words: transcript, answers, quoted evidence, notes."""
    scores: int | None = None
    """Scores and skills, without the words."""
    people: int | None = None
    """Name, number, consents, and whatever is left of the interviews."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What a retention run removed, or would."""

    recordings: int
    transcripts: int
    scores: int
    people: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` looked at, and what is wrong."""

    entries: int
    interviews: int
    recordings: int
    head: str
    """The last audit entry as `sequence:mac`. Noted elsewhere, it proves later that nothing was cut off."""
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems
