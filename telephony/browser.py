"""A carrier without a network: a page in a browser is the telephone, and whoever sits there picks up.

"Dialling" tells the page the token to come with. It opens a media stream of its own, in which it speaks Media Streams
as any carrier does (see telephony.media_stream); whoever takes that stream says so to the leg.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from models.call import CallAnswered, CallEnded, CallEvent, CallRinging, DialRequest, Disposition
from models.errors import TokenRefused


class BrowserGateway:
    """Rings one page. `ring` hears which leg it is and what was asked for."""

    name = "browser"
    rings_people = False

    def __init__(self, ring: Callable[["BrowserLeg", DialRequest], None]) -> None:
        self._ring = ring

    async def dial(self, request: DialRequest) -> "BrowserLeg":
        leg = BrowserLeg(request.ring_ms, request.longest_ms)
        self._ring(leg, request)
        return leg


class BrowserLeg:
    """One call to a page."""

    def __init__(self, ring_ms: int, longest_ms: int) -> None:
        self._longest_s = longest_ms / 1000
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._over = asyncio.Event()
        self._close: Callable[[], Awaitable[None]] | None = None
        """Closes the stream that picked up."""
        self._events.put_nowait(CallRinging())
        loop = asyncio.get_running_loop()
        self._unanswered = loop.call_later(ring_ms / 1000, self._end, Disposition.NO_ANSWER)

    async def events(self) -> AsyncIterator[CallEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, CallEnded):
                return

    async def hang_up(self) -> None:
        if self._close is None:
            self._end(Disposition.FAILED)
        else:
            await self._close()
            await self._over.wait()

    @contextmanager
    def stream(self, close: Callable[[], Awaitable[None]]) -> Iterator[None]:
        """Around the whole of the page's media stream; the call has ended when it has. `close` closes the stream.

        Raises TokenRefused when it does not ring: a call is picked up once.
        """
        if self._close is not None or self._over.is_set():
            raise TokenRefused("this call was picked up before, or is over: call again")
        self._close = close
        self._unanswered.cancel()
        self._events.put_nowait(CallAnswered())
        longest = asyncio.create_task(self._close_after(self._longest_s, close), name="longest-call")
        try:
            yield
        finally:
            longest.cancel()
            self._end(None)

    @staticmethod
    async def _close_after(seconds: float, close: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(seconds)
        await close()

    def _end(self, disposition: Disposition | None) -> None:
        if not self._over.is_set():
            self._over.set()
            self._unanswered.cancel()
            self._events.put_nowait(CallEnded(disposition))
