"""The conversation's place in the pipeline: frames become dialog events, dialog actions become audio and marks."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Protocol

from loguru import logger
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    CancelFrame,
    ClientConnectedFrame,
    EndFrame,
    EndWorkerFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from models.audio import AudioChunk
from models.dialog import (
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogAction,
    DialogEvent,
    FaxAnswered,
    HangUp,
    KeyPressed,
    LineCut,
    LineHeard,
    LineLost,
    Listen,
    MachineAnswered,
    Manner,
    PermitRecording,
    Say,
    ScreenerAnswered,
    SpeakAs,
    SwitchLanguage,
    TimeUp,
)
from models.errors import VoicebotError
from models.speech import Utterance
from telephony.answered_by import AnsweredBy
from voicebot.pipeline.clock import CallClock
from voicebot.pipeline.frames import (
    AnsweredFrame,
    FloorFrame,
    HeldFrame,
    InterruptionDecidedFrame,
    LanguageFrame,
    LastWordsFrame,
    LineLostFrame,
    ListenFrame,
    MachineSpokeFrame,
    PlayedFrame,
    SilenceFrame,
    UtteranceFrame,
)
from voicebot.pipeline.lines import Ended, Lines
from voicebot.pipeline.media_stream import mark

BACKCHANNEL = "backchannel"
"""The meaning of "okay" over a line."""
LAST_WORDS_S = 10
"""How long recognition may take for what was said last."""


class Conversation(Protocol):
    """What holds the dialog; see voicebot.conversation."""

    over: bool

    @property
    def hot_words(self) -> tuple[str, ...]:
        """Names that the candidate may say next, the most likely first."""
        ...

    @property
    def lines_ahead(self) -> tuple[str, ...]:
        """What may be said from here on, in about the order of the call."""
        ...

    async def hear(self, event: DialogEvent) -> tuple[DialogAction, ...]: ...

    async def file(self) -> None:
        """Store what the last event changed. Called after its actions are under way, so that it delays nobody."""
        ...

    def line_began(self, line: Say, at_ms: int) -> None: ...

    def line_ended(self, line: Ended) -> None: ...

    def overheard(self, utterance: Utterance, meaning: str) -> None:
        """Said without wanting the floor, such as "okay" over a line, or by a machine."""
        ...

    def fail(self, error: Exception) -> None: ...


class Voice(Protocol):
    async def speak(self, text: str, manner: Manner) -> AudioChunk:
        """8 kHz."""
        ...

    async def prepare(self, texts: Iterable[str], *, manner: Manner) -> None:
        """Has lines ready before they are said."""
        ...


class InterviewProcessor(FrameProcessor):
    """Holds one interview. Events are taken one at a time, in order, beside the flow of audio."""

    def __init__(
        self,
        conversation: Conversation,
        voices: Callable[[str], Voice],
        language: str,
        clock: CallClock,
        recording: "Recording",
        longest_call_ms: int,
    ) -> None:
        """`voices`: the interviewer's voice for a language; `language`: the one that the call begins in."""
        super().__init__()
        self._conversation = conversation
        self._voices = voices
        self._voice = voices(language)
        self._manner = Manner()
        self._preparing: asyncio.Task[None] | None = None
        self._clock = clock
        self._recording = recording
        self._longest_call_ms = longest_call_ms
        self._events: asyncio.Queue[DialogEvent] = asyncio.Queue()
        self._lines = Lines()
        self._last_words = asyncio.Event()
        self._on_hold = False
        self._screened = False
        """A telephone's assistant has asked who is calling."""
        self._task: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case ClientConnectedFrame():
                self._events.put_nowait(CallStarted(self._clock.now_ms))
                self._task = self.create_task(self._converse())
            case UtteranceFrame():
                self._events.put_nowait(CandidateSpoke(frame.utterance))
                return
            case SilenceFrame():
                self._events.put_nowait(CandidateSilent(frame.at_ms))
                return
            case PlayedFrame():
                await self._heard(self._lines.played(frame.mark, frame.at_ms))
                return
            case LineLostFrame():
                self._give_way()
                self._events.put_nowait(LineLost(frame.at_ms, frame.last_words))
                return
            case AnsweredFrame():
                await self._answered(frame)
                return
            case HeldFrame():
                await self._pause(frame.held)
                return
            case MachineSpokeFrame():
                self._conversation.overheard(frame.utterance, frame.who.value)
                return
            case LastWordsFrame():
                self._last_words.set()
                return
            case InputDTMFFrame():
                self._events.put_nowait(KeyPressed(frame.button.value, self._clock.now_ms))
            case InterruptionFrame() if direction is FrameDirection.DOWNSTREAM:
                self._lines.hold(self._clock.now_ms)
            case InterruptionDecidedFrame(go_on=True):
                if frame.words:
                    self._conversation.overheard(frame.words, BACKCHANNEL)
                await self._go_on()
                return
            case InterruptionDecidedFrame():
                for cut in self._give_way():
                    self._events.put_nowait(cut)
                return
            case BotStartedSpeakingFrame() if line := self._lines.begin(self._clock.now_ms):
                self._conversation.line_began(line, self._clock.now_ms)
            case InputAudioRawFrame():
                await self._heard(self._lines.overdue(self._clock.now_ms))
                if self._clock.now_ms >= self._longest_call_ms:
                    self._longest_call_ms = 2**63  # once
                    self._events.put_nowait(TimeUp(self._clock.now_ms))
            case EndFrame() | CancelFrame() if self._task is not None:
                await self.cancel_task(self._task)
                self._task = None
                await self._stop_preparing()
        await self.push_frame(frame, direction)

    async def _converse(self) -> None:
        try:
            while not self._conversation.over:
                event = await self._events.get()
                for action in await self._conversation.hear(event):
                    await self._carry_out(action)
                await self._conversation.file()
            await self._take_last_words()
        except VoicebotError as error:
            logger.error("the interview cannot go on: {}", error)
            self._conversation.fail(error)
        except Exception as error:
            logger.exception("the interview cannot go on")
            self._conversation.fail(error)
        self._task = None
        await self._stop_preparing()
        await self.push_frame(EndWorkerFrame(reason="interview over"), FrameDirection.UPSTREAM)

    async def _take_last_words(self) -> None:
        """What the candidate is saying while we hang up, such as "and don't call me again"."""
        await self.push_frame(LastWordsFrame(), FrameDirection.UPSTREAM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._last_words.wait()
        while not self._events.empty():
            event = self._events.get_nowait()
            if isinstance(event, CandidateSpoke):
                await self._conversation.hear(event)
        await self._conversation.file()

    async def _carry_out(self, action: DialogAction) -> None:
        match action:
            case Say():
                await self._say(action)
            case Listen():
                await self.push_frame(
                    ListenFrame(listen=action, hot_words=self._conversation.hot_words), FrameDirection.UPSTREAM
                )
            case PermitRecording(permitted=permitted):
                self._recording.permit(permitted)
            case SpeakAs(manner=manner):
                self._manner = manner
                await self._prepare()
            case SwitchLanguage(language=language):
                self._voice = self._voices(language)
                await self._prepare()
                await self.push_frame(LanguageFrame(language=language), FrameDirection.UPSTREAM)
            case HangUp():
                pass  # the conversation is over; _converse ends the call

    async def _say(self, line: Say) -> None:
        audio = await self._voice.speak(line.text, self._manner)
        mark_name = self._lines.add(line, audio)
        if mark_name is not None:
            await self._announce_floor()
            await self._send(audio, mark_name)

    async def _prepare(self) -> None:
        """Render what comes next in another manner than the lines were prepared in, while the call goes on."""
        await self._stop_preparing()
        if self._manner.length != 1:
            ahead = self._voice.prepare(self._conversation.lines_ahead, manner=self._manner)
            self._preparing = self.create_task(ahead)

    async def _stop_preparing(self) -> None:
        if self._preparing is not None:
            await self.cancel_task(self._preparing)
            self._preparing = None

    async def _send(self, audio: AudioChunk, mark_name: str) -> None:
        await self.push_frame(TTSStartedFrame())
        await self.push_frame(TTSAudioRawFrame(audio=audio.pcm, sample_rate=audio.rate_hz, num_channels=1))
        await self.push_frame(TTSStoppedFrame())
        await self.push_frame(mark(mark_name))

    async def _heard(self, lines: tuple[Ended, ...]) -> None:
        for line in lines:
            self._conversation.line_ended(line)
            self._events.put_nowait(LineHeard(line.say.line_id, line.end_ms))
        if lines:
            await self._announce_floor()

    async def _pause(self, held: bool) -> None:
        """While the call is on hold nothing is said; then the line goes on from the phrase where it stopped."""
        self._on_hold = held
        if not held:
            await self._go_on()
            return
        self._lines.hold(self._clock.now_ms)
        await self.push_frame(InterruptionFrame())
        await self._announce_floor()

    async def _go_on(self) -> None:
        if self._on_hold:
            return
        for audio, mark_name in self._lines.resume():
            await self._send(audio, mark_name)
        await self._announce_floor()

    async def _answered(self, frame: AnsweredFrame) -> None:
        """A machine that listens, or asks who is calling, hears nothing more of what was meant for the candidate."""
        asks = frame.who is AnsweredBy.SCREENING
        if frame.who is AnsweredBy.MACHINE_READY or (asks and not self._screened):
            await self.push_frame(InterruptionFrame())
            self._give_way()
        self._screened = self._screened or asks
        match frame.who:
            case AnsweredBy.MACHINE | AnsweredBy.MACHINE_READY:
                listening = frame.who is AnsweredBy.MACHINE_READY
                self._events.put_nowait(MachineAnswered(frame.at_ms, listening))
            case AnsweredBy.SCREENING:
                self._events.put_nowait(ScreenerAnswered(frame.at_ms))
            case AnsweredBy.FAX:
                self._events.put_nowait(FaxAnswered(frame.at_ms))

    def _give_way(self) -> tuple[LineCut, ...]:
        """The lines that were not heard to their end never will be."""
        cut = []
        for say, ended in self._lines.cut(self._clock.now_ms):
            if ended is not None:
                self._conversation.line_ended(ended)
            cut.append(LineCut(say.line_id, self._clock.now_ms, ended.heard_share if ended else 0.0))
        if self._on_hold:
            self._lines.hold(self._clock.now_ms)
        return tuple(cut)

    async def _announce_floor(self) -> None:
        floor = FloorFrame(interviewer_speaks=bool(self._lines), barge_in=self._lines.interruptible)
        await self.push_frame(floor, FrameDirection.UPSTREAM)


class Recording(Protocol):
    """The call's recording; see voicebot.pipeline.recorder."""

    def permit(self, permitted: bool) -> None: ...
