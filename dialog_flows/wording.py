"""Which of its wordings a question is asked in."""

import zlib

from dialog_flows.blocks import FollowUp, Question


def wording(asked: Question | FollowUp, seed: int) -> str:
    """The wording that an interview with this seed keeps to; seed 0 takes the first."""
    wordings = (asked.ask, *asked.variants)
    return wordings[zlib.crc32(f"{seed} {asked.id}".encode()) % len(wordings)] if seed else asked.ask


def seed_of(interview_id: str) -> int:
    """A seed for one interview: the same id, the same wordings."""
    return zlib.crc32(interview_id.encode())
