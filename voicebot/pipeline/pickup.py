"""Finds out who has picked up, from what passes by. What a machine says is no candidate's reply."""

from pipecat.frames.frames import Frame, InputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from telephony.answered_by import AnsweredBy
from telephony.pickup import Pickup
from voicebot.pipeline.frames import (
    AnsweredFrame,
    FloorFrame,
    LineLostFrame,
    MachineSpokeFrame,
    SilenceFrame,
    UtteranceFrame,
)

MACHINES = frozenset({AnsweredBy.MACHINE, AnsweredBy.MACHINE_READY, AnsweredBy.SCREENING, AnsweredBy.FAX})


class PickupProcessor(FrameProcessor):
    """Between the turns and the interview. A person's words pass as if it were not there."""

    def __init__(self, pickup: Pickup) -> None:
        super().__init__()
        self._pickup = pickup
        self._now_ms = 0
        self._spoken_ms: int | None = None
        """When our first line had been heard."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame():
                self._now_ms += len(frame.audio) * 1000 // (frame.sample_rate * 2)
                await self._tell(self._pickup.hear(frame.audio))
            case FloorFrame():
                self._pickup.our_turn(frame.interviewer_speaks)
                if self._spoken_ms is None and not frame.interviewer_speaks:
                    self._spoken_ms = self._now_ms
            case UtteranceFrame():
                reply = self._spoken_ms is not None and frame.utterance.start_ms >= self._spoken_ms
                told = self._pickup.understand(frame.utterance.text, reply=reply)
                if (who := self._pickup.who) in MACHINES:
                    await self.push_frame(MachineSpokeFrame(utterance=frame.utterance, who=who))
                    await self._tell(told)
                    return
            case LineLostFrame(last_words=words) if words is not None and (who := self._pickup.who) in MACHINES:
                await self.push_frame(MachineSpokeFrame(utterance=words, who=who))
                frame.last_words = None  # a greeting that was cut off is nobody's answer
            case SilenceFrame() if self._pickup.who is AnsweredBy.MACHINE:
                return
        await self.push_frame(frame, direction)

    async def _tell(self, who: AnsweredBy | None) -> None:
        if who is not None:
            await self.push_frame(AnsweredFrame(who=who, at_ms=self._now_ms))
