"""What a look at a carrier found, in plain words."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    """Works, but not as people expect."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    says: str
    """What was found and, unless it is good, how to mend it."""
