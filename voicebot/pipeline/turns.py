"""Recognition and end of turn in one processor, so that no transcript ever lands under the wrong question.

The turn so far is recognised at every pause, speculatively: when the pause turns out to be the end, the words are there
already; when speech goes on, the result is stale and dropped, or settled where it is long enough.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

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

from models.audio import FRAME_MS, SAMPLE_BYTES, TELEPHONE_RATE_HZ, AudioChunk, bytes_to_ms, ms_to_bytes
from models.dialog import Expects, Listen
from models.speech import Utterance
from voicebot.pipeline.frames import (
    FloorFrame,
    HeldFrame,
    InterruptionDecidedFrame,
    LanguageFrame,
    LastWordsFrame,
    LineLostFrame,
    ListenFrame,
    SilenceFrame,
    UtteranceFrame,
)
from voicebot.pipeline.sent_audio import SentAudio
from voicebot.pipeline.vad import START_MS, STOP_MS
from voicebot.speech import echo
from voicebot.speech.backchannel import LONGEST_HUM_MS, hums, is_backchannel
from voicebot.speech.endpointing import COMMIT_MS, LONGEST_PIECE_MS, Turn
from voicebot.speech.pcm import to_samples
from voicebot.speech.pieces import quietest
from voicebot.speech.recognition import Expected, Heard, Job, Priority, Recognition

PREROLL_MS = 300
"""Audio kept from before the detector was sure: the first consonant of the answer."""
ECHO_MEMORY_MS = 60
LONGEST_DOUBT_MS = 2 * START_MS
"""A turn that is over waits no longer than this for what may be the candidate who goes on, and may be noise."""
LONGEST_TURN_MS = 240_000
"""A turn that nobody listens for and that never pauses (hold music, a television) is closed here."""


class TurnProcessor(FrameProcessor):
    """Audio and voice activity in, one UtteranceFrame a turn out. Time is the audio that has passed through."""

    def __init__(
        self, recognition: Recognition, languages: Sequence[str], sent: SentAudio, perhaps_speaks: Callable[[], bool]
    ) -> None:
        """`languages`: what the call can be held in; it begins in the first. `perhaps_speaks`: whether the candidate
        seems to begin to speak just now."""
        super().__init__()
        self._perhaps_speaks = perhaps_speaks
        self._sent = sent
        self._recognition = recognition
        self._languages = languages
        self._language = languages[0]
        self._hot_words: tuple[str, ...] = ()
        self._audio = bytearray()
        self._now_ms = 0
        self._listen: Listen | None = None
        self._floor = FloorFrame(interviewer_speaks=False)
        self._silent_since_ms = 0
        self._held = False
        """The candidate has put the call on hold, and is not silent."""
        self._speech_since_ms: int | None = None
        self._turn: Turn | None = None
        self._undecided = False
        """Whether the turn has interrupted the interviewer and may yet turn out to be an "okay"."""
        self._job: Job | None = None
        self._recognising_until_ms = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case ListenFrame():
                self._listen = frame.listen
                self._hot_words = frame.hot_words
                self._silent_since_ms = self._now_ms
                return
            case LanguageFrame():
                self._change_language(frame.language)
                return
            case FloorFrame():
                self._pass_floor(frame)
                return
            case HeldFrame():
                self._held = frame.held
            case InputAudioRawFrame():
                await self.push_frame(frame, direction)
                await self._take(frame.audio)
                return
            case VADUserStartedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                self._speech_started()
            case VADUserStoppedSpeakingFrame() if direction is FrameDirection.DOWNSTREAM:
                self._speech_stopped()
            case LineLostFrame():
                frame.last_words = await self._salvage()
            case LastWordsFrame():
                if words := await self._salvage():
                    await self.push_frame(UtteranceFrame(utterance=words))
                await self.push_frame(frame)
                return
            case EndFrame() | CancelFrame():
                self._withdraw()
        await self.push_frame(frame, direction)

    def _change_language(self, language: str) -> None:
        """What is being said already is heard in the new language, too."""
        self._language = language
        self._hot_words = ()
        self._withdraw()
        if self._turn is not None:
            self._turn = replace(self._turn, language=language, heard=None)

    def _pass_floor(self, floor: FloorFrame) -> None:
        self._floor = floor
        if not floor.interviewer_speaks:
            self._silent_since_ms = self._now_ms

    async def _take(self, pcm: bytes) -> None:
        self._audio += pcm
        self._now_ms += bytes_to_ms(len(pcm), TELEPHONE_RATE_HZ)
        self._forget_old_audio()
        since_ms = self._speech_since_ms
        if since_ms is not None and (self._turn is None or self._floor.interviewer_speaks) and self._echoes():
            self._speech_since_ms = self._now_ms  # what the candidate may say after it begins here
        elif since_ms is not None and self._interruptible and not self._hums(since_ms):
            await self._interrupt(since_ms)
        elif self._turn is not None:
            if self._undecided:
                await self._decide(self._turn)
            if self._turn is not None:
                await self._watch(self._turn)
        elif since_ms is not None and not self._interruptible:
            self._begin_turn(since_ms)
        elif not self._floor.interviewer_speaks:
            await self._watch_silence()

    @property
    def _interruptible(self) -> bool:
        return self._floor.interviewer_speaks and self._floor.barge_in

    async def _watch_silence(self) -> None:
        if self._held:
            self._silent_since_ms = self._now_ms
        elif self._listen is not None and self._now_ms - self._silent_since_ms >= self._listen.silence_ms:
            self._listen = None
            await self.push_frame(SilenceFrame(at_ms=self._now_ms))

    async def _watch(self, turn: Turn) -> None:
        """See that the turn's words are being recognised as they are needed, and end it when it is over."""
        if turn.is_over(self._now_ms):
            if not self._perhaps_speaks() or turn.is_over(self._now_ms - LONGEST_DOUBT_MS):
                await self._end_turn(turn)
        elif self._now_ms - turn.started_ms >= (self._listen.longest_ms if self._listen else LONGEST_TURN_MS):
            if words := await self._salvage():
                self._listen = None
                await self.push_frame(UtteranceFrame(utterance=words))
        elif not turn.speaking and turn.heard is None:
            priority = Priority.FINAL if turn.outlasted(self._now_ms) else Priority.SPECULATIVE
            if self._job is None:
                self._recognise(turn, turn.voiced_until_ms, priority)
            elif priority < self._job.priority:
                self._job = self._recognition.promote(self._job)
        elif turn.speaking and self._job is None and self._now_ms - turn.settled_ms >= LONGEST_PIECE_MS:
            self._recognise(turn, self._quiet_ms_after(turn.settled_ms + LONGEST_PIECE_MS // 2), Priority.FINAL)

    def _speech_started(self) -> None:
        self._speech_since_ms = max(0, self._now_ms - START_MS)
        if self._turn is not None:
            self._turn = self._turn.resumed()
            if self._recognising_until_ms - self._turn.settled_ms < COMMIT_MS:
                self._withdraw()

    def _speech_stopped(self) -> None:
        self._speech_since_ms = None
        if self._turn is not None:
            self._turn = self._turn.paused(self._now_ms - STOP_MS)

    def _echoes(self) -> bool:
        """Whether what is heard is the interviewer, now or a moment ago: a lost packet hides an echo for a while."""
        longest_ms = echo.WINDOW_MS + echo.LONGEST_DELAY_MS + ECHO_MEMORY_MS
        heard = to_samples(self._audio_between(self._now_ms - longest_ms, self._now_ms), TELEPHONE_RATE_HZ)
        sent_pcm = self._sent.last(longest_ms, self._now_ms)
        sent = to_samples(AudioChunk(sent_pcm, TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ)
        ends = (ms_to_bytes(ago_ms, TELEPHONE_RATE_HZ) // SAMPLE_BYTES for ago_ms in range(0, ECHO_MEMORY_MS, FRAME_MS))
        return any(echo.is_echo(heard[: len(heard) - end], sent[: len(sent) - end], TELEPHONE_RATE_HZ) for end in ends)

    def _hums(self, since_ms: int) -> bool:
        if self._now_ms - since_ms >= LONGEST_HUM_MS:
            return False
        return hums(to_samples(self._audio_between(since_ms, self._now_ms), TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ)

    async def _interrupt(self, since_ms: int) -> None:
        """Stop the interviewer at once; `_decide` says later whether that was right."""
        self._floor = FloorFrame(interviewer_speaks=False)
        self._undecided = True
        if self._turn is None:
            self._begin_turn(since_ms)
        await self.broadcast_interruption()

    async def _decide(self, turn: Turn) -> None:
        """Speech that lasts was meant, and so are words; an "okay" or a cough was not, and the interviewer goes on."""
        brief = self._now_ms - turn.started_ms < LONGEST_HUM_MS
        if brief if turn.speaking else turn.heard is None:
            return
        asked_yes_no = self._listen is not None and self._listen.expects is Expects.YES_NO
        go_on = not turn.speaking and is_backchannel(turn.words.text, self._language)
        go_on = go_on and not (asked_yes_no and turn.words.text)
        self._undecided = False
        words = turn.words if go_on and turn.words.text else None
        if go_on:
            self._turn = None
        await self.push_frame(InterruptionDecidedFrame(go_on=go_on, words=words))

    def _begin_turn(self, started_ms: int) -> None:
        expects = self._listen.expects if self._listen else Expects.OPEN
        from_ms = max(0, started_ms - PREROLL_MS)
        self._turn = Turn(expects, self._language, started_ms, settled_ms=from_ms, voiced_until_ms=started_ms)

    def _recognise(self, turn: Turn, until_ms: int, priority: Priority) -> None:
        """Begin to recognise the turn's unsettled audio up to `until_ms`."""
        from_ms = turn.settled_ms
        audio = self._audio_between(from_ms, until_ms + STOP_MS)
        self._job = self._recognition.submit(audio, self._expected(turn), priority)
        if self._job is None:
            return
        self._recognising_until_ms = until_ms
        job = self._job
        recognised = asyncio.wrap_future(job.result)
        recognised.add_done_callback(lambda result: self._recognised(job, result, from_ms, until_ms))

    def _expected(self, turn: Turn) -> Expected:
        others = () if turn.settled else tuple(each for each in self._languages if each != self._language)
        return Expected(self._language, self._hot_words, others)

    def _recognised(self, job: Job, result: asyncio.Future[Heard], from_ms: int, until_ms: int) -> None:
        if self._job is not None and self._job.result is job.result:
            self._job = None
        if result.cancelled() or job.expected.language != self._language:
            return
        if (error := result.exception()) is not None:
            logger.error("recognition failed, the candidate will be asked again: {}", error)
        nothing = Heard(Utterance("", from_ms, until_ms, language=self._language), None)
        heard = nothing if error else result.result()
        if self._turn is not None:
            self._turn = self._turn.recognised(heard.utterance, from_ms, until_ms, heard.completeness)

    def _withdraw(self) -> None:
        """Nobody needs what is being recognised any more; a recognition that runs goes on, and is not listened to."""
        if self._job is not None:
            self._job.result.cancel()
            self._job = None

    async def _end_turn(self, turn: Turn) -> None:
        self._close_turn()
        if turn.words.text:  # else it was noise, and the silence clock goes on from where it was
            self._listen = None
            await self.push_frame(UtteranceFrame(utterance=turn.words))

    def _close_turn(self) -> None:
        self._turn = None
        self._undecided = False
        if self._speech_since_ms is not None:
            self._speech_since_ms = self._now_ms
        self._withdraw()

    async def _salvage(self) -> Utterance | None:
        """Close the turn where it stands. Returns what has been said, if anything has."""
        if self._turn is None:
            return None
        if self._turn.speaking:
            self._turn = self._turn.paused(self._now_ms)
        while self._turn.heard is None:
            if self._job is None:
                self._recognise(self._turn, self._turn.voiced_until_ms, Priority.FINAL)
            assert self._job is not None
            await asyncio.wait([asyncio.wrap_future(self._job.result)])
            await asyncio.sleep(0)  # the words are taken in by the job's own callback
        words = self._turn.words
        self._close_turn()
        return words if words.text else None

    def _audio_between(self, from_ms: int, until_ms: int) -> AudioChunk:
        buffer_start_ms = self._now_ms - bytes_to_ms(len(self._audio), TELEPHONE_RATE_HZ)
        from_ms = max(from_ms, buffer_start_ms)
        first, last = (ms_to_bytes(at_ms - buffer_start_ms, TELEPHONE_RATE_HZ) for at_ms in (from_ms, until_ms))
        return AudioChunk(bytes(self._audio[first:last]), TELEPHONE_RATE_HZ, from_ms)

    def _quiet_ms_after(self, earliest_ms: int) -> int:
        """The quietest moment between `earliest_ms` and now: where audio without a pause is cut best."""
        samples = to_samples(self._audio_between(earliest_ms, self._now_ms - STOP_MS), TELEPHONE_RATE_HZ)
        return earliest_ms + quietest(samples, TELEPHONE_RATE_HZ) * 1000 // TELEPHONE_RATE_HZ

    def _forget_old_audio(self) -> None:
        """Keep the turn, or the speech that may become one, or else just the pre-roll."""
        since_ms = self._turn.settled_ms if self._turn else self._speech_since_ms
        keep_ms = START_MS + PREROLL_MS if since_ms is None else self._now_ms - since_ms + PREROLL_MS
        spare = len(self._audio) - ms_to_bytes(keep_ms, TELEPHONE_RATE_HZ)
        if spare > TELEPHONE_RATE_HZ:
            del self._audio[:spare]
