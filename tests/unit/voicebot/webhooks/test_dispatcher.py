"""Real events from a real archive to a real HTTP server, and the addresses that get none."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from models.call import Candidate
from models.webhooks import DeliveryState, Reply
from voicebot.archive.store import Archive, open_archive
from voicebot.webhooks import dispatcher as dispatchers
from voicebot.webhooks.address import refusal
from voicebot.webhooks.courier import Courier
from voicebot.webhooks.dispatcher import Dispatcher, dispatching

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Receiver:
    """Another system: what it got, and what it answers."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[int], web.StreamResponse] = lambda n: web.Response()
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        self.arrived.set()
        return self.answer(len(self.got))

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    it = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", it.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    yield it
    await runner.cleanup()


@pytest.fixture
async def courier() -> AsyncIterator[Courier]:
    async with Courier(LOOPBACK) as it:
        yield it


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(tmp_path / "archive")


def happen(archive: Archive, *people: str) -> None:
    for candidate_id in people:
        archive.people.file(Candidate(candidate_id, "Ann", f"+1415555{candidate_id:>04}"), NOW)
        archive.people.opt_out(candidate_id, "mia", NOW)


async def look(archive: Archive, courier: Courier, at: datetime = NOW) -> None:
    dispatcher = Dispatcher(archive.webhooks.outbox, courier, now=lambda: at, chance=lambda: 0.5)
    await dispatcher.look()
    await dispatcher.idle()


async def test_what_arrives_is_signed_and_says_what_happened(
    archive: Archive, receiver: Receiver, courier: Courier
) -> None:
    _, secret = archive.webhooks.create(receiver.url, [], "mia", NOW)
    happen(archive, "1")
    await look(archive, courier)
    ((headers, body),) = receiver.got
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json"
    said = json.loads(body)
    assert said["type"] == "candidate.opted_out"
    assert said["timestamp"] == "2026-03-31T12:00:00Z"
    assert said["data"] == {"person_id": archive.people.find("1").id}


async def test_events_arrive_in_the_order_in_which_they_happened(
    archive: Archive, receiver: Receiver, courier: Courier
) -> None:
    archive.webhooks.create(receiver.url, [], "mia", NOW)
    happen(archive, *map(str, range(1, 51)))
    await look(archive, courier)
    sequences = [json.loads(body)["sequence"] for _, body in receiver.got]
    assert len(sequences) == 50
    assert sequences == sorted(sequences)


async def test_what_fails_comes_again_with_the_same_id_and_a_fresh_signature(
    archive: Archive, receiver: Receiver, courier: Courier
) -> None:
    webhook = archive.webhooks.create(receiver.url, [], "mia", NOW)[0]
    receiver.answer = lambda n: web.Response(status=503, headers={"Retry-After": "90"}) if n == 1 else web.Response()
    happen(archive, "1", "2")
    await look(archive, courier)
    assert len(receiver.got) == 1, "the second waits behind the first"
    (_, waiting) = archive.webhooks.deliveries(webhook.id)
    assert (waiting.last_status, waiting.last_error) == (503, "it answered 503")
    assert waiting.next_at == NOW + timedelta(seconds=90)
    await look(archive, courier, NOW + timedelta(seconds=89))
    assert len(receiver.got) == 1
    await look(archive, courier, NOW + timedelta(seconds=90))
    first, again, second = receiver.got
    assert first[0]["webhook-id"] == again[0]["webhook-id"] != second[0]["webhook-id"]
    assert first[1] == again[1]
    assert first[0]["webhook-signature"] != again[0]["webhook-signature"]


async def test_one_that_is_down_for_two_days_is_disabled_and_told_everything_when_it_is_back(
    archive: Archive, receiver: Receiver, courier: Courier
) -> None:
    webhook = archive.webhooks.create(receiver.url, [], "mia", NOW)[0].id
    receiver.answer = lambda n: web.Response(status=500)
    happen(archive, "1", "2")
    at = NOW
    while archive.webhooks.find(webhook).disabled_at is None:
        await look(archive, courier, at)
        at += timedelta(hours=1)
        assert at < NOW + timedelta(days=3)
    assert len(receiver.got) == 11
    assert "11 tries" in (archive.webhooks.find(webhook).disabled_because or "")
    receiver.answer, receiver.got = lambda n: web.Response(), []
    archive.webhooks.change(webhook, "mia", at, enabled=True)
    (dead,) = archive.webhooks.deliveries(webhook, state=DeliveryState.DEAD)
    archive.webhooks.replay(webhook, dead.sequence, "mia", at)
    await look(archive, courier, at)
    types = [json.loads(body)["type"] for _, body in receiver.got]
    assert types == ["candidate.opted_out", "candidate.opted_out", "webhook.disabled"]


async def test_one_slow_receiver_holds_up_no_other(
    archive: Archive, receiver: Receiver, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatchers, "GOODBYE_S", 0.1)

    async def hush(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(hush, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    archive.webhooks.create(f"http://127.0.0.1:{port}/", [], "mia", NOW)
    archive.webhooks.create(receiver.url, [], "mia", NOW)
    happen(archive, "1")
    dispatcher = Dispatcher(archive.webhooks.outbox, courier, now=lambda: NOW)
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(10):
        await receiver.arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    silent.close()
    await silent.wait_closed()


async def test_a_process_that_stops_files_the_answers_to_what_it_has_sent(archive: Archive, receiver: Receiver) -> None:
    webhook = archive.webhooks.create(receiver.url, [], "mia", NOW)[0].id
    happen(archive, "1")
    async with dispatching(archive.webhooks.outbox, Courier(LOOPBACK)), asyncio.timeout(10):
        await receiver.arrived.wait()
    (delivery,) = archive.webhooks.deliveries(webhook)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    happen(archive, "2")
    assert archive.webhooks.outbox.claim(webhook, "another", datetime.now(UTC)) is not None, "nobody holds it"


# What the network does


async def posted(courier: Courier, url: str) -> Reply:
    return await courier.post(url, b"{}", {})


async def test_a_redirect_is_not_followed(receiver: Receiver, courier: Courier) -> None:
    receiver.answer = lambda n: web.Response(status=307, headers={"Location": receiver.url + "/other"})
    assert await posted(courier, receiver.url) == Reply(307, "it answered 307")
    assert len(receiver.got) == 1


async def test_an_answer_without_end_is_cut(receiver: Receiver, courier: Courier) -> None:
    receiver.answer = lambda n: web.Response(body=b"x" * 50_000_000)
    async with asyncio.timeout(5):
        assert (await posted(courier, receiver.url)).status == 200


OURSELVES = ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0x7f000001", "0"]


@pytest.mark.parametrize("name", OURSELVES)
async def test_nothing_is_sent_to_ourselves(receiver: Receiver, name: str) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    async with Courier() as courier:
        for scheme in ("https", "http"):
            reply = await posted(courier, f"{scheme}://{name}:{port}/hooks")
            assert reply.status is None
            assert reply.error
    assert receiver.got == []


def _end(address: str, port: int) -> tuple[object, ...]:
    return (address, port, 0, 0) if ":" in address else (address, port)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("10.0.0.1", "127.0.0.1"), ("169.254.169.254",), ("::1",)])
async def test_a_name_on_the_internet_that_leads_inside_gains_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """Whatever it led to when it was looked up before: the address that is checked is the one that is connected to."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    family = {True: socket.AF_INET6, False: socket.AF_INET}

    async def rebound(self, host, *args, **kwargs):
        return [(family[":" in each], socket.SOCK_STREAM, 6, "", _end(each, port)) for each in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", rebound)
    async with Courier() as courier:
        reply = await posted(courier, f"https://hr.example.com:{port}/")
    assert reply == Reply(None, refusal(plain=False))
    assert receiver.got == []


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://127.0.0.1:1/", "it cannot be connected to"),
        ("https://nowhere.invalid/", "its name cannot be looked up"),
        ("http://nowhere.invalid/", "its name cannot be looked up"),
    ],
)
async def test_what_cannot_be_reached_says_so(courier: Courier, url: str, error: str) -> None:
    assert await posted(courier, url) == Reply(None, error)


async def test_what_is_no_https_says_so(receiver: Receiver, courier: Courier) -> None:
    reply = await posted(courier, receiver.url.replace("http:", "https:"))
    assert reply.status is None
    assert reply.error


NONSENSE = [
    b"",
    b"\x00" * 100,
    b"HTTP/1.1 200",
    b"HTTP/1.1 999999 x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\na: " + b"b" * 20_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("noise", NONSENSE, ids=lambda noise: str(noise[:20]))
async def test_a_receiver_that_talks_nonsense_is_a_failed_attempt(courier: Courier, noise: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(noise)
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, asyncio.timeout(10):
        reply = await posted(courier, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert reply.error is not None
