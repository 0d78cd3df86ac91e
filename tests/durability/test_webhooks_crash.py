"""Processes that send events and are killed at a moment that the receiver chooses: nothing is lost."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

import voicebot
from models.call import Candidate
from models.webhooks import DeliveryState
from voicebot.archive.store import Archive, open_archive

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVENTS = 30

SEND = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from voicebot.archive.store import open_archive
from voicebot.webhooks import dispatcher
from voicebot.webhooks.courier import Courier

dispatcher.POLL_S = 0.01
later = timedelta(seconds=int(sys.argv[2]))

async def main():
    archive = open_archive(Path(sys.argv[1]), database_url=os.environ.get("DATABASE_URL"))
    async with Courier((ip_network("127.0.0.0/8"),)) as courier:
        now = lambda: datetime(2026, 3, 1, 12, 0, tzinfo=UTC) + later
        await dispatcher.Dispatcher(archive.webhooks.outbox, courier, now=now).run()

asyncio.run(main())
"""


class Receiver:
    """Gets events, and kills who sends after some of them."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[int] = []
        self.arrived = asyncio.Condition()
        self.kill_at: dict[int, subprocess.Popen[bytes]] = {}
        """Before the answer to the event that arrives as number so many."""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.read())["sequence"])
        sender = self.kill_at.pop(len(self.got), None)
        if sender is not None:
            os.kill(sender.pid, signal.SIGKILL)
        async with self.arrived:
            self.arrived.notify_all()
        return web.Response()

    async def until(self, enough: int) -> None:
        async with self.arrived, asyncio.timeout(60):
            await self.arrived.wait_for(lambda: len(set(self.got)) >= enough)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    it = Receiver()
    application = web.Application()
    application.router.add_post("/", it.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield it
    await runner.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
        monkeypatch.setenv("DATABASE_URL", url)  # of the processes that are started
    return open_archive(tmp_path / "archive", database_url=url)


@contextlib.contextmanager
def sender(archive: Archive, later_s: int = 0):
    """A process that sends, by a clock that is so much later."""
    command = [sys.executable, "-c", SEND, str(archive.folder), str(later_s)]
    with subprocess.Popen(command, cwd=Path(voicebot.__file__).parent.parent) as process:
        try:
            yield process
        finally:
            process.kill()


def happen(archive: Archive) -> list[int]:
    """The sequences of what happened."""
    archive.people.file(Candidate("c", "Ann", "+14155550123"), NOW)
    for _ in range(EVENTS):
        archive.people.consent("c", "call", "I agree", "form", NOW)
    return sorted(entry.sequence for entry in archive.audit.entries() if entry.action == "consent")


async def all_settled(archive: Archive, webhook: str) -> None:
    async with asyncio.timeout(60):
        while archive.webhooks.outbox.ready(datetime.max.replace(tzinfo=UTC)) or archive.webhooks.deliveries(
            webhook, state=DeliveryState.WAITING
        ):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("killed_at", [1, 20, 21])
async def test_a_killed_sender_loses_nothing_and_repeats_one_event_at_most(
    archive: Archive, receiver: Receiver, killed_at: int
) -> None:
    """At the edges of what is claimed at once, between an event's arrival and the answer to it."""
    webhook = archive.webhooks.create(receiver.url, ["consent.given"], "mia", NOW)[0].id
    happened = happen(archive)
    with sender(archive) as first:
        receiver.kill_at[killed_at] = first
        await receiver.until(killed_at)
        await asyncio.to_thread(first.wait)
    with sender(archive, later_s=120):
        await receiver.until(EVENTS)
        await all_settled(archive, webhook)
    assert sorted(set(receiver.got)) == happened
    assert len(receiver.got) <= EVENTS + 1
    assert receiver.got == sorted(receiver.got), "in order all the same"
    delivered = archive.webhooks.deliveries(webhook, state=DeliveryState.DELIVERED)
    assert len(delivered) == EVENTS
    assert archive.verify().problems == ()
    archive.close()


async def test_processes_that_send_at_once_send_each_event_once_and_in_order(
    archive: Archive, receiver: Receiver
) -> None:
    webhook = archive.webhooks.create(receiver.url, ["consent.given"], "mia", NOW)[0].id
    with sender(archive), sender(archive), sender(archive):
        happened = await asyncio.to_thread(happen, archive)
        await receiver.until(EVENTS)
        await all_settled(archive, webhook)
    assert receiver.got == happened
    archive.close()
