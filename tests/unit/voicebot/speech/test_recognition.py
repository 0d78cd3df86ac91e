"""The pool: what somebody waits for comes first, and speculation gives way."""

import asyncio
import threading

import pytest

from dialog_flows.switch import asked_for
from models.audio import AudioChunk
from models.errors import RecognitionFailed
from models.speech import Utterance
from voicebot.speech.recognition import LONGEST_REQUEST_MS, Ear, Expected, Priority, Recognition


class Gated:
    """A recogniser that hears the start time of its audio, one piece at a time, when it is let."""

    name = "gated"

    def __init__(self):
        self.gate = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.order = []

    def load(self):
        pass

    def transcribe(self, audio, language, *, hot_words=(), others=()):
        self.begun.release()
        assert self.gate.acquire(timeout=10)
        self.order.append(audio.start_ms)
        if audio.start_ms < 0:
            raise RecognitionFailed("it failed")
        return Utterance(str(audio.start_ms), audio.start_ms, audio.end_ms)


ENGLISH = Expected("en")


@pytest.fixture
def gated():
    return Gated()


@pytest.fixture
def pool(gated):
    recognition = Recognition(Ear(gated), workers=1)
    yield recognition
    for _ in range(100):
        gated.gate.release()
    recognition.close()


def audio(start_ms):
    return AudioChunk(bytes(320), 8000, start_ms)


def test_final_work_comes_before_speculation(pool, gated):
    pool.submit(audio(0), ENGLISH, Priority.FINAL)
    assert gated.begun.acquire(timeout=10)  # the worker is busy with 0
    speculation = pool.submit(audio(1), ENGLISH, Priority.SPECULATIVE)
    last = pool.submit(audio(2), ENGLISH, Priority.FINAL)
    for _ in range(3):
        gated.gate.release()
    last.result.result(10)
    speculation.result.result(10)
    assert gated.order == [0, 2, 1]


def test_speculation_is_refused_when_work_waits_already(pool, gated):
    pool.submit(audio(0), ENGLISH, Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    assert pool.submit(audio(1), ENGLISH, Priority.SPECULATIVE) is not None
    assert pool.submit(audio(2), ENGLISH, Priority.SPECULATIVE) is None
    assert pool.submit(audio(3), ENGLISH, Priority.FINAL) is not None


def test_promoted_work_moves_up_and_is_done_once(pool, gated):
    pool.submit(audio(0), ENGLISH, Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    speculation = pool.submit(audio(1), ENGLISH, Priority.SPECULATIVE)
    other = pool.submit(audio(2), ENGLISH, Priority.FINAL)
    promoted = pool.promote(speculation)
    for _ in range(4):
        gated.gate.release()
    assert promoted.result.result(10).utterance.text == "1"
    other.result.result(10)
    pool.submit(audio(9), ENGLISH, Priority.FINAL).result.result(10)
    assert gated.order == [0, 1, 2, 9], "it keeps its place among those that were asked for"


def test_withdrawn_work_is_never_begun(pool, gated):
    pool.submit(audio(0), ENGLISH, Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    withdrawn = pool.submit(audio(1), ENGLISH, Priority.FINAL)
    last = pool.submit(audio(2), ENGLISH, Priority.FINAL)
    assert withdrawn.result.cancel()
    gated.gate.release()
    gated.gate.release()
    last.result.result(10)
    assert gated.order == [0, 2]


async def test_a_failure_reaches_who_asked_and_the_pool_goes_on(pool, gated):
    gated.gate.release()
    gated.gate.release()
    with pytest.raises(RecognitionFailed):
        await pool.transcribe(audio(-1), "en")
    assert (await asyncio.wait_for(pool.transcribe(audio(5), "en"), 10)).text == "5"


class Bilingual:
    """A recogniser to which all audio sounds like Chinese, and means one thing in either language."""

    name = "bilingual"

    def __init__(self, english, chinese):
        self.texts = {"en": english, "zh": chinese}
        self.asked = []

    def load(self):
        pass

    def transcribe(self, audio, language, *, hot_words=(), others=()):
        self.asked.append((language, hot_words, others))
        spoken = "zh" if "zh" in others else language
        return Utterance(self.texts[spoken], audio.start_ms, audio.end_ms, language=spoken)


BOTH = Expected("en", hot_words=("Redis",), others=("zh",))


def hear(bilingual, expected=BOTH, ms=1000):
    utterance = Ear(bilingual, asks=asked_for).hear(AudioChunk(bytes(16 * ms), 8000), expected).utterance
    return utterance.text, utterance.language


def test_a_request_in_the_language_it_asks_for_is_heard_in_it_at_once():
    bilingual = Bilingual("Good, you don't want to?", "可以用中文吗?")

    assert hear(bilingual) == ("可以用中文吗?", "zh")
    assert bilingual.asked == [("en", ("Redis",), ("zh",))]


@pytest.mark.parametrize("chinese", ["好的", "", "我会说中文和英语", "可以用英文吗?"])
def test_whatever_else_sounds_like_another_language_is_what_was_expected(chinese):
    bilingual = Bilingual("Okay.", chinese)

    assert hear(bilingual) == ("Okay.", "en")
    assert bilingual.asked[-1] == ("en", ("Redis",), ())


def test_a_long_turn_and_a_call_in_one_language_are_heard_as_expected():
    for expected, ms in ((BOTH, LONGEST_REQUEST_MS + 1), (ENGLISH, 1000)):
        assert hear(Bilingual("Okay.", "可以用中文吗?"), expected, ms) == ("Okay.", "en")


def test_an_ear_that_knows_no_requests_hears_none():
    heard = Ear(Bilingual("Okay.", "可以用中文吗?")).hear(AudioChunk(bytes(320), 8000), BOTH)

    assert heard.utterance.text == "Okay."
