"""Every carrier behind one face: a phone that somebody holds, our end of the call, and what the carrier reported."""

import asyncio
import contextlib
import random
from collections import deque

import httpx
from exchange import Exchange
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
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
from tap import tapped
from twilio.request_validator import RequestValidator

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ
from models.call import CallAnswered, CallRinging, DialRequest, Disposition
from telephony import media_stream as wire
from telephony.browser import BrowserGateway
from telephony.loopback import FRAME_BYTES, Hook, LoopbackGateway, Press
from telephony.sip import SipGateway, SipTrunk
from telephony.twilio import TwilioAccount, TwilioGateway
from telephony.twilio.gateway import MEDIA_PATH, STATUS_PATH
from voicebot.api.app import close
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
        self.loss = 0.0
        """The share of its packets that get lost from now on."""
        self._chance = random.Random(5)
        self._heard = []
        self._does = deque()
        self._saying = b""

    def exchange(self, heard):
        self._heard.append(heard)
        if self._does:
            return self._does.popleft()
        said, self._saying = self._saying[:FRAME_BYTES], self._saying[FRAME_BYTES:]
        return None if self._chance.random() < self.loss else said.ljust(FRAME_BYTES, b"\0")

    def say(self, pcm):
        self._saying = pcm

    def press(self, digits):
        self._does += [Press(digit) for digit in digits]

    def hang_up(self):
        self._does.append(Hook.DOWN)

    def heard(self):
        return b"".join(self._heard)

    @property
    def spoke_ms(self):
        """For how long it has been off the hook, by its own clock."""
        return len(self._heard) * FRAME_MS


class OurEnd(FrameProcessor):
    """What the product's pipeline sees of a call, and what it can do."""

    def __init__(self, line):
        super().__init__()
        self.heard = b""
        self.keys = ""
        self.marks = []
        self.lost = False
        self.line = line
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
        self.following = asyncio.create_task(self._follow())

    async def _follow(self):
        async for event in self.leg.events():
            self.events.append(event)

    async def ended(self):
        await asyncio.wait_for(self.following, WITHIN_S)
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
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    async def joined(self, call, token):
        await until(lambda: token in self.arrived)
        call.ours = self.arrived[token]
        return call


class Loopback:
    def __init__(self, *_):
        pass

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, app = Streams(), FastAPI()
        app.add_api_websocket_route("/media", self.streams.take)
        async with serving(app, listen("127.0.0.1", 0)) as address:
            self.url = f"ws://{address}/media"
            yield self

    async def dial(self, outcome, attempt_id, **limits):
        gateway = LoopbackGateway(self.url, lambda request: outcome, ringing_ms=0)
        return await gateway.dial(DialRequest(attempt_id, "+15555550123", attempt_id, **limits))

    async def call(self, attempt_id="a1", **limits):
        phone = Phone()
        return await self.streams.joined(Call(await self.dial(phone, attempt_id, **limits), phone), attempt_id)

    async def fails(self, outcome):
        return await Call(await self.dial(outcome, "a1"), None).ended()


class Twilio:
    """The emulator keeps no time and knows no SIP: what a call may last, and how one was refused, are played here."""

    def __init__(self, emulate, _):
        self.emulate = emulate

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, self.calls, app = Streams(), {}, FastAPI()
        listener = listen("127.0.0.1", 0)
        host, port = listener.getsockname()
        async with tapped(self.emulate) as (api_url, self.dialled):
            account = TwilioAccount(SID, AUTH_TOKEN, CALLER_ID, f"http://{host}:{port}", api_url=api_url)
            self.gateway = TwilioGateway(account)
            app.include_router(router(self.gateway, self.streams.take, lambda *_: None))
            async with serving(app, listener):
                yield self
                for phone, media in self.calls.items():
                    phone.hang_up()
                    await media

    async def dial(self, attempt_id, **limits):
        return await self.gateway.dial(DialRequest(attempt_id, "+14155550123", attempt_id, **limits))

    async def happens(self, leg, status):
        form = {"CallSid": leg.call_sid, "Status": status}
        await self.gateway.ask(lambda client: client.request("POST", SIMULATE, data=form, auth=(SID, AUTH_TOKEN)))

    async def call(self, attempt_id="a1", **limits):
        phone, leg = Phone(), await self.dial(attempt_id, **limits)
        await self.happens(leg, "in-progress")
        url = self.gateway.account.stream_url(MEDIA_PATH)

        async def media():
            signature = RequestValidator(AUTH_TOKEN).compute_signature(url, {})
            limit = asyncio.get_running_loop().call_later(self.limit_s(attempt_id), phone.hang_up)
            await MediaStream(phone, {"token": attempt_id}).run(url, signature)
            limit.cancel()
            await self.happens(leg, "completed")

        self.calls[phone] = asyncio.create_task(media())
        call = await self.streams.joined(Call(leg, phone), attempt_id)
        call.following.add_done_callback(lambda _: phone.hang_up())  # as Twilio ends the stream of a call that is over
        return call

    def limit_s(self, attempt_id):
        """What Twilio was told."""
        (asked,) = (form for form in self.dialled if form.get("StatusCallback", [""])[0].endswith(f"/{attempt_id}"))
        return int(asked["TimeLimit"][0])

    async def fails(self, outcome):
        leg = await self.dial("a1")
        if outcome is Disposition.REJECTED:
            await self.reports(leg, CallStatus="busy", SipResponseCode="603")
        else:
            await self.happens(leg, outcome.value.replace("_", "-"))
        return await Call(leg, None).ended()

    async def reports(self, leg, **fields):
        """Calls us back as Twilio does."""
        url = self.gateway.account.webhook_url(f"{STATUS_PATH}a1")
        form = {"CallSid": leg.call_sid} | fields
        signature = RequestValidator(AUTH_TOKEN).compute_signature(url, form)
        async with httpx.AsyncClient() as client:
            (await client.post(url, data=form, headers={"X-Twilio-Signature": signature})).raise_for_status()


STATUS = {Disposition.BUSY: 486, Disposition.REJECTED: 603, Disposition.NO_ANSWER: None}
"""How an exchange says so."""


class Browser:
    """The page is one of Twilio's streams, without the signature: tests/browser/test_flow_call.py has a real one."""

    def __init__(self, *_):
        pass

    @contextlib.asynccontextmanager
    async def ready(self):
        self.streams, self.legs, app = Streams(), {}, FastAPI()

        async def media(socket: WebSocket, attempt_id: str):
            with self.legs[attempt_id].stream(lambda: close(socket)):
                await self.streams.take(socket)

        app.add_api_websocket_route("/media/{attempt_id}", media)
        async with serving(app, listen("127.0.0.1", 0)) as address:
            self.url = f"ws://{address}/media"
            yield self

    async def dial(self, attempt_id, **limits):
        gateway = BrowserGateway(lambda leg, request: self.legs.update({request.attempt_id: leg}))
        return await gateway.dial(DialRequest(attempt_id, "+15555550123", attempt_id, **limits))

    async def call(self, attempt_id="a1", **limits):
        phone = Phone()
        call = Call(await self.dial(attempt_id, **limits), phone)
        call.page = asyncio.create_task(MediaStream(phone, {"token": attempt_id}).run(f"{self.url}/{attempt_id}"))
        return await self.streams.joined(call, attempt_id)

    async def fails(self, outcome):
        assert outcome is Disposition.NO_ANSWER
        return await Call(await self.dial("a1", ring_ms=200), None).ended()


class Sip:
    """Calls through an exchange."""

    def __init__(self, *_):
        pass

    @contextlib.asynccontextmanager
    async def ready(self):
        self.held = []
        async with Exchange() as self.exchange, sip_gateway(self.exchange.port) as self.gateway:
            yield self
            await self.all_over()

    async def call(self, attempt_id="a1", **limits):
        phone = self.exchange.numbers[attempt_id] = Phone()
        return await self.answered(attempt_id, phone, **limits)

    async def answered(self, number, phone, **limits):
        call = Call(await self.gateway.dial(DialRequest(number, number, number, **limits)), phone)
        await until(lambda: CallAnswered() in call.events)
        call.ours = OurEnd(SipTransport(call.leg))
        self.held.append((call, asyncio.create_task(call.ours.run())))
        await until(lambda: call.ours.heard)
        return call

    async def all_over(self):
        for call, holding in self.held:
            await call.leg.hang_up()
            await holding

    async def fails(self, outcome):
        self.exchange.numbers["a1"] = STATUS[outcome]
        return await Call(await self.gateway.dial(DialRequest("a1", "a1", "a1", ring_ms=1000)), None).ended()


class SipToBaresip(Sip):
    """One call, to a telephone that nobody here wrote."""

    def __init__(self, _, folder):
        self.folder = folder

    @contextlib.asynccontextmanager
    async def ready(self):
        self.held = []
        async with contextlib.AsyncExitStack() as self.stack:
            yield self
            await self.all_over()

    async def picks_up(self, options):
        phone = await self.stack.enter_async_context(Softphone(self.folder / "phone", options=options))
        self.gateway = await self.stack.enter_async_context(sip_gateway(phone.sip_port))
        return phone

    async def call(self, **limits):
        return await self.answered("candidate", await self.picks_up("answermode=auto"), **limits)

    async def fails(self, outcome):
        phone = await self.picks_up("answermode=manual")
        call = Call(await self.gateway.dial(DialRequest("a1", "candidate", "a1", ring_ms=1000)), phone)
        if outcome is Disposition.BUSY:
            await until(lambda: CallRinging() in call.events)
            phone.hang_up()
        return await call.ended()


@contextlib.asynccontextmanager
async def sip_gateway(port, **changes):
    """To a trunk on this machine, which asks for nothing unless `changes` say so."""
    listen_at = f"127.0.0.1:{free_udp_port()}"
    sip = SipGateway(SipTrunk("engine", f"127.0.0.1:{port}", interface="127.0.0.1", listen=listen_at, **changes))
    try:
        yield sip
    finally:
        await sip.close()
