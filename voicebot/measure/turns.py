"""When the product takes its turn, over labelled recordings and in audio time: endpointing alone, nothing else.

The simulation is in `replay`: the detector's pauses in one turn, and the patience that the words before each deserve.
Recognition is real but takes no audio time here; `voicebot bench latency` shows what it costs.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from models.audio import TELEPHONE_RATE_HZ, AudioChunk, ms_to_bytes
from voicebot.measure.figures import Spread, spread
from voicebot.measure.labels import LabelledCall, LabelledTurn
from voicebot.pipeline.activity import SpeechNoticed, activity
from voicebot.pipeline.turns import PREROLL_MS
from voicebot.pipeline.vad import START_MS, STOP_MS
from voicebot.settings import Vad
from voicebot.speech.endpointing import Turn
from voicebot.speech.recognition import Ear, Expected, Heard

ENDLESS_MS = 20_000
"""A pause that has not ended the turn by now is taken never to end it."""
STEP_MS = 20
"""A call looks at the clock with each packet."""
DOUBT_AFTER_MS = 40
"""So soon after speech began the detector has a suspicion, and a call waits whether it proves right."""

SCALES = tuple(round(0.1 * number, 1) for number in range(1, 31))
"""Patience as it is, times these: the sweep."""
ALLOWED_CUT_INS = 0.05


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause that the detector noticed, in a turn that nobody had ended before."""

    voiced_until_ms: int
    noticed_ms: int
    resumed_ms: int | None
    """When speech may have begun again, from when on a turn is not ended any more; None after the last pause."""
    patience_ms: int | None
    """The pause that would end the turn here; None where no words had been heard, and no turn could end."""

    def ended_ms(self, scale: float) -> int | None:
        """When the turn is over, with patience times `scale`. None: speech went on before."""
        if self.patience_ms is None:
            return None
        ended_ms = max(self.noticed_ms, self.voiced_until_ms + round(self.patience_ms * scale))
        return ended_ms if self.resumed_ms is None or ended_ms <= self.resumed_ms else None


@dataclass(frozen=True, slots=True)
class ReplayedTurn:
    call: str
    label: LabelledTurn
    pauses: tuple[Pause, ...]

    def ended_ms(self, scale: float = 1.0) -> int | None:
        """When the product takes its turn. None: never, before the caller's next turn."""
        ends = (pause.ended_ms(scale) for pause in self.pauses)
        return next((ended_ms for ended_ms in ends if ended_ms is not None), None)

    def cut_in(self, scale: float = 1.0) -> bool:
        ended_ms = self.ended_ms(scale)
        return ended_ms is not None and ended_ms < self.label.end_ms

    def delay_ms(self, scale: float = 1.0) -> int | None:
        """From the labelled end. None for a turn that was cut, or never taken."""
        ended_ms = self.ended_ms(scale)
        return None if ended_ms is None or self.cut_in(scale) else ended_ms - self.label.end_ms

    def to_json(self) -> dict[str, Any]:
        return {
            "call": self.call,
            "start_ms": self.label.start_ms,
            "end_ms": self.label.end_ms,
            "ended_ms": self.ended_ms(),
            "cut_in": self.cut_in(),
        }

    @property
    def pauses_within(self) -> tuple[Pause, ...]:
        return tuple(each for each in self.pauses if each.resumed_ms and each.voiced_until_ms < self.label.end_ms)


def replay(
    call: str,
    turn: LabelledTurn,
    until_ms: int,
    language: str,
    noticed: Iterable[SpeechNoticed],
    hear: Callable[[int, int], Heard],
) -> ReplayedTurn:
    """One turn as the endpointer sees it, up to where the caller's next turn begins (`until_ms`).

    `hear(from_ms, until_ms)` recognises a stretch of the caller's track. Nothing is ended here: each pause is noted
    with the patience it would be given, so that one replay answers for every scale of patience.
    """
    state: Turn | None = None
    pauses: list[Pause] = []
    for event in noticed:
        if not turn.start_ms <= event.at_ms < until_ms:
            continue
        if event.speaking:
            if pauses and pauses[-1].resumed_ms is None:
                pauses[-1] = replace(pauses[-1], resumed_ms=event.at_ms - START_MS + DOUBT_AFTER_MS)
            state = state.resumed() if state else _begin(turn, event.at_ms - START_MS, language)
            continue
        state = state or _begin(turn, turn.start_ms, language)  # they spoke before the turn, such as over the bot
        voiced_until_ms, from_ms = event.at_ms - STOP_MS, state.settled_ms
        state = state.paused(voiced_until_ms)
        heard = hear(from_ms, event.at_ms)
        state = state.recognised(heard.utterance, from_ms, voiced_until_ms, heard.completeness)
        pauses.append(Pause(voiced_until_ms, event.at_ms, None, _patience_ms(state)))
        if not state.words.text:
            state = None  # noise; the turn begins with the next speech
    return ReplayedTurn(call, turn, tuple(pauses))


def _begin(turn: LabelledTurn, started_ms: int, language: str) -> Turn:
    from_ms = max(0, started_ms - PREROLL_MS)
    return Turn(turn.expects, language, started_ms, settled_ms=from_ms, voiced_until_ms=started_ms)


def _patience_ms(paused: Turn) -> int | None:
    if not paused.words.text:
        return None
    times = range(paused.voiced_until_ms, paused.voiced_until_ms + ENDLESS_MS, STEP_MS)
    over_ms = next((now_ms for now_ms in times if paused.is_over(now_ms)), None)
    return None if over_ms is None else over_ms - paused.voiced_until_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """All turns at one scale of patience."""

    scale: float
    cut_in_rate: float
    """Share of the turns that were ended before the caller had finished."""
    delay: Spread | None
    """From the labelled end of those that were not."""
    never: int
    """Turns that were not taken before the caller spoke again."""

    def to_json(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "cut_in_rate": round(self.cut_in_rate, 4),
            "delay": self.delay.to_json() if self.delay else None,
            "never": self.never,
        }


@dataclass(frozen=True, slots=True)
class TurnsReport:
    turns: tuple[ReplayedTurn, ...]

    def at(self, scale: float) -> Outcome:
        delays = [delay for turn in self.turns if (delay := turn.delay_ms(scale)) is not None]
        cut = sum(turn.cut_in(scale) for turn in self.turns)
        never = sum(turn.ended_ms(scale) is None for turn in self.turns)
        return Outcome(scale, cut / len(self.turns), spread(delays), never)

    @property
    def at_allowed_cut_ins(self) -> Outcome | None:
        """With the least patience that keeps cut-ins at 5 %. None: no patience of the sweep does."""
        outcomes = [self.at(scale) for scale in SCALES]
        patient = len(outcomes)
        while patient and outcomes[patient - 1].cut_in_rate <= ALLOWED_CUT_INS:
            patient -= 1
        return outcomes[patient] if patient < len(outcomes) else None

    def to_json(self) -> dict[str, Any]:
        now, allowed = self.at(1.0), self.at_allowed_cut_ins
        pauses = [pause for turn in self.turns for pause in turn.pauses_within]
        return {
            "turns": len(self.turns),
            "pauses_within_turns": len(pauses),
            "pauses_talked_into": sum(pause.ended_ms(1.0) is not None for pause in pauses),
            "cut_in_rate": round(now.cut_in_rate, 4),
            "delay": now.delay.to_json() if now.delay else None,
            "never": now.never,
            "each": [turn.to_json() for turn in self.turns],
            "at_5_percent_cut_ins": allowed.to_json() if allowed else None,
            "sweep": [self.at(scale).to_json() for scale in SCALES],
        }


def measure(
    calls: Sequence[LabelledCall],
    ear: Ear,
    vad: Vad,
    on_turn: Callable[[], None] = lambda: None,
) -> TurnsReport:
    """Replay every turn of every call."""
    turns = []
    for call in calls:
        noticed = asyncio.run(activity(call.caller, vad))
        hear = partial(_hear, ear, call)
        until = chain((turn.start_ms for turn in call.turns[1:]), (call.caller.duration_ms,))
        for turn, until_ms in zip(call.turns, until, strict=True):
            turns.append(replay(call.name, turn, until_ms, call.language, noticed, hear))
            on_turn()
    return TurnsReport(tuple(turns))


def _hear(ear: Ear, call: LabelledCall, from_ms: int, until_ms: int) -> Heard:
    first, last = (ms_to_bytes(at_ms, TELEPHONE_RATE_HZ) for at_ms in (from_ms, until_ms))
    return ear.hear(AudioChunk(call.caller.pcm[first:last], TELEPHONE_RATE_HZ, from_ms), Expected(call.language))
