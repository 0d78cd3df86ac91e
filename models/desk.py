"""What the console's lists show: interviews as HR works through them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.archive import Decision, InterviewSummary

MUST_HAVE_MET = 3.0
"""A must-have criterion counts as met from here: at least half of its points are shown."""
FINAL = (Decision.ADVANCE, Decision.REJECT, Decision.HIRE)
"""Decisions after which nobody has to look again."""


class Stage(StrEnum):
    """How far an interview has come; the console's word for a status."""

    SCHEDULED = "scheduled"
    """Nobody has been called yet."""
    CALLED = "called"
    """A call is under way, or none came to its end."""
    WAITING = "waiting"
    """It was scored, and no person has decided, or they want another look."""
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What an interview must meet to be listed; everything that is set."""

    job_id: str | None = None
    status: str | None = None
    """A stage, or a call's disposition."""
    score_from: float | None = None
    """Of the overall score that stands, 1.0 to 5.0."""
    score_to: float | None = None
    skill: str | None = None
    """What `voicebot.archive.skills.parse` takes: Kubernetes >= 3 years, communication >= 4."""
    since: datetime | None = None
    """When it was scheduled."""
    before: datetime | None = None
    text: str | None = None
    """Words that the candidate said; in quotes, and Chinese, as a phrase."""


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One interview of a list, with what a person would want to know first."""

    interview: InterviewSummary
    overall: float | None
    """The weighted mean of the scores that stand: a person's go before the machine's."""
    decision: Decision | None = None
    """The last one."""
    unmet: tuple[str, ...] = ()
    """Must-have criteria that are below `MUST_HAVE_MET` or not assessed."""
    unassessed: int = 0
    """Criteria without a score."""
    questions_for_hr: int = 0
    """What the candidate wants to know. Counted where `Desk.waiting` gives the line; 0 elsewhere."""
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskPage:
    lines: tuple[DeskLine, ...]
    """Newest first."""
    next: str | None
    """The id to go on after; None when there is nothing more."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of the interviews scheduled in some time, how many came so far. Each is part of the one before."""

    scheduled: int
    called: int
    completed: int
    reviewed: int
    """A person overrode a score, decided, or wants another look. A note alone is no review."""
    decided: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list of interviews that somebody wants to see again."""

    id: str
    name: str
    query: str
    """Of the list's address."""


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """A flow that somebody is writing; nobody else sees it before it is published."""

    id: str
    texts: dict[str, str]
    """Each language's YAML as it was typed, right or wrong; the language it began in first."""
    saved_at: datetime
