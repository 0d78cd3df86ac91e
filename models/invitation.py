"""What a candidate is shown by their own link, and what they may ask of us there."""

from dataclasses import dataclass
from enum import StrEnum

from models.archive import Consent, Person


class Wish(StrEnum):
    """What a candidate asks that a person has to see to."""

    ERASURE = "erasure"
    REVIEW = "review"
    """That a person looks at their interview."""


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
