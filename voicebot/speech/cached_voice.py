"""A voice for live calls: lines come from the cache at once, or are synthesised in one bounded pool."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from models.audio import AudioChunk
from voicebot.speech.protocols import Voice
from voicebot.speech.speech_cache import SpeechCache


class CachedVoice:
    def __init__(self, voice: Voice, cache: SpeechCache, pool: ThreadPoolExecutor) -> None:
        self.voice = voice
        self._cache = cache
        self._pool = pool

    async def speak(self, text: str) -> AudioChunk:
        """`text` as 8 kHz audio. Raises SynthesisFailed."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._cache.render, self.voice, text)

    async def prepare(self, texts: Iterable[str], on_rendered: Callable[[], None] = lambda: None) -> None:
        """Render lines ahead of a call, so that in the call they are played from memory."""
        for text in texts:
            await self.speak(text)
            on_rendered()
