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


@dataclass(frozen=True, slots=True)
class Heard:
    utterance: Utterance
    completeness: float | None
    """None: nobody was asked."""


class Ear:
    """A recogniser, and somebody who tells whether a turn sounds finished."""

    def __init__(self, transcriber: Transcriber, completeness: Completeness | None = None) -> None:
        self._transcriber = transcriber
        self._completeness = completeness

    def hear(self, audio: AudioChunk, language: str) -> Heard:
        """Synchronous, heavy and thread-safe. Raises RecognitionFailed."""
        utterance = self._transcriber.transcribe(audio, language)
        ask = self._completeness if utterance.text else None
        return Heard(utterance, ask(audio) if ask else None)


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
    language: str = field(compare=False)
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

    def submit(self, audio: AudioChunk, language: str, priority: Priority) -> Job | None:
        """Recognise `audio` when its turn comes. None: the pool is too busy for speculation."""
        if priority is Priority.SPECULATIVE and self._jobs.qsize() >= len(self._threads):
            return None
        job = Job(priority, next(self._numbers), audio, language)
        self._jobs.put(job)
        return job

    def promote(self, job: Job) -> Job:
        """The same work, now with somebody waiting for it."""
        promoted = replace(job, priority=Priority.FINAL)
        self._jobs.put(promoted)
        return promoted

    async def transcribe(self, audio: AudioChunk, language: str) -> Utterance:
        """The words in `audio`; text is empty when there are none. Raises RecognitionFailed."""
        job = self.submit(audio, language, Priority.FINAL)
        assert job is not None
        return (await asyncio.wrap_future(job.result)).utterance

    def close(self) -> None:
        """Finish what is running; what still waits is withdrawn."""
        while not self._jobs.empty():
            self._jobs.get_nowait().result.cancel()
        for _ in self._threads:
            self._jobs.put(Job(Priority.STOP, next(self._numbers), AudioChunk(b"", 8000), ""))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()).priority is not Priority.STOP:
            if job._claim.acquire(blocking=False) and job.result.set_running_or_notify_cancel():
                try:
                    job.result.set_result(self.ear.hear(job.audio, job.language))
                except BaseException as error:
                    job.result.set_exception(error)
