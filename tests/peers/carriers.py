"""Every carrier behind one face: a phone that somebody holds, our end of the call, and what the carrier reported."""

import asyncio
import contextlib
from collections import deque

import pytest
from fastapi import FastAPI, WebSocket
from media_streams import MediaStream
from pipecat.frames.frames import (
    EndFrame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.workers.runner import WorkerRunner
from softphone import Softphone, free_udp_port
from twilio.request_validator import RequestValidator

from models.audio import TELEPHONE_RATE_HZ
from models.call import CallAnswered, DialRequest, Disposition
from telephony import media_stream as wire
from telephony.browser import BrowserGateway
from telephony.loopback import FRAME_BYTES, Hook, LoopbackGateway, Press
from telephony.sip import SipGateway, SipTrunk
from telephony.twilio import TwilioAccount, TwilioGateway
from voicebot.api.server import listen, serving
from voicebot.api.twilio import router
from voicebot.pipeline.frames import LineLostFrame, PlayedFrame
from voicebot.pipeline.media_stream import MediaStreamTransport, mark
from voicebot.pipeline.sip import SipTransport

SID, AUTH_TOKEN, CALLER_ID = "AC" + "0" * 32, "twilio_test_auth_token", "+15551234567"
SIMULATE = "https://api.twilio.com/_twilio/simulate/call-status"
WITHIN_S = 20


async def until(condition):
    async with asyncio.timeout(WITHIN_S):
        while not condition():
            await asyncio.sleep(0.01)


class Phone:
    """A handset in a test's hand."""

    def __init__(self):
        self._heard = []
        self._does = deque()
        self._saying = b""

    def exchange(self, heard):
        self._heard.append(heard)
        if self._does:
            return self._does.popleft()
        said, self._saying = self._saying[:FRAME_BYTES], self._saying[FRAME_BYTES:]
        return said.ljust(FRAME_BYTES, b"\0")

    def say(self, pcm):
        self._saying = pcm

    def press(self, digits):
        self._does += [Press(digit) for digit in digits]

    def hang_up(self):
        self._does.append(Hook.DOWN)

    def heard(self):
        return b"".join(self._heard)


class OurEnd(FrameProcessor):
    """What the product's pipeline sees of a call, and what it can do."""

    def __init__(self, line):
        super().__init__()
        self.heard = b""
        self.keys = ""
        self.marks = []
        self.lost = False
        pipeline = Pipeline([line.input(), self, line.output()])
        rates = PipelineParams(audio_in_sample_rate=TELEPHONE_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ)
        self._worker = PipelineWorker(
            pipeline, params=rates, enable_rtvi=False, enable_turn_tracking=False, idle_timeout_secs=None
        )
        line.add_event_handler("on_client_disconnected", self._disconnected)

    async def run(self):
        runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
        await runner.add_workers(self._worker)
        await runner.run()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame():
                self.heard += frame.audio
            case InputDTMFFrame():
                self.keys += frame.button.value
            case PlayedFrame():
                self.marks.append(frame.mark)
            case LineLostFrame():
                await self._disconnected()
            case _:
                await self.push_frame(frame, direction)

    async def say(self, pcm, name):
        await self.push_frame(TTSAudioRawFrame(audio=pcm, sample_rate=TELEPHONE_RATE_HZ, num_channels=1))
        await self.push_frame(mark(name))

    async def be_interrupted(self):
        await self.push_frame(InterruptionFrame())

    async def hang_up(self):
        await self._worker.queue_frame(EndFrame())

    async def _disconnected(self, *_):
        if not self.lost:
            self.lost = True
            await self.hang_up()


class Call:
    """One call that is being followed."""

    def __init__(self, leg, phone):
        self.leg = leg
        self.phone = phone
        self.ours = None
        self.events = []
        self._following = asyncio.create_task(self._follow())

    async def _follow(self):
        async for event in self.leg.events():
            self.events.append(event)

    async def ended(self):
        await asyncio.wait_for(self._following, WITHIN_S)
        return self.events


class Streams:
    """Where media streams arrive."""

    def __init__(self):
        self.arrived = {}
        """Our end of each call, by the stream's token."""

    async def take(self, socket: WebSocket):
        await socket.accept()
        while not isinstance(message := wire.from_carrier(await socket.receive_text()), wire.Start):
            pass
        start = message.start
        ours = self.arrived[start.custom_parameters["token"]] = OurEnd(MediaStreamTransport(socket, start.stream_sid))
        await ours.run()
        with contextlib.suppress(RuntimeError):
            await socket.close()

    async def joined(self, call, token):
        await until(lambda: token in self.arrived)
        call.ours = self.arrived[token]
        return call


class Loopback:
    name = "loopback"

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, app = Streams(), FastAPI()
        app.add_api_websocket_route("/media", self.streams.take)
        async with serving(app, listen("127.0.0.1", 0)) as address:
            self.url = f"ws://{address}/media"
            yield self

    async def dial(self, attempt_id, outcome):
        gateway = LoopbackGateway(self.url, lambda request: outcome, ringing_ms=0)
        return await gateway.dial(DialRequest(attempt_id, "+15555550123", attempt_id))

    async def call(self, attempt_id="a1"):
        phone = Phone()
        return await self.streams.joined(Call(await self.dial(attempt_id, phone), phone), attempt_id)

    async def fails(self, outcome):
        return await Call(await self.dial("a1", outcome), None).ended()


class Twilio:
    name = "twilio"

    def __init__(self, emulate):
        self.emulate = emulate

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, self.calls, app = Streams(), set(), FastAPI()
        listener = listen("127.0.0.1", 0)
        host, port = listener.getsockname()
        account = TwilioAccount(SID, AUTH_TOKEN, CALLER_ID, f"http://{host}:{port}", api_url=self.emulate)
        self.gateway = TwilioGateway(account)
        app.include_router(router(self.gateway, self.streams.take, lambda *_: None))
        self.url = f"ws://{host}:{port}/twilio/media"
        async with serving(app, listener):
            yield self
            await asyncio.gather(*self.calls)

    async def dial(self, attempt_id):
        return await self.gateway.dial(DialRequest(attempt_id, "+14155550123", attempt_id))

    async def happens(self, leg, status):
        form = {"CallSid": leg.call_sid, "Status": status}
        await self.gateway.ask(lambda client: client.request("POST", SIMULATE, data=form, auth=(SID, AUTH_TOKEN)))

    async def call(self, attempt_id="a1"):
        phone, leg = Phone(), await self.dial(attempt_id)
        await self.happens(leg, "in-progress")

        async def media():
            signature = RequestValidator(AUTH_TOKEN).compute_signature(self.url, {})
            await MediaStream(phone, {"token": attempt_id}).run(self.url, signature)
            await self.happens(leg, "completed")

        self.calls.add(asyncio.create_task(media()))
        return await self.streams.joined(Call(leg, phone), attempt_id)

    async def fails(self, outcome):
        leg = await self.dial("a1")
        await self.happens(leg, outcome.value.replace("_", "-"))
        return await Call(leg, None).ended()


class Browser:
    """The page is one of Twilio's streams, without the signature: tests/browser/test_flow_call.py has a real one."""

    name = "browser"

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, self.legs, app = Streams(), {}, FastAPI()

        async def media(socket: WebSocket, attempt_id: str):
            with self.legs[attempt_id].stream(socket.close):
                await self.streams.take(socket)

        app.add_api_websocket_route("/media/{attempt_id}", media)
        async with serving(app, listen("127.0.0.1", 0)) as address:
            self.url = f"ws://{address}/media"
            yield self

    async def dial(self, attempt_id, **options):
        gateway = BrowserGateway(lambda leg, request: self.legs.update({request.attempt_id: leg}))
        return await gateway.dial(DialRequest(attempt_id, "+15555550123", attempt_id, **options))

    async def call(self, attempt_id="a1"):
        phone = Phone()
        call = Call(await self.dial(attempt_id), phone)
        call.page = asyncio.create_task(MediaStream(phone, {"token": attempt_id}).run(f"{self.url}/{attempt_id}"))
        return await self.streams.joined(call, attempt_id)

    async def fails(self, outcome):
        if outcome is not Disposition.NO_ANSWER:
            pytest.skip("a page is never engaged: it calls because somebody wants it to")
        return await Call(await self.dial("a1", ring_ms=200), None).ended()


class Sip:
    name = "sip"

    def __init__(self, folder):
        self.folder = folder

    @contextlib.asynccontextmanager
    async def ready(self):
        async with contextlib.AsyncExitStack() as self.stack:
            yield self

    async def _gateway(self, options):
        phone = await self.stack.enter_async_context(Softphone(self.folder / "phone", options=options))
        trunk = SipTrunk(
            "engine",
            f"127.0.0.1:{phone.sip_port}",
            interface="127.0.0.1",
            listen=f"127.0.0.1:{free_udp_port()}",
        )
        gateway = SipGateway(trunk)
        self.stack.push_async_callback(gateway.close)
        return phone, gateway

    async def call(self, attempt_id="a1"):
        phone, gateway = await self._gateway("answermode=auto")
        call = Call(await gateway.dial(DialRequest(attempt_id, "candidate", attempt_id)), phone)
        await until(lambda: CallAnswered() in call.events)
        call.ours = OurEnd(SipTransport(call.leg))
        running = asyncio.create_task(call.ours.run())
        self.stack.push_async_callback(lambda: running)
        await until(lambda: call.ours.heard)
        return call

    async def fails(self, outcome):
        if outcome is not Disposition.NO_ANSWER:
            pytest.skip("what a SIP server answers is in tests/peers/test_sip.py")
        _, gateway = await self._gateway("answermode=manual")
        return await Call(await gateway.dial(DialRequest("a1", "candidate", "a1", ring_ms=1000)), None).ended()
