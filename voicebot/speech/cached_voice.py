"""A voice for live calls: lines that have been spoken before come at once, others are synthesised in a bounded pool."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from models.audio import AudioChunk
from models.dialog import Manner
from voicebot.speech.protocols import Voice
from voicebot.speech.speech_cache import SpeechCache, louder

USUAL = Manner()


class CachedVoice:
    def __init__(self, voice: Voice, cache: SpeechCache, pool: ThreadPoolExecutor) -> None:
        """`pool`: where lines are synthesised, each waiting for those before it."""
        self.voice = voice
        self._cache = cache
        self._pool = pool
        self._name = ""

    async def speak(self, text: str, manner: Manner = USUAL) -> AudioChunk:
        """`text` as 8 kHz audio; waits for no synthesis but its own. Raises SynthesisFailed."""
        return louder(await self._spoken(text, manner.length), manner.gain_db)

    async def _spoken(self, text: str, length: float) -> AudioChunk:
        if not self._name:  # holds a digest of the weights, which takes a while the first time
            self._name = await asyncio.to_thread(lambda: self.voice.name)
        if (audio := self._cache.recall(self._name, text, length)) is not None:
            return audio
        if (audio := await asyncio.to_thread(self._cache.fetch, self._name, text, length)) is not None:
            return audio
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._cache.render, self.voice, text, length)

    async def prepare(
        self, texts: Iterable[str], on_rendered: Callable[[], None] = lambda: None, manner: Manner = USUAL
    ) -> None:
        """Render lines before they are said, one after the other, so that they are played from memory."""
        for text in texts:
            await self._spoken(text, manner.length)
            on_rendered()
