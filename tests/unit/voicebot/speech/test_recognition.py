"""The pool: what somebody waits for comes first, and speculation gives way."""

import asyncio
import threading

import pytest

from models.audio import AudioChunk
from models.errors import RecognitionFailed
from models.speech import Utterance
from voicebot.speech.recognition import Ear, Priority, Recognition


class Gated:
    """A recogniser that hears the start time of its audio, one piece at a time, when it is let."""

    name = "gated"

    def __init__(self):
        self.gate = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.order = []

    def load(self):
        pass

    def transcribe(self, audio, language):
        self.begun.release()
        assert self.gate.acquire(timeout=10)
        self.order.append(audio.start_ms)
        if audio.start_ms < 0:
            raise RecognitionFailed("it failed")
        return Utterance(str(audio.start_ms), audio.start_ms, audio.end_ms)


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
    pool.submit(audio(0), "en", Priority.FINAL)
    assert gated.begun.acquire(timeout=10)  # the worker is busy with 0
    speculation = pool.submit(audio(1), "en", Priority.SPECULATIVE)
    last = pool.submit(audio(2), "en", Priority.FINAL)
    for _ in range(3):
        gated.gate.release()
    last.result.result(10)
    speculation.result.result(10)
    assert gated.order == [0, 2, 1]


def test_speculation_is_refused_when_work_waits_already(pool, gated):
    pool.submit(audio(0), "en", Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    assert pool.submit(audio(1), "en", Priority.SPECULATIVE) is not None
    assert pool.submit(audio(2), "en", Priority.SPECULATIVE) is None
    assert pool.submit(audio(3), "en", Priority.FINAL) is not None


def test_promoted_work_moves_up_and_is_done_once(pool, gated):
    pool.submit(audio(0), "en", Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    speculation = pool.submit(audio(1), "en", Priority.SPECULATIVE)
    other = pool.submit(audio(2), "en", Priority.FINAL)
    promoted = pool.promote(speculation)
    for _ in range(4):
        gated.gate.release()
    assert promoted.result.result(10).utterance.text == "1"
    other.result.result(10)
    pool.submit(audio(9), "en", Priority.FINAL).result.result(10)
    assert gated.order == [0, 1, 2, 9], "it keeps its place among those that were asked for"


def test_withdrawn_work_is_never_begun(pool, gated):
    pool.submit(audio(0), "en", Priority.FINAL)
    assert gated.begun.acquire(timeout=10)
    withdrawn = pool.submit(audio(1), "en", Priority.FINAL)
    last = pool.submit(audio(2), "en", Priority.FINAL)
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
