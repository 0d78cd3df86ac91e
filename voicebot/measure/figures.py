"""Many measurements as a few figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a set of durations in milliseconds."""

    count: int
    p50_ms: int
    p95_ms: int
    max_ms: int

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "p50_ms": self.p50_ms, "p95_ms": self.p95_ms, "max_ms": self.max_ms}


def spread(durations_ms: Sequence[float]) -> Spread | None:
    """Median, 95th percentile (interpolated, as numpy does it) and the longest. None when there are none."""
    if not durations_ms:
        return None
    p50, p95, longest = np.percentile(durations_ms, (50, 95, 100))
    return Spread(len(durations_ms), round(p50), round(p95), round(longest))
