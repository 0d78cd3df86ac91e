"""One utterance a turn, in the language that the call is held in by then. No models, no pipeline."""

import asyncio
import random

import pytest
from pipecat.frames.frames import InputAudioRawFrame, VADUserStartedSpeakingFrame, VADUserStoppedSpeakingFrame
from pipecat.processors.frame_processor import FrameDirection

from models.dialog import Expects, Listen
from models.speech import Utterance
from voicebot.pipeline.frames import LanguageFrame, ListenFrame, UtteranceFrame
from voicebot.pipeline.sent_audio import SentAudio
from voicebot.pipeline.turns import LONGEST_DOUBT_MS, TurnProcessor
from voicebot.pipeline.vad import START_MS, STOP_MS
from voicebot.speech.endpointing import PATIENCE_MS
from voicebot.speech.recognition import Expected, Heard, Job

SPEECH = random.Random(1).randbytes(320)
LISTEN = Listen(Expects.YES_NO, 7000)
LISTEN_PATIENCE_MS = PATIENCE_MS[Expects.YES_NO]


class Pool:
    """Takes every job; the test says what is heard and when."""

    def __init__(self):
        self.jobs = []

    def submit(self, audio, expected, priority):
        self.jobs.append(Job(priority, len(self.jobs), audio, expected))
        return self.jobs[-1]

    def promote(self, job):
        return job

    def begin(self, number):
        assert self.jobs[number].result.set_running_or_notify_cancel()

    def hear(self, number, text):
        job = self.jobs[number]
        utterance = Utterance(text, job.audio.start_ms, job.audio.end_ms, language=job.expected.language)
        job.result.set_result(Heard(utterance, None))


class Turns(TurnProcessor):
    """Its frames go to a list instead of a pipeline."""

    def __init__(self, pool, languages):
        self.goes_on = False
        super().__init__(pool, languages, SentAudio(), lambda: self.goes_on)
        self.utterances = []

    async def push_frame(self, frame, direction=FrameDirection.DOWNSTREAM):
        if isinstance(frame, UtteranceFrame):
            self.utterances.append(frame.utterance)

    async def take(self, *frames):
        for frame in frames:
            await self.process_frame(frame, FrameDirection.DOWNSTREAM)

    async def pass_time(self, ms, audio=bytes(320)):
        for _ in range(ms // 20):
            await self.take(InputAudioRawFrame(audio=audio, sample_rate=8000, num_channels=1))
            await asyncio.sleep(0)

    async def say_something(self):
        """For a second; ends where the detector has noticed that it ended."""
        await self.pass_time(START_MS, SPEECH)
        await self.take(VADUserStartedSpeakingFrame())
        await self.pass_time(1000, SPEECH)
        await self.pass_time(STOP_MS)
        await self.take(VADUserStoppedSpeakingFrame())
        await self.pass_time(40)


@pytest.fixture
def pool():
    return Pool()


async def test_the_recogniser_is_told_what_may_be_said(pool):
    turns = Turns(pool, ("en", "zh"))
    await turns.take(ListenFrame(listen=LISTEN, hot_words=("Redis",)))
    await turns.say_something()

    assert [job.expected for job in pool.jobs] == [Expected("en", ("Redis",), ("zh",))]
    pool.hear(0, "Okay.")
    await turns.pass_time(2000)
    assert [said.text for said in turns.utterances] == ["Okay."]

    await turns.take(LanguageFrame(language="zh"))
    await turns.say_something()
    assert pool.jobs[1].expected == Expected("zh", (), ("en",))


async def test_a_flow_in_one_language_is_heard_in_no_other(pool):
    turns = Turns(pool, ("en",))
    await turns.say_something()

    assert pool.jobs[0].expected == Expected("en")


@pytest.mark.parametrize("heard_first", [True, False], ids=["heard already", "being heard"])
async def test_what_is_said_while_the_language_changes_is_heard_in_the_new_one(pool, heard_first):
    turns = Turns(pool, ("en", "zh"))
    await turns.take(ListenFrame(listen=LISTEN))
    await turns.say_something()
    pool.begin(0)
    if heard_first:
        pool.hear(0, "Hung dung.")
        await turns.pass_time(40)
    await turns.take(LanguageFrame(language="zh"))
    if not heard_first:
        pool.hear(0, "Hung dung.")
    await turns.pass_time(2000)
    assert not turns.utterances

    pool.hear(1, "很懂。")
    await turns.pass_time(200)

    assert [(said.text, said.language) for said in turns.utterances] == [("很懂。", "zh")]


async def test_a_turn_does_not_end_while_the_candidate_seems_to_go_on(pool):
    turns = Turns(pool, ("en",))
    await turns.take(ListenFrame(listen=LISTEN))
    await turns.say_something()
    turns.goes_on = True
    pool.hear(0, "Yes.")
    await turns.pass_time(LISTEN_PATIENCE_MS + START_MS - STOP_MS)
    assert not turns.utterances

    await turns.take(VADUserStartedSpeakingFrame())
    turns.goes_on = False
    await turns.pass_time(1000, SPEECH)
    await turns.pass_time(STOP_MS)
    await turns.take(VADUserStoppedSpeakingFrame())
    await turns.pass_time(40)
    pool.hear(1, "Yes. But not on Monday.")
    await turns.pass_time(2000)
    assert [said.text for said in turns.utterances] == ["Yes. But not on Monday."]


async def test_a_noise_that_never_becomes_speech_does_not_hold_a_turn_up_for_long(pool):
    turns = Turns(pool, ("en",))
    await turns.take(ListenFrame(listen=LISTEN))
    await turns.say_something()
    turns.goes_on = True
    pool.hear(0, "Yes.")
    await turns.pass_time(LISTEN_PATIENCE_MS + LONGEST_DOUBT_MS)
    assert [said.text for said in turns.utterances] == ["Yes."]
