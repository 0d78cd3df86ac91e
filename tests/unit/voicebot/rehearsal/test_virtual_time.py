import asyncio
import threading
import time

import pytest

from models.audio import AudioChunk
from models.errors import RecognitionFailed
from models.speech import Utterance
from voicebot.rehearsal.virtual_time import PunctualRecognition, VirtualTimeLoop
from voicebot.speech.recognition import Ear, Expected, Heard, Priority

AUDIO = AudioChunk(bytes(320), 8000)


def run(coroutine, **options):
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(**options)) as runner:
        return runner.run(coroutine)


def now_s():
    return asyncio.get_running_loop().time()


def test_a_day_passes_at_once_and_everything_happens_in_order():
    happened = []

    async def at(hour):
        await asyncio.sleep(3600 * hour)
        happened.append((hour, round(now_s() / 3600)))

    async def day():
        await asyncio.gather(*(at(hour) for hour in (24, 1, 12)))

    began = time.perf_counter()
    run(day())
    assert time.perf_counter() - began < 5
    assert happened == [(1, 1), (12, 12), (24, 24)]


def test_timeouts_are_of_this_clock():
    async def wait():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await asyncio.Event().wait()
        return now_s()

    assert run(wait()) == pytest.approx(600)


def test_sockets_of_the_process_are_heard_before_time_goes_on():
    async def talk():
        received = []

        async def serve(reader, writer):
            while line := await reader.readline():
                received.append((line, now_s()))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for second in range(100):
            writer.write(b"%d\n" % second)
            await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return received

    received = run(talk())
    assert [int(line) for line, _ in received] == list(range(100))
    assert all(at_s - int(line) < 1 for line, at_s in received)


def test_work_for_a_thread_takes_as_long_as_it_is_said_to():
    async def work():
        thread = await asyncio.to_thread(threading.current_thread)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        return thread, now_s()

    assert run(work(), threads_take_ms=250) == (threading.current_thread(), pytest.approx(0.5))
    assert run(work())[1] == 0


def test_work_that_nobody_waits_for_any_more_is_done_all_the_same():
    done = []

    async def give_up():
        task = asyncio.create_task(asyncio.to_thread(done.append, 1))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(1)

    run(give_up(), threads_take_ms=100)
    assert done == [1]


class Words:
    def __init__(self):
        self.asked = 0

    def transcribe(self, audio, language, hot_words=(), others=()):
        self.asked += 1
        if language == "xx":
            raise RecognitionFailed("the recogniser failed")
        return Utterance("hello", 0, 20, language=language)


def test_recognition_takes_as_long_as_it_is_said_to():
    async def hear():
        recognition = PunctualRecognition(Ear(Words()), takes_ms=300)
        job = recognition.promote(recognition.submit(AUDIO, Expected("en"), Priority.SPECULATIVE))
        heard = await asyncio.wrap_future(job.result)
        at_s = now_s()
        with pytest.raises(RecognitionFailed):
            await recognition.transcribe(AUDIO, "xx")
        return heard, at_s, now_s()

    utterance = Utterance("hello", 0, 20, language="en")
    assert run(hear()) == (Heard(utterance, None), pytest.approx(0.3), pytest.approx(0.6))


def test_what_is_withdrawn_is_not_listened_to():
    words = Words()

    async def withdraw():
        job = PunctualRecognition(Ear(words), takes_ms=300).submit(AUDIO, Expected("en"), Priority.FINAL)
        job.result.cancel()
        await asyncio.sleep(1)

    run(withdraw())
    assert words.asked == 0
