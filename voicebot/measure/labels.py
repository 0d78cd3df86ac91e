"""Recordings of real calls with labels: who spoke when, and where the caller's turns ended. See docs/performance.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialog_flows import strict
from dialog_flows.schema import KeyPath
from dialog_flows.strict import FileKind
from models.audio import TELEPHONE_RATE_HZ, AudioChunk, ms_to_bytes
from models.dialog import Expects
from models.errors import InvalidFile, UsageError
from voicebot.measure import audio_file
from voicebot.speech.pcm import levels_db, to_samples

SUFFIX = ".turns.json"
NEAR_MS = 50
"""Labels are read off 20 to 32 ms frames: times this close are one."""
SILENT_DB = -50.0
"""A labelled segment in which no 20 ms are louder belongs to another recording; faint callers are at -40 dBFS."""

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TurnEnd(_Block):
    end: Seconds
    expects: Expects = Expects.OPEN
    """The kind of answer that had been asked for."""
    agent_starts: Seconds | None = None
    gap: float | None = None


class PauseLabel(_Block):
    from_: Annotated[Seconds, Field(alias="from")]
    to: Seconds
    length: Seconds | None = None


class LabelFile(_Block):
    """Times in seconds from the start of both tracks."""

    caller: Annotated[str, Field(min_length=1)]
    """The caller's track, relative to the label file."""
    agent: str | None = None
    language: Literal["en", "zh"] = "en"
    caller_segments: Annotated[tuple[tuple[Seconds, Seconds], ...], Field(min_length=1)]
    """Start and end of each stretch of the caller's speech."""
    turn_ends: Annotated[tuple[TurnEnd, ...], Field(min_length=1)]
    """Where the caller had finished, each at the end of a segment; segments after the last are no turn."""
    pauses: tuple[PauseLabel, ...] = ()
    """For the reader: the pauses within turns are what lies between the segments."""


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    segments_ms: tuple[tuple[int, int], ...]
    """Start and end of each stretch of speech; between them are the pauses that do not end the turn."""
    expects: Expects

    @property
    def start_ms(self) -> int:
        return self.segments_ms[0][0]

    @property
    def end_ms(self) -> int:
        return self.segments_ms[-1][1]


@dataclass(frozen=True, slots=True)
class LabelledCall:
    name: str
    language: str
    caller: AudioChunk
    """8 kHz, the whole call."""
    turns: tuple[LabelledTurn, ...]

    def audio_of(self, turn: LabelledTurn) -> AudioChunk:
        """The turn with the pauses in it, as it was recorded."""
        first, last = (ms_to_bytes(at_ms, TELEPHONE_RATE_HZ) for at_ms in (turn.start_ms, turn.end_ms))
        return AudioChunk(self.caller.pcm[first:last], TELEPHONE_RATE_HZ, turn.start_ms)


KIND = FileKind("label", LabelFile, InvalidFile, "docs/performance.md")


def find(folder: Path) -> tuple[Path, ...]:
    """The label files in a folder. Raises UsageError when there are none."""
    found = tuple(sorted(folder.glob(f"*{SUFFIX}")))
    if not found:
        raise UsageError(f"{folder} has no label files; they are named *{SUFFIX}, see docs/performance.md")
    return found


def load(path: Path) -> LabelledCall:
    """A labelled recording. Raises UsageError for a file that cannot be read, InvalidFile for labels that are wrong or
    do not fit their audio."""
    document = strict.document(strict.read(path, KIND), str(path), KIND)
    if problems := list(strict.problems(document, KIND)):
        raise strict.invalid(problems, KIND)
    labels = LabelFile.model_validate_json(strict.as_json(document.data), strict=True)
    caller = audio_file.read_telephone(path.parent / labels.caller)
    if misfits := [document.source.problem(place, message) for place, message in _misfits(labels, caller)]:
        raise strict.invalid(misfits, KIND)
    return LabelledCall(path.name.removesuffix(SUFFIX), labels.language, caller, tuple(_turns(labels)))


def _misfits(labels: LabelFile, caller: AudioChunk) -> Iterator[tuple[KeyPath, str]]:
    levels = levels_db(to_samples(caller, TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ)
    before_s = 0.0
    for number, (start_s, end_s) in enumerate(labels.caller_segments):
        what = f"segment {number + 1} ({start_s:g}-{end_s:g} s)"
        if end_s <= start_s or start_s < before_s:
            yield ("caller_segments", number), f"{what} must end after it begins, and begin after the one before it"
        elif _ms(end_s) > caller.duration_ms + NEAR_MS:
            yield (
                ("caller_segments", number),
                f"{what} lies beyond {labels.caller}, which ends at {caller.duration_ms / 1000:g} s",
            )
        elif levels[_ms(start_s) // 20 : _ms(end_s) // 20].max(initial=-100) < SILENT_DB:
            yield ("caller_segments", number), f"nobody speaks in {what} of {labels.caller}; are these its labels?"
        before_s = end_s
    ends_ms = [_ms(end_s) for _, end_s in labels.caller_segments]
    taken = 0
    for number, turn in enumerate(labels.turn_ends):
        here = [at for at, end_ms in enumerate(ends_ms, 1) if abs(_ms(turn.end) - end_ms) <= NEAR_MS]
        if not here:
            yield ("turn_ends", number, "end"), f"no segment ends at {turn.end:g} s, where turn {number + 1} should"
        elif here[-1] <= taken:
            yield ("turn_ends", number, "end"), f"turn {number + 1} must end after the one before it"
        taken = max([taken, *here])


def _turns(labels: LabelFile) -> Iterator[LabelledTurn]:
    segments = [(_ms(start_s), _ms(end_s)) for start_s, end_s in labels.caller_segments]
    for turn in labels.turn_ends:
        mine = [segment for segment in segments if segment[1] <= _ms(turn.end) + NEAR_MS]
        segments = segments[len(mine) :]
        yield LabelledTurn(tuple(mine), turn.expects)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
