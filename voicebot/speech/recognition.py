"""The one bounded pool in which all calls' recognition runs: the event loop never waits for a model.

What a candidate waits for comes first; what is recognised on speculation, during a pause, comes after it and is the
first to give way when the machine is busy.
"""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import IntEnum

from models.audio import AudioChunk
from models.speech import Utterance
from voicebot.speech.protocols import Transcriber

Completeness = Callable[[AudioChunk], float]
"""Probability, 0 to 1, that a turn which pauses where the audio ends sounds finished."""


Asks = Callable[[str, str], str | None]
"""(text, the language that was expected) -> the language that the text asks to go on in."""

LONGEST_REQUEST_MS = 8000
"""A turn that asks for another language is shorter: "Sorry, my Chinese is not very good, could we do this in English?"
takes five seconds."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a turn before it is heard."""

    language: str
    hot_words: tuple[str, ...] = ()
    """Names that it may hold, the most likely first."""
    others: tuple[str, ...] = ()
    """Languages in which the candidate may ask to go on."""


@dataclass(frozen=True, slots=True)
class Heard:
    utterance: Utterance
    completeness: float | None
    """None: nobody was asked."""


class Ear:
    """A recogniser, somebody who tells whether a turn sounds finished, and one who knows how people ask for a language.

    Candidates ask for their own language in it, and whoever listens in another hears "Good, you don't want to?" for
    可以用中文吗. So a short turn that sounds like another language is heard in that one; but unless it asks to go on in
    it, it is heard again as what was expected: an "okay" that was taken for Chinese stays an "okay".
    """

    def __init__(
        self,
        transcriber: Transcriber,
        completeness: Completeness | None = None,
        asks: Asks = lambda text, language: None,
    ) -> None:
        self._transcriber = transcriber
        self._completeness = completeness
        self._asks = asks

    def hear(self, audio: AudioChunk, expected: Expected) -> Heard:
        """Synchronous, heavy and thread-safe. Raises RecognitionFailed."""
        others = expected.others if audio.duration_ms <= LONGEST_REQUEST_MS else ()
        utterance = self._transcribe(audio, expected, others)
        language = utterance.language
        if language != expected.language and self._asks(utterance.text, expected.language) != language:
            utterance = self._transcribe(audio, expected, ())
        ask = self._completeness if utterance.text else None
        return Heard(utterance, ask(audio) if ask else None)

    def _transcribe(self, audio: AudioChunk, expected: Expected, others: tuple[str, ...]) -> Utterance:
        return self._transcriber.transcribe(audio, expected.language, hot_words=expected.hot_words, others=others)


class Priority(IntEnum):
    FINAL = 0
    """Somebody waits for these words."""
    SPECULATIVE = 1
    """The turn may be over; if speech goes on, the words are stale."""
    STOP = 2


@dataclass(order=True, frozen=True, slots=True)
class Job:
    """One piece of audio to be recognised."""

    priority: Priority
    number: int
    """First come, first served among equals."""
    audio: AudioChunk = field(compare=False)
    expected: Expected = field(compare=False)
    result: Future[Heard] = field(compare=False, default_factory=Future)
    """Cancelling it withdraws a job that has not begun. Raises RecognitionFailed."""
    _claim: threading.Lock = field(compare=False, default_factory=threading.Lock)
    """Held by the worker that does the job: a promoted job stands in the queue twice."""


class Recognition:
    """Safe to use from any number of event loops and threads at once."""

    def __init__(self, ear: Ear, *, workers: int) -> None:
        self.ear = ear
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"recognition-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, audio: AudioChunk, expected: Expected, priority: Priority) -> Job | None:
        """Recognise `audio` when its turn comes. None: the pool is too busy for speculation."""
        if priority is Priority.SPECULATIVE and self._jobs.qsize() >= len(self._threads):
            return None
        job = Job(priority, next(self._numbers), audio, expected)
        self._jobs.put(job)
        return job

    def promote(self, job: Job) -> Job:
        """The same work, now with somebody waiting for it."""
        promoted = replace(job, priority=Priority.FINAL)
        self._jobs.put(promoted)
        return promoted

    async def transcribe(self, audio: AudioChunk, language: str) -> Utterance:
        """The words in `audio`; text is empty when there are none. Raises RecognitionFailed."""
        job = self.submit(audio, Expected(language), Priority.FINAL)
        assert job is not None
        return (await asyncio.wrap_future(job.result)).utterance

    def close(self) -> None:
        """Finish what is running; what still waits is withdrawn."""
        while not self._jobs.empty():
            self._jobs.get_nowait().result.cancel()
        for _ in self._threads:
            self._jobs.put(Job(Priority.STOP, next(self._numbers), AudioChunk(b"", 8000), Expected("")))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()).priority is not Priority.STOP:
            if job._claim.acquire(blocking=False) and job.result.set_running_or_notify_cancel():
                try:
                    job.result.set_result(self.ear.hear(job.audio, job.expected))
                except BaseException as error:
                    job.result.set_exception(error)
