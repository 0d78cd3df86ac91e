"""A call's way from dialling to its end, put together from reports that come late, twice or out of order."""

from models.call import CallAnswered, CallEnded, CallEvent, CallRinging, Disposition

RANKS = {"queued": 0, "initiated": 0, "ringing": 1, "in-progress": 2, "answered": 2}
FINAL: dict[str, Disposition | None] = {
    "completed": None,
    "busy": Disposition.BUSY,
    "no-answer": Disposition.NO_ANSWER,
    "canceled": Disposition.FAILED,
    "failed": Disposition.FAILED,
}
DECLINED = frozenset({403, 603, 607, 608})
"""SIP: forbidden, decline, unwanted, rejected. Carriers report these as `busy` or `failed`."""
NOBODY = frozenset({408, 480})
"""SIP: request timeout, temporarily unavailable."""


class Progress:
    """Each event once, in order, and nothing after the end, whatever the reports' number and order."""

    def __init__(self) -> None:
        self._rank = 0
        self.ended = False

    def advance(self, status: str, sip_code: int | None = None) -> tuple[CallEvent, ...]:
        """What is new when the carrier says `status`. A status that we do not know changes nothing."""
        if self.ended:
            return ()
        if status in FINAL:
            self.ended = True
            return (CallEnded(_disposition(status, sip_code)),)
        rank = RANKS.get(status, 0)
        steps: tuple[CallEvent, ...] = (CallRinging(), CallAnswered())
        new = steps[self._rank : rank]
        self._rank = max(self._rank, rank)
        return new


def _disposition(status: str, sip_code: int | None) -> Disposition | None:
    if FINAL[status] is not None and sip_code in DECLINED:
        return Disposition.REJECTED
    if status == "failed" and sip_code in NOBODY:
        return Disposition.NO_ANSWER
    return FINAL[status]
