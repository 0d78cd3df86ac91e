"""Sends what happened to whoever wants to know, as long as the process serves calls. Several processes may do so at
once: each endpoint is sent to by one of them at a time, and in order."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from loguru import logger

from models.errors import ArchiveError
from models.webhooks import Batch, Event, Reply
from voicebot.archive.outbox import Outbox
from voicebot.webhooks import retry, signature
from voicebot.webhooks.courier import Courier

POLL_S = 1.0
"""How often it looks: the longest that an event waits for its first attempt where nothing else is due."""
MOST_AT_ONCE = 8
"""Endpoints that are sent to at the same time."""
GOODBYE_S = 4.0
"""How long a stopping process waits for the answers to what it has sent."""
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Dispatcher:
    """Runs in one event loop, from `run` until it is cancelled."""

    def __init__(
        self, outbox: Outbox, courier: Courier, *, now: Clock = utc_now, chance: Callable[[], float] = random.random
    ) -> None:
        """`chance`: a number from 0 to 1, for the jitter of retries."""
        self._outbox = outbox
        self._courier = courier
        self._now = now
        self._chance = chance
        self._owner = secrets.token_hex(8)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def run(self) -> None:
        """Until cancelled; then the events that are on their way get `GOODBYE_S` for their answers."""
        try:
            while True:
                try:
                    await self.look()
                except ArchiveError as error:  # the archive comes back, and so do we
                    logger.warning("webhooks wait for the archive: {}", error)
                await asyncio.sleep(POLL_S)
        finally:
            self._stopping = True
            if self._sending:
                _, late = await asyncio.wait(self._sending.values(), timeout=GOODBYE_S)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def look(self) -> None:
        """Begins to send to every endpoint that something is due for."""
        for endpoint_id in await asyncio.to_thread(self._outbox.ready, self._now()):
            if endpoint_id not in self._sending and len(self._sending) < MOST_AT_ONCE:
                self._sending[endpoint_id] = asyncio.create_task(
                    self._serve(endpoint_id), name=f"webhook {endpoint_id}"
                )

    async def idle(self) -> None:
        """Returns when nothing is being sent."""
        while self._sending:
            await asyncio.wait(self._sending.values())

    async def _serve(self, endpoint_id: str) -> None:
        try:
            while not self._stopping and await self._batch(endpoint_id):
                pass
        except ArchiveError as error:
            logger.bind(webhook=endpoint_id).warning("a webhook waits for the archive: {}", error)
        finally:
            del self._sending[endpoint_id]

    async def _batch(self, endpoint_id: str) -> bool:
        """Sends what is due; whether there may be more."""
        batch = await asyncio.to_thread(self._outbox.claim, endpoint_id, self._owner, self._now())
        if batch is None or not batch.posts:
            return False
        try:
            for post in batch.posts:
                if self._stopping or not await self._send(batch, post.event, post.attempts + 1):
                    return False
            return True
        finally:
            await asyncio.to_thread(self._outbox.release, endpoint_id, self._owner)

    async def _send(self, batch: Batch, event: Event, attempt: int) -> bool:
        """Whether the ones behind it may go."""
        reply = await send(self._courier, batch.url, batch.secrets, event, self._now())
        verdict = retry.verdict(attempt, reply, self._chance())
        if verdict.disables is not None:
            logger.bind(webhook=batch.endpoint_id).error(
                "A WEBHOOK WAS DISABLED: {}. Mend the receiver, then enable it: it is sent all that it missed.",
                verdict.disables,
            )
        held = await asyncio.to_thread(
            self._outbox.settle, batch.endpoint_id, self._owner, event.sequence, reply, verdict, self._now()
        )
        return held and not verdict.holds_up


async def send(courier: Courier, url: str, signing: tuple[str, ...], event: Event, at: datetime) -> Reply:
    """One attempt, signed as of now."""
    body = event.body()
    return await courier.post(url, body, signature.headers(event.id, body, signing, int(at.timestamp())))


@contextlib.asynccontextmanager
async def dispatching(outbox: Outbox, courier: Courier) -> AsyncIterator[None]:
    """Sends what happens, beside other work."""
    async with courier:
        running = asyncio.create_task(Dispatcher(outbox, courier).run(), name="webhooks")
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
