"""The product's voice activity over a whole recording, in audio time: faster than it was spoken."""

from dataclasses import dataclass

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InputAudioRawFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, AudioChunk, bytes_to_ms, ms_to_bytes
from voicebot.pipeline.vad import vad_analyzer
from voicebot.settings import Vad


@dataclass(frozen=True, slots=True)
class SpeechNoticed:
    """The detector has made up its mind, some time after the fact: START_MS or STOP_MS (voicebot.pipeline.vad)."""

    at_ms: int
    speaking: bool


async def activity(audio: AudioChunk, choice: Vad) -> tuple[SpeechNoticed, ...]:
    """When the detector of a call with this 8 kHz audio would have noticed speech and its pauses."""
    notes = _Notes()
    worker = PipelineWorker(
        Pipeline([VADProcessor(vad_analyzer=vad_analyzer(choice)), notes]),
        params=PipelineParams(audio_in_sample_rate=TELEPHONE_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )
    packet = ms_to_bytes(FRAME_MS, TELEPHONE_RATE_HZ)
    await worker.queue_frames(
        [
            *(
                InputAudioRawFrame(audio.pcm[at : at + packet], TELEPHONE_RATE_HZ, 1)
                for at in range(0, len(audio.pcm), packet)
            ),
            EndFrame(),
        ]
    )
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    await runner.run()
    return tuple(notes.taken)


class _Notes(FrameProcessor):
    """Keeps what the detector says, with the audio that has passed by then."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[SpeechNoticed] = []
        self._now_ms = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame():
                self._now_ms += bytes_to_ms(len(frame.audio), TELEPHONE_RATE_HZ)
            case VADUserStartedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                self.taken.append(SpeechNoticed(self._now_ms, speaking=True))
            case VADUserStoppedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                self.taken.append(SpeechNoticed(self._now_ms, speaking=False))
        await self.push_frame(frame, direction)
