"""Who, or what, has picked up."""

from enum import StrEnum


class AnsweredBy(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    """An answering machine, still talking."""
    MACHINE_READY = "machine_ready"
    """An answering machine that listens now."""
    FAX = "fax"
    UNKNOWN = "unknown"
