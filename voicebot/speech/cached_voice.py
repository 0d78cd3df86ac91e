"""A voice for live calls: lines that have been spoken before come at once, others are synthesised in a bounded pool."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from models.audio import AudioChunk
from voicebot.speech.protocols import Voice
from voicebot.speech.speech_cache import SpeechCache


class CachedVoice:
    def __init__(self, voice: Voice, cache: SpeechCache, pool: ThreadPoolExecutor) -> None:
        """`pool`: where lines are synthesised, each waiting for those before it."""
        self.voice = voice
        self._cache = cache
        self._pool = pool
        self._name = ""

    async def speak(self, text: str) -> AudioChunk:
        """`text` as 8 kHz audio; waits for no synthesis but its own. Raises SynthesisFailed."""
        if not self._name:  # holds a digest of the weights, which takes a while the first time
            self._name = await asyncio.to_thread(lambda: self.voice.name)
        if (audio := self._cache.recall(self._name, text)) is not None:
            return audio
        if (audio := await asyncio.to_thread(self._cache.fetch, self._name, text)) is not None:
            return audio
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._cache.render, self.voice, text)

    async def prepare(self, texts: Iterable[str], on_rendered: Callable[[], None] = lambda: None) -> None:
        """Render lines ahead of a call, so that in the call they are played from memory."""
        for text in texts:
            await self.speak(text)
            on_rendered()
