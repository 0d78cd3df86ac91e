"""Who, or what, has picked up."""

from enum import StrEnum


class AnsweredBy(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    """An answering machine, still talking."""
    MACHINE_READY = "machine_ready"
    """An answering machine that listens now."""
    SCREENING = "screening"
    """A telephone's assistant that asks who is calling, before its owner decides whether to take the call."""
    FAX = "fax"
    NONE = "none"
    """Nobody: not a word has been said."""
    UNKNOWN = "unknown"
