"""The one bounded pool in which all calls' recognition runs: the event loop never waits for a model."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from models.audio import AudioChunk
from models.speech import Utterance
from voicebot.speech.protocols import Transcriber


class Recognition:
    def __init__(self, transcriber: Transcriber, *, workers: int) -> None:
        self._transcriber = transcriber
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="recognition")

    async def transcribe(self, audio: AudioChunk, language: str) -> Utterance:
        """The words in `audio`; text is empty when there are none. Cancelling withdraws work that has not begun.

        Raises RecognitionFailed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._transcriber.transcribe, audio, language)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
