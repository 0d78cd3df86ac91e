"""Who is let in, and what the gateway stands on the wire. Real sockets, a real archive."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dialog_flows.engine import lines
from models.call import Candidate, Disposition
from models.speech import Speaker
from telephony import media_stream as wire
from telephony import token
from telephony.loopback import Hook, LoopbackGateway, Press
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.conversation import Unobserved
from voicebot.pipeline import session
from voicebot.rehearsal.persona import Persona

MAYA = Candidate("maya", "Maya", "+15555550123")
SILENCE = wire.SILENCE * 160


class Filed(Unobserved):
    def __init__(self):
        self.event = asyncio.Event()

    def filed(self, interview_id):
        self.event.set()


@contextlib.asynccontextmanager
async def gateway(parts):
    """Yields the URL of a running gateway, and an observer that knows when its call has been filed."""
    filed = Filed()
    async with serving(create_app(parts, lambda _: filed), listen("127.0.0.1", 0)) as address:
        yield f"ws://{address}/media", filed


@pytest.fixture
async def scheduled(parts, short_flow):
    """An interview that waits for its call: its id, an attempt's id and that attempt's token."""
    filled, variables = demo.fill(parts, short_flow, Persona(id="p", name="Maya", flow="short", answers={}))
    await parts.voice("en").prepare(lines(filled))
    interview_id = await dialler.schedule(parts, filled, MAYA, variables)
    attempt_id = parts.archive.begin_attempt(interview_id, datetime.now(UTC))
    return interview_id, attempt_id, token.mint(parts.token_secret, attempt_id, time.time())


def start(stream_token):
    body = wire.StartBody(stream_sid="MZ1", call_sid="CA1", custom_parameters={"token": stream_token})
    return wire.encode(wire.Start(stream_sid="MZ1", sequence_number=1, start=body))


def packet(number):
    body = wire.MediaBody(payload=SILENCE, timestamp=number * 20, chunk=number + 1, track="inbound")
    return wire.encode(wire.Media(stream_sid="MZ1", sequence_number=number + 2, media=body))


async def close_code(socket):
    with contextlib.suppress(ConnectionClosed):
        async for _ in socket:
            pass
    return socket.close_code


async def first_audio(socket):
    async for text in socket:
        if isinstance(wire.to_carrier(text), wire.Media):
            return


@pytest.mark.parametrize(
    "first",
    [
        start("forged.9999999999.0000"),
        start(""),
        packet(0),
        "hello",
        '{"event":"start"}',
        b"\x00\x01",
        "x" * (wire.MAX_MESSAGE_BYTES - 1),
    ],
    ids=["forged token", "no token", "media before start", "no JSON", "empty start", "binary", "huge"],
)
async def test_a_stream_that_is_not_expected_is_closed_before_anything_is_done_for_it(parts, first):
    before = len(parts.archive.interviews())
    async with gateway(parts) as (url, filed), connect(url) as socket:
        await socket.send(first)
        assert await close_code(socket) == 1008
        assert not filed.event.is_set()
    assert len(parts.archive.interviews()) == before


async def test_a_message_beyond_all_reason_is_refused_by_the_socket(parts):
    async with gateway(parts) as (url, _), connect(url) as socket:
        await socket.send("x" * (wire.MAX_MESSAGE_BYTES + 1))
        assert await close_code(socket) == 1009


async def test_a_stream_that_says_nothing_is_closed(parts):
    async with gateway(parts) as (url, _), connect(url) as socket:
        assert await close_code(socket) == 1008


async def test_a_token_lets_one_stream_in_and_no_second(parts, scheduled):
    _, _, stream_token = scheduled
    async with gateway(parts) as (url, filed), connect(url) as socket:
        await socket.send(start(stream_token))
        await first_audio(socket)
        async with connect(url) as second:
            await second.send(start(stream_token))
            assert await close_code(second) == 1008
        assert not filed.event.is_set(), "the first call goes on"
        await socket.close()
        await asyncio.wait_for(filed.event.wait(), 10)


async def test_a_token_that_is_too_old_or_whose_call_is_over_lets_nobody_in(parts, scheduled):
    _, attempt_id, stream_token = scheduled
    old = token.mint(parts.token_secret, attempt_id, time.time() - token.LIFETIME_S - 1)
    over = parts.archive.begin_attempt(scheduled[0], datetime.now(UTC))
    parts.archive.end_attempt(over, Disposition.NO_ANSWER, {}, None, datetime.now(UTC))
    async with gateway(parts) as (url, filed):
        for refused in (old, token.mint(parts.token_secret, over, time.time())):
            async with connect(url) as socket:
                await socket.send(start(refused))
                assert await close_code(socket) == 1008
            assert len(parts.live_calls) == 0
        assert not filed.event.is_set()
        async with connect(url) as socket:
            await socket.send(start(stream_token))
            await first_audio(socket)
        await asyncio.wait_for(filed.event.wait(), 10)


async def test_malformed_messages_are_counted_and_the_call_goes_on(parts, scheduled):
    interview_id, _, stream_token = scheduled
    nonsense = ["", "nonsense", "{}", '{"event":"media","media":{"payload":"?"}}', b"\xff\xfe", '{"event":"mark"}']
    async with gateway(parts) as (url, filed), connect(url) as socket:
        await socket.send(start(stream_token))
        for message in nonsense:
            await socket.send(message)
        for number in range(10):
            await socket.send(packet(number))
        await first_audio(socket)
        await socket.send(wire.encode(wire.Stop(stream_sid="MZ1")))
        await asyncio.wait_for(filed.event.wait(), 10)
    record = parts.archive.interview(interview_id)
    assert record.disposition is Disposition.DROPPED
    assert record.call_facts["malformed_messages"] == len(nonsense)
    assert record.call_facts["duration_ms"] == 200


async def test_lost_packets_are_silence_and_are_counted(parts, scheduled):
    interview_id, _, stream_token = scheduled
    async with gateway(parts) as (url, filed), connect(url) as socket:
        await socket.send(start(stream_token))
        for number in (*range(10), *range(60, 70)):
            await socket.send(packet(number))
        await first_audio(socket)
        await socket.send(wire.encode(wire.Stop(stream_sid="MZ1")))
        await asyncio.wait_for(filed.event.wait(), 10)
    facts = parts.archive.interview(interview_id).call_facts
    assert (facts["duration_ms"], facts["lost_audio_ms"]) == (1400, 1000)


async def test_a_line_that_goes_dead_is_a_dropped_call(parts, scheduled):
    interview_id, _, stream_token = scheduled
    async with gateway(parts) as (url, filed), connect(url) as socket:
        await socket.send(start(stream_token))
        await socket.send(packet(0))
        await asyncio.wait_for(filed.event.wait(), 2 * session.STALL_MS / 1000 + 1)
    assert parts.archive.interview(interview_id).disposition is Disposition.DROPPED


async def test_a_call_that_ends_before_its_media_came_is_filed_at_once(parts, short_flow):
    class DeadNetwork(LoopbackGateway):
        async def dial(self, request):
            leg = await super().dial(request)
            leg.go_dead()
            return leg

    filled, variables = demo.fill(parts, short_flow, Persona(id="p", name="Maya", flow="short", answers={}))
    interview_id = await dialler.schedule(parts, filled, MAYA, variables)
    async with gateway(parts) as (url, filed):
        network = DeadNetwork(url, lambda _: Silent(), ringing_ms=0)
        assert await dialler.place_call(parts, network, interview_id, MAYA.phone) is Disposition.FAILED
        assert not filed.event.is_set()
    assert parts.archive.interview(interview_id).disposition is Disposition.FAILED


class Silent:
    def exchange(self, heard):
        return bytes(320)


class Listening(Unobserved):
    def __init__(self):
        self.lines = []

    def line_began(self, text, at_ms):
        self.lines.append(text)


async def test_each_of_several_calls_at_once_is_followed_by_its_own_observer(parts, short_flow):
    calls, screens = {}, {}

    async def hold(name):
        persona = Persona(id=name, name=name, flow="short", answers={})
        filled, variables = demo.fill(parts, short_flow, persona)
        await parts.voice("en").prepare(lines(filled))
        screens[name] = Listening()
        interview_id = await demo.ring(parts, filled, variables, persona, Agreeable(), url, calls, screens[name])
        return parts.archive.interview(interview_id)

    async with serving(create_app(parts, calls.__getitem__), listen("127.0.0.1", 0)) as address:
        url = f"ws://{address}/media"
        records = await asyncio.gather(*(hold(name) for name in ("Ann", "Ben", "Cleo")))
    assert len(calls) == 3
    for name, record in zip(("Ann", "Ben", "Cleo"), records, strict=True):
        assert f"Am I speaking with {name}?" in screens[name].lines
        assert not any("Am I speaking with" in line and name not in line for line in screens[name].lines)
        said = [line.text for line in record.transcript if line.speaker is Speaker.INTERVIEWER]
        assert said == screens[name].lines


class Agreeable:
    """Presses 1, which is yes, a second after each of the opening's three questions, and hangs up after the next."""

    def __init__(self):
        self._quiet_ms = 0
        self._then = iter([Press("1"), Press("1"), Press("1"), Hook.DOWN])

    def exchange(self, heard):
        self._quiet_ms = 0 if any(abs(at) > 500 for at in memoryview(heard).cast("h")) else self._quiet_ms + 20
        return next(self._then) if self._quiet_ms == 1000 else bytes(320)
