"""What a candidate is shown by their own link, and what they may ask of us there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.archive import Consent, Person
from models.call import Candidate


class WishKind(StrEnum):
    """What a candidate asks that a person has to see to."""

    ERASURE = "erasure"
    REVIEW = "review"
    """That a person looks at their interview (GDPR article 22, PIPL article 24)."""
    CORRECTION = "correction"
    """That something on file is put right (GDPR article 16, PIPL article 46)."""
    OBJECTION = "objection"
    """That their data are no longer used so (GDPR article 21, PIPL article 44)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a candidate asked for; it waits until a person has seen to it."""

    id: str
    person_id: str
    candidate: Candidate
    kind: WishKind
    words: str
    """What they wrote with it; empty: nothing."""
    asked_at: datetime
    interview_id: str | None
    """Their last one when they asked."""
    handled_at: datetime | None = None
    """None: it waits."""
    handled_by: str | None = None
    answer: str | None = None
    """What was done about it, or why nothing was."""


@dataclass(frozen=True, slots=True)
class Invitation:
    person: Person
    consents: tuple[Consent, ...]
    """Those that stand, oldest first."""
    may_be_called: bool
    """One of them is to be called, at the number that they have now."""
    opted_out: bool
    """They, or somebody with their number, asked never to be called again."""
    company: str | None
    """Who interviews them, as their last interview has it; None: as the settings say."""
    job: str | None
    """Title of the job that it is for."""
