"""The carrier that ships: what its simulated phone does on the wire. Real sockets, real time."""

import asyncio
import contextlib

import numpy as np
import pytest
from websockets.asyncio.server import serve

from models.audio import FRAME_MS
from models.call import CallAnswered, CallEnded, CallRinging, DialRequest, Disposition
from models.errors import CarrierUnreachable
from telephony import media_stream as wire
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from telephony.loopback import FRAME_BYTES, Hook, LoopbackGateway, Press

REQUEST = DialRequest("a1", "+15555550123", stream_token="token-1")
SILENCE = bytes(FRAME_BYTES)


def tone(ms):
    samples = 8000 * np.sin(2 * np.pi * 440 * np.arange(ms * 8) / 8000)
    return samples.astype(np.int16).tobytes()


class Listener:
    """Keeps what it hears, says nothing, and acts at given frames."""

    def __init__(self, acts=None):
        self.heard = []
        self.acts = acts or {}

    def exchange(self, heard):
        self.heard.append(heard)
        return self.acts.get(len(self.heard), SILENCE)

    def sound_ms(self):
        return FRAME_MS * sum(any(frame) for frame in self.heard)


@contextlib.asynccontextmanager
async def gateway_that(behaves):
    """A media gateway that keeps every message it gets and behaves as told. Yields its URL and the messages."""
    messages = []

    async def take(socket):
        async def read():
            async for text in socket:
                messages.append(wire.from_carrier(text))

        reading = asyncio.create_task(read())
        await behaves(socket, messages)
        await socket.close()
        await reading

    async with serve(take, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media", messages


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def events_of(leg):
    return [event async for event in leg.events()]


def media(pcm):
    return wire.encode(wire.Media(stream_sid="MZa1", media=wire.MediaBody(payload=pcm_to_mulaw(pcm))))


def mark(name):
    return wire.encode(wire.Mark(stream_sid="MZa1", mark=wire.MarkBody(name=name)))


def marks(messages):
    return [message.mark.name for message in messages if isinstance(message, wire.Mark)]


async def dial(url, handset):
    return await LoopbackGateway(url, lambda request: handset, ringing_ms=0).dial(REQUEST)


async def test_a_call_rings_is_answered_and_ends_when_the_gateway_closes():
    async def one_second(socket, messages):
        await until(lambda: len(messages) > 50)

    async with gateway_that(one_second) as (url, messages):
        events = await events_of(await dial(url, Listener()))
    assert events == [CallRinging(), CallAnswered(), CallEnded(None)]
    assert isinstance(messages[0], wire.Connected)
    assert messages[1].start.custom_parameters == {"token": "token-1"}
    assert [message.sequence_number for message in messages[1:]] == list(range(1, len(messages)))
    packets = [message.media for message in messages[2:]]
    assert all(len(packet.payload) == 160 for packet in packets)
    assert [packet.timestamp for packet in packets] == [FRAME_MS * n for n in range(len(packets))]


async def test_audio_runs_in_real_time():
    async def two_seconds(socket, messages):
        await asyncio.sleep(2)

    async with gateway_that(two_seconds) as (url, messages):
        await events_of(await dial(url, Listener()))
    assert 1800 <= FRAME_MS * len(messages) <= 2300


@pytest.mark.parametrize("outcome", [Disposition.BUSY, Disposition.NO_ANSWER, Disposition.REJECTED])
async def test_a_call_that_nobody_takes_says_why_and_brings_no_media(outcome):
    leg = await LoopbackGateway("ws://127.0.0.1:9/none", lambda request: outcome, ringing_ms=0).dial(REQUEST)
    assert await events_of(leg) == [CallRinging(), CallEnded(outcome)]


async def test_a_mark_comes_back_when_what_is_before_it_has_been_heard():
    listener = Listener()
    heard_at_mark = []

    async def speak(socket, messages):
        await socket.send(media(tone(500)))
        await socket.send(mark("said"))
        await until(lambda: marks(messages))
        heard_at_mark.append(listener.sound_ms())

    async with gateway_that(speak) as (url, messages):
        await events_of(await dial(url, listener))
    assert marks(messages) == ["said"]
    assert 480 <= heard_at_mark[0] <= 520


async def test_what_is_heard_is_what_was_sent():
    listener = Listener()

    async def speak(socket, messages):
        await socket.send(media(tone(200)))
        await socket.send(mark("said"))
        await until(lambda: marks(messages))

    async with gateway_that(speak) as (url, _messages):
        await events_of(await dial(url, listener))
    assert mulaw_to_pcm(pcm_to_mulaw(tone(200))) in b"".join(listener.heard)


async def test_clear_stops_the_sound_at_once_and_returns_the_marks():
    listener = Listener()

    async def speak_and_stop(socket, messages):
        await socket.send(media(tone(5000)))
        await socket.send(mark("never heard"))
        await until(lambda: listener.sound_ms() >= 200)
        await socket.send(wire.encode(wire.Clear(stream_sid="MZa1")))
        await until(lambda: marks(messages))
        await asyncio.sleep(0.3)

    async with gateway_that(speak_and_stop) as (url, messages):
        await events_of(await dial(url, listener))
    assert marks(messages) == ["never heard"]
    assert listener.sound_ms() < 500


async def test_a_key_press_arrives_as_dtmf():
    async def wait_for_key(socket, messages):
        await until(lambda: any(isinstance(message, wire.Dtmf) for message in messages))

    async with gateway_that(wait_for_key) as (url, messages):
        await events_of(await dial(url, Listener({5: Press("9")})))
    assert [message.dtmf.digit for message in messages if isinstance(message, wire.Dtmf)] == ["9"]


async def test_hanging_up_sends_stop_and_ends_the_call():
    async def wait_for_stop(socket, messages):
        await until(lambda: any(isinstance(message, wire.Stop) for message in messages))

    async with gateway_that(wait_for_stop) as (url, messages):
        events = await events_of(await dial(url, Listener({10: Hook.DOWN})))
    assert isinstance(messages[-1], wire.Stop)
    assert events[-1] == CallEnded(None)


async def test_a_line_that_goes_dead_says_nothing_more_and_ends_the_call():
    async def wait(socket, messages):
        await socket.wait_closed()

    async with gateway_that(wait) as (url, messages):
        leg = await dial(url, Listener())
        await until(lambda: len(messages) > 10)
        leg.go_dead()
        events = await events_of(leg)
    assert not any(isinstance(message, wire.Stop) for message in messages)
    assert events[-1] == CallEnded(None)


async def test_a_line_may_be_dead_from_the_start():
    async def wait(socket, messages):
        await socket.wait_closed()

    async with gateway_that(wait) as (url, messages):
        leg = await dial(url, Listener())
        leg.go_dead()
        assert (await events_of(leg))[-1] == CallEnded(None)
    assert not messages


async def test_we_may_hang_up_at_any_moment():
    async def wait(socket, messages):
        await socket.wait_closed()

    async with gateway_that(wait) as (url, messages):
        leg = await dial(url, Listener())
        await until(lambda: len(messages) > 10)
        await leg.hang_up()
        await leg.hang_up()


async def test_a_gateway_that_cannot_be_reached_is_named():
    leg = await dial("ws://127.0.0.1:9/media", Listener())
    with pytest.raises(CarrierUnreachable, match="ws://127.0.0.1:9/media"):
        await events_of(leg)
