"""What a receiver's answer means, and when it is asked again. Pure."""

from models.webhooks import DeliveryState, Reply, Verdict

BACKOFF_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
"""Between one attempt and the next: eleven attempts in 28 hours, so that a receiver may be down for a day."""
JITTER = 0.2
"""Each wait is that much shorter or longer, so that receivers that failed together do not come back together."""
LONGEST_RETRY_AFTER_S = 3600
GONE = 410
OF_THE_EVENT = frozenset({400, 409, 413, 415, 422})
"""Statuses by which a receiver refuses this event and not all of them: it steps aside, and the others go on."""


def verdict(attempts: int, reply: Reply, chance: float) -> Verdict:
    """After the attempt number `attempts`, from 1. `chance`: any number from 0 to 1, for the jitter."""
    if reply.error is None:
        return Verdict(DeliveryState.DELIVERED)
    if reply.status == GONE:
        return Verdict(
            DeliveryState.WAITING, disables="the receiver answered 410 Gone: it wants no more", holds_up=True
        )
    holds_up = reply.status not in OF_THE_EVENT
    if attempts > len(BACKOFF_S):
        gave_up = f"no attempt got through in {attempts} tries over a day; the last: {reply.error}"
        return Verdict(DeliveryState.DEAD, holds_up=holds_up, disables=gave_up if holds_up else None)
    wait_s = BACKOFF_S[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    return Verdict(
        DeliveryState.WAITING, max(wait_s, min(reply.retry_after_s, LONGEST_RETRY_AFTER_S)), holds_up=holds_up
    )
