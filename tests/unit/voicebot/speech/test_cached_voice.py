import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.audio import AudioChunk
from models.dialog import Manner
from voicebot.speech.cached_voice import CachedVoice
from voicebot.speech.speech_cache import SpeechCache


class SlowVoice:
    """Speaks 100 ms of any text; takes until it is released over those that begin with "slow"."""

    name = "slow@1"
    rate_hz = 8000

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.busy = threading.Event()
        self.released = threading.Event()

    def load(self) -> None:
        pass

    def synthesize(self, text: str, length: float = 1.0) -> AudioChunk:
        self.lines.append(text)
        if text.startswith("slow"):
            self.busy.set()
            assert self.released.wait(20)
        return AudioChunk(b"\1\1" * round(800 * length), self.rate_hz)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def slow() -> Iterator[SlowVoice]:
    voice = SlowVoice()
    yield voice
    voice.released.set()  # before the pool is waited for


@pytest.mark.parametrize("remembered", [True, False], ids=["in memory", "on disk"])
async def test_a_kept_line_does_not_wait_for_another_synthesis(
    tmp_path: Path, pool: ThreadPoolExecutor, slow: SlowVoice, remembered: bool
) -> None:
    first = CachedVoice(slow, SpeechCache(tmp_path), pool)
    kept = await first.speak("kept")
    voice = first if remembered else CachedVoice(slow, SpeechCache(tmp_path), pool)
    busy = asyncio.create_task(voice.speak("slow line"))
    assert await asyncio.to_thread(slow.busy.wait, 20)

    async with asyncio.timeout(10):
        assert await voice.speak("kept") == kept

    assert not busy.done()
    slow.released.set()
    await busy
    assert slow.lines == ["kept", "slow line"]


async def test_a_line_in_memory_is_there_without_a_turn_of_the_loop(
    tmp_path: Path, pool: ThreadPoolExecutor, slow: SlowVoice
) -> None:
    voice = CachedVoice(slow, SpeechCache(tmp_path), pool)
    kept = await voice.speak("kept")

    with pytest.raises(StopIteration) as returned:
        voice.speak("kept").send(None)
    assert returned.value.value == kept


async def test_a_line_that_two_calls_want_at_once_is_synthesised_once(
    tmp_path: Path, pool: ThreadPoolExecutor, slow: SlowVoice
) -> None:
    voice = CachedVoice(slow, SpeechCache(tmp_path), pool)
    slow.released.set()

    one, other = await asyncio.gather(voice.speak("slow line"), voice.speak("slow line"))

    assert one == other
    assert slow.lines == ["slow line"]


async def test_a_manner_changes_pace_and_loudness(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    voice = CachedVoice(SlowVoice(), SpeechCache(tmp_path), pool)
    usual = await voice.speak("line")
    await voice.prepare(["line"], manner=Manner(length=1.5))
    slower = await voice.speak("line", Manner(length=1.5, gain_db=4.0))
    assert slower.duration_ms > usual.duration_ms
    assert max(slower.pcm) > max(usual.pcm)
    assert len(voice.voice.lines) == 2, "what was prepared is not synthesised again"
