"""The calls that this process holds: how many there may be, how to reach one, and when the last has ended."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from models.errors import NoFreeSlot
from telephony.answered_by import AnsweredBy


class LiveCalls:
    """Used on one event loop, so that counting and admitting cannot be torn apart."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.closed = False
        """No call is admitted any more: this process is about to stop."""
        self._slots: Counter[str] = Counter()
        """How many hold each attempt's slot: who dialled it, and who holds the conversation."""
        self._tell: dict[str, Callable[[AnsweredBy], None]] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._slots)

    @contextmanager
    def slot(self, attempt_id: str) -> Iterator[None]:
        """Holds one of the slots, from before dialling to the end of the call; entering twice takes no second one.

        Raises NoFreeSlot when all are taken or the process is about to stop.
        """
        if attempt_id not in self._slots:
            self._admit()
        self._slots[attempt_id] += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._slots[attempt_id] -= 1
            if not self._slots[attempt_id]:
                del self._slots[attempt_id]
                self._tell.pop(attempt_id, None)
            if not self._slots:
                self._empty.set()

    def _admit(self) -> None:
        if self.closed:
            raise NoFreeSlot("this process takes no more calls, since it is about to stop: try another, or later")
        if len(self._slots) >= self.most:
            raise NoFreeSlot(
                f"all {self.most} calls that this process may hold are taken (VOICEBOT_MAX_CALLS): try again later"
            )

    def on_answered(self, attempt_id: str, tell: Callable[[AnsweredBy], None]) -> None:
        """Whom to tell who picked up `attempt_id`'s call."""
        self._tell[attempt_id] = tell

    def answered(self, attempt_id: str, who: AnsweredBy) -> None:
        """The carrier says who picked up. Of a call that is not here nothing is kept."""
        if tell := self._tell.get(attempt_id):
            tell(who)

    async def ended(self) -> None:
        """Returns when the last call has ended and is filed."""
        await self._empty.wait()

    async def drain(self) -> None:
        """Admits no more calls, and returns when the last has ended."""
        self.closed = True
        await self.ended()
