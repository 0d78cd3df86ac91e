"""How many calls at once this machine carries: doubling until it is too many, then halving the distance."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from voicebot.measure.latency import LatencyReport, machine

ACCEPTABLE_P95_MS = 1500
"""A candidate who waits longer asks whether anybody is still there."""
MOST_CALLS = 64
TURNS = 7
"""Turns of each call: a minute and a half of interview, so that the whole search takes a quarter of an hour."""

Hold = Callable[[int], Awaitable[LatencyReport]]
"""Holds so many calls at once, in real time."""


def carried(report: LatencyReport) -> bool:
    """Whether every turn of every call was answered, and 95 % of them in time."""
    latency = report.latency
    whole = not report.unanswered and not any(call.unsaid for call in report.calls)
    return whole and latency is not None and latency.p95_ms <= ACCEPTABLE_P95_MS


@dataclass(frozen=True, slots=True)
class CapacityReport:
    tries: tuple[LatencyReport, ...]
    """In the order they were made; each number of calls once."""

    @property
    def best(self) -> LatencyReport | None:
        """The one with the most calls that were carried."""
        return max(filter(carried, self.tries), key=lambda report: len(report.calls), default=None)

    def to_json(self) -> dict[str, Any]:
        best = self.best
        latency = best.latency if best else None
        return {
            "calls": len(best.calls) if best else 0,
            "p95_ms": latency.p95_ms if latency else None,
            "acceptable_p95_ms": ACCEPTABLE_P95_MS,
            "tries": [report.to_json() | {"carried": carried(report)} for report in self.tries],
            "machine": machine(),
        }


async def search(hold: Hold, on_try: Callable[[LatencyReport], None] = lambda report: None) -> CapacityReport:
    """The largest number of calls that is carried, up to MOST_CALLS; each number is tried once."""
    tries: list[LatencyReport] = []

    async def carries(calls: int) -> bool:
        tries.append(await hold(calls))
        on_try(tries[-1])
        return carried(tries[-1])

    good, bad = 0, 1
    while bad <= MOST_CALLS and await carries(bad):
        good, bad = bad, 2 * bad
    while bad - good > 1 and good:
        middle = (good + bad) // 2
        if middle > MOST_CALLS:
            break
        good, bad = (middle, bad) if await carries(middle) else (good, middle)
    return CapacityReport(tuple(tries))
