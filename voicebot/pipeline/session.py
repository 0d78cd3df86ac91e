"""One call's pipeline, assembled and run:

transport in -> voice activity -> turns (recognition) -> interview (dialog, voice) -> transport out -> recorder
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.workers.runner import WorkerRunner

from models.audio import TELEPHONE_RATE_HZ
from models.interview import RecordingFile
from telephony.answered_by import AnsweredBy
from telephony.pickup import Pickup
from voicebot.pipeline.clock import CallClock
from voicebot.pipeline.frames import AnsweredFrame, LineLostFrame
from voicebot.pipeline.interview import Conversation, InterviewProcessor, Voice
from voicebot.pipeline.pickup import PickupProcessor
from voicebot.pipeline.recorder import RecorderProcessor, Writer
from voicebot.pipeline.sent_audio import SentAudio
from voicebot.pipeline.turns import TurnProcessor
from voicebot.pipeline.vad import perhaps_speaks, vad_analyzer
from voicebot.settings import Vad
from voicebot.speech.recognition import Recognition

STALL_MS = 10_000
"""A stream that brings no audio for so long is a dropped call."""
HARD_STOP_MS = 60_000
"""What a call may last beyond its longest time, to say goodbye."""


class Line(Protocol):
    """A call's audio: a pipecat transport that keeps the call's clock."""

    clock: CallClock
    tells_who_answered: bool
    """Whether the carrier tells; else we listen for it."""

    def input(self) -> FrameProcessor: ...

    def output(self) -> FrameProcessor: ...

    def facts(self) -> dict[str, int]:
        """What was measured, to be filed with the call."""
        ...

    def add_event_handler(self, event_name: str, handler: Callable[..., Awaitable[None]]) -> None:
        """`on_client_disconnected` tells that the other side is gone."""
        ...


class CallSession:
    """Runs one conversation over one line."""

    def __init__(
        self,
        line: Line,
        conversation: Conversation,
        *,
        recognition: Recognition,
        voices: Callable[[str], Voice],
        languages: Sequence[str],
        vad: Vad,
        writer: Writer,
        longest_call_ms: int,
    ) -> None:
        """`languages`: what the call can be held in; it begins in the first."""
        self._line = line
        self._clock = line.clock
        self._longest_call_ms = longest_call_ms
        self._pickup = None if line.tells_who_answered else Pickup()
        sent = SentAudio()
        self._recorder = RecorderProcessor(writer, line.clock, sent)
        analyzer = vad_analyzer(vad)
        pipeline = Pipeline(
            [
                line.input(),
                VADProcessor(vad_analyzer=analyzer),
                TurnProcessor(recognition, languages, sent, partial(perhaps_speaks, analyzer)),
                *([PickupProcessor(self._pickup)] if self._pickup else ()),
                InterviewProcessor(conversation, voices, languages[0], line.clock, self._recorder, longest_call_ms),
                line.output(),
                self._recorder,
            ]
        )
        self._worker = PipelineWorker(
            pipeline,
            params=PipelineParams(audio_in_sample_rate=TELEPHONE_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ),
            enable_rtvi=False,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
        )
        line.add_event_handler("on_client_disconnected", self._disconnected)

    async def run(self) -> None:
        """Hold the call until either side ends it."""
        runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
        await runner.add_workers(self._worker)
        watchdog = asyncio.create_task(self._watch(), name="call watchdog")
        try:
            await runner.run()
        finally:
            watchdog.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watchdog

    async def close_recording(self) -> RecordingFile | None:
        """Finish the recording. None when the candidate did not agree to one, or it could not be written."""
        return await self._recorder.close()

    def facts(self) -> dict[str, int | str]:
        """What was measured of the line, and who picked up where we found that out."""
        who = {"answered_by": self._pickup.who.value} if self._pickup else {}
        return {"duration_ms": self._clock.now_ms, **self._line.facts(), **who}

    def answered(self, who: AnsweredBy) -> None:
        """The carrier says who picked up."""
        frame = AnsweredFrame(who=who, at_ms=self._clock.now_ms)
        self._telling = asyncio.ensure_future(self._worker.queue_frame(frame))  # kept, or it may never run

    async def _disconnected(self, *_: object) -> None:
        await self._line_lost()

    async def _line_lost(self) -> None:
        await self._worker.queue_frame(LineLostFrame(at_ms=self._clock.now_ms))

    async def _watch(self) -> None:
        """End a call whose media has stopped, or that outlives its longest time whatever the dialog does."""
        seen_ms = -1
        while True:
            await asyncio.sleep(STALL_MS / 1000)
            if self._clock.now_ms == seen_ms:
                await self._line_lost()
                return
            seen_ms = self._clock.now_ms
            if seen_ms > self._longest_call_ms + HARD_STOP_MS:
                await self._worker.cancel(reason="call outlived its longest time")
                return
