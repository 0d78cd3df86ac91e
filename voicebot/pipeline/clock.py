"""The call's clock: how much of the candidate's audio has arrived. Everything in a call is timed by it."""

from dataclasses import dataclass


@dataclass(slots=True)
class CallClock:
    now_ms: int = 0
