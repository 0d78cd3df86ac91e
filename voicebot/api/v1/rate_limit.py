"""How often somebody may ask. Counted in this process alone: what a client may do, it may do on each of several."""

import threading
import time
from dataclasses import dataclass
from math import ceil

from models.errors import TooManyAttempts

WINDOW_S = 60
_MOST_KNOWN = 10_000
"""Names and addresses that are remembered; beyond that, those who have not asked for a whole window are forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What somebody has left."""

    limit: int
    remaining: int
    reset_s: int
    """Until all of it is there again."""

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 has them."""
        return {
            "RateLimit-Policy": f'"requests";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"requests";r={self.remaining};t={self.reset_s}',
        }


class RateLimit:
    """A bucket for each who asks: it holds a minute's requests and fills evenly."""

    def __init__(self, per_minute: int) -> None:
        self._limit = per_minute
        self._left: dict[str, tuple[float, float]] = {}
        """How much there was, and when that was."""
        self._lock = threading.Lock()

    def take(self, who: str, now: float | None = None) -> Rate:
        """Counts a request of `who`. Errors: TooManyAttempts. `now`: seconds on any clock that only goes forward."""
        now = time.monotonic() if now is None else now
        with self._lock:
            if len(self._left) >= _MOST_KNOWN:
                self._left = {each: left for each, left in self._left.items() if now - left[1] < WINDOW_S}
            left, at = self._left.get(who, (float(self._limit), now))
            left = min(float(self._limit), left + (now - at) * self._limit / WINDOW_S)
            if left < 1:
                wait_s = ceil((1 - left) * WINDOW_S / self._limit)
                raise TooManyAttempts(f"too many requests: go on in {wait_s} s", wait_s)
            self._left[who] = (left - 1, now)
        return Rate(self._limit, int(left - 1), ceil((self._limit - left + 1) * WINDOW_S / self._limit))

    def exhausted(self, error: TooManyAttempts) -> Rate:
        """What is left for whom `take` refused."""
        return Rate(self._limit, 0, error.retry_after_s)
