"""SIP on pipecat: a leg's audio to frames and back, with marks from what the stack has sent."""

import asyncio
from collections import deque
from typing import Protocol

from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
    OutputTransportMessageUrgentFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, bytes_to_ms
from voicebot.pipeline.arrivals import Arrivals
from voicebot.pipeline.clock import CallClock
from voicebot.pipeline.frames import HeldFrame, PlayedFrame

LEAD_MS = 200
"""How far our audio runs ahead of the wire: enough for a busy event loop, far less than the stack's two seconds."""

STILL_HEARD_MS = 200
"""What has been sent may lie in the phone's jitter buffer for so long; a BYE would throw the last word away."""


class Leg(Protocol):
    """A call whose audio comes with it; see telephony.sip."""

    keys: asyncio.Queue[str]

    @property
    def audio(self) -> "Audio": ...

    @property
    def held(self) -> bool:
        """The candidate has put us on hold: no audio comes, and the call goes on."""
        ...

    async def hang_up(self) -> None: ...


class Audio(Protocol):
    """16-bit PCM at 8 kHz."""

    over: bool

    def hear(self) -> bytes: ...

    def say(self, pcm: bytes) -> int: ...

    def clear(self) -> None: ...

    def waiting_ms(self) -> int: ...


class SipTransport(BaseTransport):
    """The call's audio over a leg that has been answered."""

    tells_who_answered = False

    def __init__(self, leg: Leg) -> None:
        super().__init__()
        self.clock = CallClock()
        self.arrivals = Arrivals()
        self._register_event_handler("on_client_disconnected")
        params = TransportParams(
            audio_in_enabled=True, audio_out_enabled=True, audio_out_10ms_chunks=2, audio_out_end_silence_secs=0
        )
        self._output = _Output(leg, params)
        self._input = _Input(self, leg, self._output, params)

    def input(self) -> FrameProcessor:
        return self._input

    def output(self) -> FrameProcessor:
        return self._output

    def facts(self) -> dict[str, int]:
        return {"lost_audio_ms": self.arrivals.lost_ms}

    async def lost(self) -> None:
        """The call is over at the other side."""
        await self._call_event_handler("on_client_disconnected", self)


class _Input(BaseInputTransport):
    def __init__(self, transport: SipTransport, leg: Leg, output: "_Output", params: TransportParams) -> None:
        super().__init__(params)
        self._transport = transport
        self._leg = leg
        self._clock = transport.clock
        self._output = output
        self._task: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.push_frame(ClientConnectedFrame())
        self._task = self.create_task(self._listen())
        await self.set_transport_ready(frame)

    async def stop(self, frame: EndFrame) -> None:
        await super().stop(frame)
        await self._hang_up(after_ms=0 if self._leg.audio.over else STILL_HEARD_MS)

    async def cancel(self, frame: CancelFrame) -> None:
        await super().cancel(frame)
        await self._hang_up()

    async def _hang_up(self, after_ms: int = 0) -> None:
        """The pipeline does not wait for a later one: who follows the leg hears of the call's end."""
        if self._task is None:
            return
        await self.cancel_task(self._task)
        self._task = None
        if after_ms:
            self._ending = asyncio.ensure_future(_hang_up_later(self._leg, after_ms))  # kept, or it may never run
        else:
            await self._leg.hang_up()

    async def _listen(self) -> None:
        """Every 20 ms what has arrived, the keys pressed, and the marks whose audio has been sent."""
        audio, arrivals = self._leg.audio, self._transport.arrivals
        loop = asyncio.get_running_loop()
        held = False
        while not audio.over:
            heard, now_ms = audio.hear(), loop.time() * 1000
            if self._leg.held:  # what is heard now is music, if anything
                heard = arrivals.wait(now_ms)
            elif heard:
                heard = arrivals.place(heard, now_ms)
            if self._leg.held != held:
                held = self._leg.held
                await self.push_frame(HeldFrame(held=held))
            if heard:
                self._clock.now_ms += bytes_to_ms(len(heard), TELEPHONE_RATE_HZ)
                await self.push_audio_frame(InputAudioRawFrame(heard, TELEPHONE_RATE_HZ, 1))
            while not self._leg.keys.empty():
                await self.push_frame(InputDTMFFrame(button=KeypadEntry(self._leg.keys.get_nowait())))
            for name in self._output.played():
                await self.push_frame(PlayedFrame(mark=name, at_ms=self._clock.now_ms))
            await asyncio.sleep(FRAME_MS / 1000)
        await self._transport.lost()


async def _hang_up_later(leg: Leg, after_ms: int) -> None:
    await asyncio.sleep(after_ms / 1000)
    await leg.hang_up()


class _Output(BaseOutputTransport):
    def __init__(self, leg: Leg, params: TransportParams) -> None:
        super().__init__(params)
        self._audio = leg.audio
        self._said_ms = 0
        """Given to the stack since the call began, less what was thrown away."""
        self._marks: deque[tuple[str, int]] = deque()
        """Names, and how much had been said before each."""

    def played(self) -> list[str]:
        """Marks whose audio has left for the candidate, one packet ago."""
        sent_ms = self._said_ms - self._audio.waiting_ms() - FRAME_MS
        due = []
        while self._marks and (self._marks[0][1] <= sent_ms or not self._audio.waiting_ms()):
            due.append(self._marks.popleft()[0])
        return due

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._audio.clear()
            self._said_ms -= self._audio.waiting_ms()
            self._marks = deque((name, 0) for name, _ in self._marks)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        """Hands audio to the stack no sooner than it is wanted there; False when the call is over."""
        pcm = frame.audio
        while pcm and not self._audio.over:
            if self._audio.waiting_ms() < LEAD_MS:
                taken = self._audio.say(pcm)
                self._said_ms += bytes_to_ms(taken, TELEPHONE_RATE_HZ)
                pcm = pcm[taken:]
            if pcm or self._audio.waiting_ms() >= LEAD_MS:
                await asyncio.sleep(FRAME_MS / 2000)
        return not pcm

    async def send_message(self, frame: OutputTransportMessageFrame | OutputTransportMessageUrgentFrame) -> None:
        self._marks.append((frame.message["mark"], self._said_ms))
