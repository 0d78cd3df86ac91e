"""Whether memory grows with the calls that have been held: calls in real time, a few at once, again and again."""

import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from voicebot.measure.latency import LatencyReport, machine
from voicebot.measure.usage import MB, private_bytes, resident_bytes

TURNS = 2
"""Turns of each call: about half a minute of interview."""
WARM_UP = 0.5
"""Share of the calls that growth is not measured over: what is used for the first time stays."""
FEWEST_ROUNDS = 3
"""After warming up; growth over fewer is noise."""

Hold = Callable[[int], Awaitable[LatencyReport]]
"""Holds so many calls at once."""


@dataclass(frozen=True, slots=True)
class Round:
    """Some calls at once."""

    calls: int
    """Held so far, these included."""
    peak_mb: float
    private_mb: float
    """When they were over; without the pages of files, which the system takes and brings back as it likes."""


@dataclass(frozen=True, slots=True)
class MemoryReport:
    before_mb: float
    """Resident before the first call, with all models loaded."""
    at_once: int
    rounds: tuple[Round, ...]

    @property
    def growth_mb(self) -> float | None:
        """For every 100 calls after the warm-up: the median of what the rounds added to private memory. What a single
        round adds once, such as the first doubtful utterance that is heard again on a larger window, is no growth.
        None for fewer than three rounds."""
        warm = [each for each in self.rounds if each.calls > WARM_UP * self.rounds[-1].calls]
        if len(warm) < FEWEST_ROUNDS:
            return None
        return 100 * median(
            (later.private_mb - earlier.private_mb) / (later.calls - earlier.calls) for earlier, later in pairwise(warm)
        )

    @property
    def per_call_mb(self) -> float:
        """What a call needs while it is held, at the highest."""
        return max(each.peak_mb - self.before_mb for each in self.rounds) / self.at_once

    def to_json(self) -> dict[str, Any]:
        return {
            "calls": self.rounds[-1].calls,
            "at_once": self.at_once,
            "before_mb": round(self.before_mb),
            "peak_mb": round(max(each.peak_mb for each in self.rounds)),
            "per_call_mb": round(self.per_call_mb, 1),
            "growth_mb_per_100_calls": None if self.growth_mb is None else round(self.growth_mb, 1),
            "rounds": [
                {"calls": each.calls, "peak_mb": round(each.peak_mb), "private_mb": round(each.private_mb, 1)}
                for each in self.rounds
            ],
            "machine": machine(),
        }


async def watch(
    calls: int, at_once: int, hold: Hold, on_round: Callable[[Round], None] = lambda each: None
) -> MemoryReport:
    """Hold `calls` in rounds of `at_once`, the last one smaller where they do not divide."""
    rounds: list[Round] = []
    before_mb = resident_bytes() / MB
    while (held := rounds[-1].calls if rounds else 0) < calls:
        count = min(at_once, calls - held)
        report = await hold(count)
        gc.collect()
        rounds.append(Round(held + count, report.peak_mb, private_bytes() / MB))
        on_round(rounds[-1])
    return MemoryReport(before_mb, min(at_once, calls), tuple(rounds))
