"""How long a candidate waits for an answer: whole calls through the real gateway, in real time, measured at the phone.

All calls are held by this process, so that its processor time includes the simulated phones.
"""

import asyncio
import os
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter
from typing import Any

from models.audio import TELEPHONE_RATE_HZ, AudioChunk
from models.speech import Utterance
from telephony.loopback import Hook
from voicebot import demo
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.conversation import CallObserver, Unobserved
from voicebot.measure.caller import Caller, SaidTurn, Speech
from voicebot.measure.figures import Spread, spread
from voicebot.measure.interviews import Interview
from voicebot.measure.usage import MB, watched
from voicebot.speech.recognition import Expected, Heard, Job, Priority, Recognition
from voicebot.wiring import Parts

STAGGER_S = 1.7
"""Between the dials of two calls: people do not pick up, or pause, in step."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a candidate waited for, in the order of time; the parts add up to the whole."""

    pause_noticed_ms: float
    """Until the product had noticed the pause and asked for its words (negative: before the labelled end)."""
    recognition_ms: float
    """Until the words were there."""
    patience_ms: float
    """Until the dialog had taken the turn: 0 or so where recognition took longer than patience."""
    first_audio_ms: float
    """Until the first voiced sample of the next line was heard."""


PARTS = tuple(Wait.__slots__)


@dataclass(frozen=True, slots=True)
class MeasuredCall:
    said: tuple[SaidTurn, ...]
    prompts: tuple[str, ...]
    """What the interviewer had said before each of them, and after the last."""
    waits: tuple[Wait | None, ...]
    """For each measured turn, as far as the product's own steps could be seen."""
    unsaid: int
    """Turns that were to be said when the interviewer ended the call."""
    lag_ms: float
    """The most that one of the phone's packets was late."""

    @property
    def turns(self) -> tuple[SaidTurn, ...]:
        """Those that are measured."""
        return tuple(turn for turn in self.said if turn.speech.counts)

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "spoken_ms": turn.speech.voiced_until_ms,
                "wait_ms": None if turn.latency_ms is None else round(turn.latency_ms),
                "cut_in_ms": None if turn.cut_s is None else round((turn.cut_s - turn.began_s) * 1000),
                "parts": {name: round(getattr(wait, name)) for name in PARTS} if wait else None,
            }
            for turn, wait in zip(self.turns, self.waits, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class LatencyReport:
    calls: tuple[MeasuredCall, ...]
    cpu_s: float
    wall_s: float
    before_mb: float
    peak_mb: float

    @property
    def turns(self) -> tuple[SaidTurn, ...]:
        return tuple(turn for call in self.calls for turn in call.turns)

    @property
    def latency(self) -> Spread | None:
        return spread([ms for turn in self.turns if (ms := turn.latency_ms) is not None])

    @property
    def cut_in_rate(self) -> float | None:
        return sum(turn.cut_in for turn in self.turns) / len(self.turns) if self.turns else None

    @property
    def unanswered(self) -> int:
        return sum(turn.latency_ms is None and not turn.cut_in for turn in self.turns)

    @property
    def lag_ms(self) -> float:
        return max(call.lag_ms for call in self.calls)

    def part(self, name: str) -> Spread | None:
        return spread([getattr(wait, name) for call in self.calls for wait in call.waits if wait])

    def to_json(self) -> dict[str, Any]:
        latency, count = self.latency, len(self.calls)
        return {
            "p50_ms": latency.p50_ms if latency else None,
            "p95_ms": latency.p95_ms if latency else None,
            "max_ms": latency.max_ms if latency else None,
            "cut_in_rate": None if self.cut_in_rate is None else round(self.cut_in_rate, 4),
            "calls": count,
            "turns": len(self.turns),
            "answered": latency.count if latency else 0,
            "cut_ins": sum(turn.cut_in for turn in self.turns),
            "unanswered": self.unanswered,
            "unsaid": sum(call.unsaid for call in self.calls),
            "parts": {name: part.to_json() if (part := self.part(name)) else None for name in PARTS},
            "phone_lag_ms": round(self.lag_ms),
            "cpu_s_per_call": round(self.cpu_s / count, 2),
            "cores_used": round(self.cpu_s / self.wall_s, 2),
            "rss_mb": {
                "before": round(self.before_mb),
                "peak": round(self.peak_mb),
                "per_call": round((self.peak_mb - self.before_mb) / count, 1),
            },
            "seconds": round(self.wall_s, 1),
            "machine": machine(),
            "each": [call.to_json() for call in self.calls],
        }


def machine() -> dict[str, Any]:
    return {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), "system": platform.platform()}


async def measure(
    parts: Parts,
    interviews: Sequence[Interview],
    *,
    most_turns: int | None = None,
    on_filed: Callable[[], None] = lambda: None,
) -> LatencyReport:
    """Hold one call for each of `interviews`, all at once. After `most_turns` of its turns a caller hangs up.

    What is used for the first time is warmed up before. Raises TelephonyError when a call is not taken.
    """
    for each in {id(interview): interview for interview in interviews}.values():
        audio = AudioChunk(each.longest.pcm, TELEPHONE_RATE_HZ)
        await parts.recognition.transcribe(audio, each.flow.language)
    logs = [_CallLog() for _ in interviews]

    def observe(interview_id: str) -> CallObserver:
        log = next(log for log in logs if interview_id in log.calls)
        _LOG.set(log)
        return log.calls[interview_id]

    async def hold(number: int, address: str) -> MeasuredCall:
        await asyncio.sleep(number * STAGGER_S)
        call = await _hold(parts, interviews[number], logs[number], f"ws://{address}/media", most_turns)
        on_filed()
        return call

    gateway = create_app(replace(parts, recognition=_WatchedRecognition(parts.recognition)), observe, api=False)
    async with serving(gateway, listen("127.0.0.1", 0)) as address, watched() as usage:
        calls = await asyncio.gather(*(hold(number, address) for number in range(len(interviews))))
        usage.look()
        return LatencyReport(tuple(calls), usage.cpu_s, usage.wall_s, usage.before_bytes / MB, usage.peak_bytes / MB)


async def _hold(
    parts: Parts, interview: Interview, log: "_CallLog", media_url: str, most_turns: int | None
) -> MeasuredCall:
    replies = interview.replies()
    prompts: list[str] = []

    def choose() -> Speech | Hook | None:
        if most_turns is not None and sum(turn.speech.counts for turn in caller.said) >= most_turns:
            return Hook.DOWN
        reply = replies.reply_to(log.lines)
        if isinstance(reply, Speech):
            prompts.append(" ".join(log.lines))
            log.lines.clear()
        return reply

    caller = Caller(choose)
    await demo.ring(parts, interview.flow, interview.variables, interview.persona, caller, media_url, log.calls, log)
    prompts.append(" ".join(log.lines))
    turns = [turn for turn in caller.said if turn.speech.counts]
    waits = tuple(log.wait(turn) for turn in turns)
    wanted = min((count for count in (interview.turns, most_turns) if count is not None), default=0)
    return MeasuredCall(tuple(caller.said), tuple(prompts), waits, max(0, wanted - len(turns)), caller.lag_ms)


class _CallLog(Unobserved):
    """When what happened inside the product during one call, by the same clock as the phone's."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        """What the interviewer has begun to say since the caller last spoke."""
        self.calls: demo.Calls = {}
        """This call alone."""
        self._recognised: list[_Recognised] = []
        self._taken_s: list[float] = []
        """When the dialog had taken each turn."""

    def line_began(self, text: str, at_ms: int) -> None:
        self.lines.append(text)

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None:
        self._taken_s.append(perf_counter())

    def note(self, asked_s: float, result: Future[Heard]) -> None:
        """Words that had been asked for are there, or nobody wants them any more."""
        if not result.cancelled():
            self._recognised.append(_Recognised(asked_s, perf_counter()))

    def wait(self, turn: SaidTurn) -> Wait | None:
        """None where no turn was taken between its end and the answer, such as before "Are you still there?"."""
        if turn.latency_ms is None or turn.answered_s is None:
            return None
        taken_s = next((at_s for at_s in self._taken_s if turn.voiced_until_s < at_s <= turn.answered_s), None)
        if taken_s is None:
            return None
        done = [each for each in self._recognised if each.done_s <= taken_s]
        if not done:
            return None
        asked_s, done_s = done[-1].asked_s, done[-1].done_s
        moments = (turn.voiced_until_s, asked_s, done_s, taken_s, turn.answered_s)
        return Wait(*((later - earlier) * 1000 for earlier, later in pairwise(moments)))


@dataclass(frozen=True, slots=True)
class _Recognised:
    asked_s: float
    done_s: float


_LOG: ContextVar[_CallLog] = ContextVar("log")
"""Of the call that the running task holds."""


class _WatchedRecognition(Recognition):
    """All calls' recognition, with a note in a call's log of when it asked for words and when it got them."""

    def __init__(self, shared: Recognition) -> None:
        self._shared = shared

    def submit(self, audio: AudioChunk, expected: Expected, priority: Priority) -> Job | None:
        asked_s, log = perf_counter(), _LOG.get()
        job = self._shared.submit(audio, expected, priority)
        if job is not None:
            job.result.add_done_callback(lambda result: log.note(asked_s, result))
        return job

    def promote(self, job: Job) -> Job:
        return self._shared.promote(job)
