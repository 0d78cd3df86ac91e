"""Calls faster than they are spoken: an event loop whose clock leaps to the next moment at which anything happens.

What takes part in a call on this machine waits for a packet that is due in some milliseconds, for a thread that
computes, or for a socket whose other end is in this process too. Nobody notices when the time until a packet is
skipped, and what threads do elsewhere is done here by the loop itself, in no time. So a call lasts as long as its
computations do, nothing in it is ever late, and it goes the same way each time, on a fast machine and on a busy one.
"""

import asyncio
import itertools
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from models.audio import AudioChunk
from voicebot.speech.recognition import Ear, Expected, Heard, Job, Priority, Recognition

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For asyncio.Runner(loop_factory=VirtualTimeLoop). Other processes cannot take part: for them it is too fast."""

    def __init__(self, *, threads_take_ms: int = 0) -> None:
        """`threads_take_ms`: how long each piece of work for a thread takes, by this loop's clock."""
        self._clock = _Leaping()
        self._threads_take_s = threads_take_ms / 1000
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now_s

    def run_in_executor(  # type: ignore[override]  # as AbstractEventLoop has it
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """As with a thread, the work is done even when nobody waits for it any more."""
        result = self.create_future()
        self.call_later(self._threads_take_s, _work, result, func, args)
        return result


class _Leaping(selectors.BaseSelector):
    """The system's selector, save that to wait for a moment is to arrive there."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._files = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = self._files.select(None if timeout is None else 0)
        if not events and timeout:
            self.now_s += max(0.0, timeout)
        return events

    def register(self, fileobj: "FileDescriptorLike", events: int, data: Any = None) -> selectors.SelectorKey:
        return self._files.register(fileobj, events, data)

    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        return self._files.unregister(fileobj)

    def modify(self, fileobj: "FileDescriptorLike", events: int, data: Any = None) -> selectors.SelectorKey:
        return self._files.modify(fileobj, events, data)

    def get_map(self) -> Mapping["FileDescriptorLike", selectors.SelectorKey]:
        return self._files.get_map()

    def close(self) -> None:
        self._files.close()


class PunctualRecognition(Recognition):
    """Recognition for calls on a VirtualTimeLoop: it takes as long as it is said to, on any machine."""

    def __init__(self, ear: Ear, *, takes_ms: int = 0) -> None:
        self.ear = ear
        self._takes_s = takes_ms / 1000
        self._numbers = itertools.count()

    def submit(self, audio: AudioChunk, expected: Expected, priority: Priority) -> Job:
        job = Job(priority, next(self._numbers), audio, expected)
        asyncio.get_running_loop().call_later(self._takes_s, self._hear, job)
        return job

    def promote(self, job: Job) -> Job:
        return job

    def close(self) -> None:
        pass

    def _hear(self, job: Job) -> None:
        if job.result.set_running_or_notify_cancel():
            _work(job.result, self.ear.hear, (job.audio, job.expected))


def _work(result: "asyncio.Future[Any] | Future[Heard]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        done = func(*args)
    except BaseException as error:
        if not result.cancelled():
            result.set_exception(error)
    else:
        if not result.cancelled():
            result.set_result(done)
