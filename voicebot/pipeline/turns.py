"""Recognition and end of turn in one processor, so that no transcript ever lands under the wrong question.

The whole turn so far is transcribed at every pause, speculatively: when the pause turns out to be the end, the words
are there already; when speech goes on, the result is stale and dropped.
"""

import asyncio

from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from models.audio import TELEPHONE_RATE_HZ, AudioChunk, bytes_to_ms, ms_to_bytes
from models.dialog import Expects, Listen
from models.errors import RecognitionFailed
from models.speech import Utterance
from voicebot.pipeline.frames import FloorFrame, LineLostFrame, ListenFrame, SilenceFrame, UtteranceFrame
from voicebot.pipeline.vad import START_MS, STOP_MS
from voicebot.speech.endpointing import Turn
from voicebot.speech.recognition import Recognition

PREROLL_MS = 300
"""Audio kept from before the detector was sure: the first consonant of the answer."""
BARGE_IN_MS = 400
"""Speech over an interruptible line must last this long to stop it: longer than a cough or an "mm-hm"."""
LONGEST_TURN_MS = 240_000
"""A turn that never pauses (hold music, a television) is closed here."""


class TurnProcessor(FrameProcessor):
    """Audio and voice activity in, one UtteranceFrame a turn out. Time is the audio that has passed through."""

    def __init__(self, recognition: Recognition, language: str) -> None:
        super().__init__()
        self._recognition = recognition
        self._language = language
        self._audio = bytearray()
        self._now_ms = 0
        self._listen: Listen | None = None
        self._floor = FloorFrame(interviewer_speaks=False)
        self._silent_since_ms = 0
        self._speech_since_ms: int | None = None
        self._turn: Turn | None = None
        self._speculation: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case ListenFrame():
                self._listen = frame.listen
                self._silent_since_ms = self._now_ms
                return
            case FloorFrame():
                self._pass_floor(frame)
                return
            case InputAudioRawFrame():
                await self.push_frame(frame, direction)
                await self._take(frame.audio)
                return
            case VADUserStartedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                self._speech_started()
            case VADUserStoppedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                await self._speech_stopped()
            case LineLostFrame():
                await self._salvage()
            case EndFrame() | CancelFrame():
                await self._drop_speculation()
        await self.push_frame(frame, direction)

    def _pass_floor(self, floor: FloorFrame) -> None:
        self._floor = floor
        if not floor.interviewer_speaks:
            self._silent_since_ms = self._now_ms
            if self._speech_since_ms is not None and self._turn is None:
                self._begin_turn(self._speech_since_ms)

    async def _take(self, pcm: bytes) -> None:
        self._audio += pcm
        self._now_ms += bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ)
        self._forget_old_audio()
        if self._floor.interviewer_speaks:
            if self._floor.barge_in and self._spoken_for_ms() >= BARGE_IN_MS:
                await self._barge_in()
        elif self._turn is not None:
            if self._turn.is_over(self._now_ms):
                await self._end_turn()
            elif self._now_ms - self._turn.started_ms >= LONGEST_TURN_MS:
                self._turn = self._turn.paused(self._now_ms)
                await self._salvage()
        elif self._listen is not None and self._now_ms - self._silent_since_ms >= self._listen.silence_ms:
            self._listen = None
            await self.push_frame(SilenceFrame(at_ms=self._now_ms))

    def _spoken_for_ms(self) -> int:
        return 0 if self._speech_since_ms is None else self._now_ms - self._speech_since_ms

    def _speech_started(self) -> None:
        self._speech_since_ms = max(0, self._now_ms - START_MS)
        if self._turn is not None:
            self._turn = self._turn.resumed()
        elif not self._floor.interviewer_speaks:
            self._begin_turn(self._speech_since_ms)

    async def _speech_stopped(self) -> None:
        self._speech_since_ms = None
        if self._turn is not None:
            await self._drop_speculation()
            self._turn = self._turn.paused(self._now_ms - STOP_MS)
            self._speculation = self.create_task(self._speculate(self._turn))

    async def _barge_in(self) -> None:
        assert self._speech_since_ms is not None
        self._floor = FloorFrame(interviewer_speaks=False)
        self._begin_turn(self._speech_since_ms)
        await self.broadcast_interruption()

    def _begin_turn(self, started_ms: int) -> None:
        expects = self._listen.expects if self._listen else Expects.OPEN
        self._turn = Turn(expects, self._language, started_ms, voiced_until_ms=started_ms)

    async def _speculate(self, turn: Turn) -> None:
        heard = await self._transcribe(turn)
        if self._turn is turn:
            self._turn = turn.recognised(heard)

    async def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        assert turn is not None and turn.heard is not None
        if not turn.heard.text:
            return  # noise: the silence clock goes on from where it was
        self._listen = None
        await self.push_frame(UtteranceFrame(utterance=turn.heard))

    async def _salvage(self) -> None:
        """Close the turn with whatever has been said."""
        if self._turn is None:
            return
        if self._turn.heard is None:
            if self._turn.speaking:
                self._turn = self._turn.paused(self._now_ms)
            await self._drop_speculation()
            self._turn = self._turn.recognised(await self._transcribe(self._turn))
        await self._end_turn()

    async def _transcribe(self, turn: Turn) -> Utterance:
        """The words of the turn so far; a recogniser that fails has heard nothing, and the candidate is asked again."""
        buffer_start_ms = self._now_ms - bytes_to_ms(len(self._audio), TELEPHONE_RATE_HZ)
        start_ms = max(buffer_start_ms, turn.started_ms - PREROLL_MS)
        pcm = bytes(self._audio[ms_to_bytes(start_ms - buffer_start_ms, TELEPHONE_RATE_HZ) :])
        try:
            heard = await self._recognition.transcribe(AudioChunk(pcm, TELEPHONE_RATE_HZ, start_ms), self._language)
        except RecognitionFailed as error:
            logger.error("recognition failed: {}", error)
            heard = Utterance("", 0, 0, language=self._language)
        return Utterance(heard.text, turn.started_ms, turn.voiced_until_ms, heard.words, heard.language)

    async def _drop_speculation(self) -> None:
        if self._speculation is not None:
            await self.cancel_task(self._speculation)
            self._speculation = None

    def _forget_old_audio(self) -> None:
        """Keep the turn, or the speech that may become one, or else just the pre-roll."""
        since_ms = self._turn.started_ms if self._turn else self._speech_since_ms
        keep_ms = START_MS + PREROLL_MS if since_ms is None else self._now_ms - since_ms + PREROLL_MS
        spare = len(self._audio) - ms_to_bytes(keep_ms, TELEPHONE_RATE_HZ)
        if spare > TELEPHONE_RATE_HZ:
            del self._audio[:spare]
