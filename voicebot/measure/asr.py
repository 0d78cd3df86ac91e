"""How well the recogniser hears: error rates over a manifest of recordings, as they are and through the telephone."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from models.audio import TELEPHONE_RATE_HZ, AudioChunk
from models.errors import InvalidFile, Problem, UsageError
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.measure import audio_file, table
from voicebot.measure.figures import spread
from voicebot.speech.error_rate import Errors, errors
from voicebot.speech.normal_form import normal_form
from voicebot.speech.pcm import to_pcm, to_samples
from voicebot.speech.protocols import Transcriber

COLUMNS = ("file", "lang", "transcript")
METRICS = {"en": "WER", "zh": "CER"}
"""The languages that can be measured, and whether words or characters are counted."""


class Line(StrEnum):
    """What lies between the mouth and the recogniser."""

    CLEAN = "clean"
    """Nothing: the recording as it is."""
    TELEPHONE = "telephone"
    """8 kHz mu-law. Real lines add noise and loss to it."""


@dataclass(frozen=True, slots=True)
class Clip:
    file: str
    """As the manifest names it."""
    path: Path
    language: str
    transcript: str


@dataclass(frozen=True, slots=True)
class Manifest:
    clips: tuple[Clip, ...]
    without_transcript: int
    """Rows left out because nobody has written down what is said."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One clip, recognised once."""

    clip: Clip
    line: Line
    heard: str
    audio_ms: int
    took_ms: int

    @property
    def errors(self) -> Errors:
        return errors(self.clip.transcript, self.heard, self.clip.language)

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.clip.file,
            "language": self.clip.language,
            "line": self.line.value,
            "said": normal_form(self.clip.transcript, self.clip.language),
            "heard": normal_form(self.heard, self.clip.language),
            "words": self.errors.said,
            "wrong": self.errors.wrong,
            "took_ms": self.took_ms,
        }


@dataclass(frozen=True, slots=True)
class AsrReport:
    recogniser: str
    hearings: tuple[Hearing, ...]
    without_transcript: int

    def group(self, language: str, line: Line) -> tuple[Hearing, ...]:
        return tuple(each for each in self.hearings if each.clip.language == language and each.line is line)

    @property
    def groups(self) -> tuple[tuple[str, Line, tuple[Hearing, ...]], ...]:
        kinds = dict.fromkeys((each.clip.language, each.line) for each in self.hearings)
        return tuple((language, line, self.group(language, line)) for language, line in sorted(kinds))

    def to_json(self) -> dict[str, Any]:
        languages: dict[str, Any] = {}
        for language, line, group in self.groups:
            languages.setdefault(language, {"metric": METRICS[language]})[line.value] = summary(group)
        return {
            "recogniser": self.recogniser,
            "languages": languages,
            "without_transcript": self.without_transcript,
            "clips": [hearing.to_json() for hearing in self.hearings],
        }


def summary(group: Sequence[Hearing]) -> dict[str, Any]:
    """Errors are added up over all words before they are divided: a long clip counts for more than a short one."""
    total = reduce(add, (hearing.errors for hearing in group))
    took = spread([hearing.took_ms for hearing in group])
    assert took is not None
    audio_ms = sum(hearing.audio_ms for hearing in group)
    return {
        "rate": round(total.rate, 4),
        "words": total.said,
        "wrong": total.wrong,
        "clips": len(group),
        "ms_per_clip": took.to_json(),
        "times_real_time": round(sum(hearing.took_ms for hearing in group) / audio_ms, 3),
    }


def load(path: Path) -> Manifest:
    """A CSV of recordings with what is said in them, files relative to it. Raises InvalidFile naming each row to mend,
    UsageError when the manifest itself cannot be read."""
    problems: list[Problem] = []
    clips: list[Clip] = []
    silent = 0
    for number, row in table.rows(path, COLUMNS):
        try:
            clip = _clip(row, path.parent)
        except UsageError as error:
            problems.append(Problem(str(path), number, 1, str(error)))
            continue
        silent += clip is None
        clips += [clip] if clip else []
    if not clips and not problems:
        problems.append(Problem(str(path), 0, 0, "no row has a transcript, so there is nothing to compare with"))
    if problems:
        raise InvalidFile(tuple(problems))
    return Manifest(tuple(clips), silent)


def _clip(row: dict[str, str], folder: Path) -> Clip | None:
    file, language, transcript = (row[column].strip() for column in COLUMNS)
    if not transcript:
        return None
    if language not in METRICS:
        raise UsageError(f"language {language!r} cannot be measured; `lang` must be one of: {', '.join(METRICS)}")
    if not normal_form(transcript, language):
        raise UsageError(f"the transcript {transcript!r} has no words; write what is said in {file}")
    audio_file.read(folder / file)  # now, and not after half an hour of recognition
    return Clip(file, folder / file, language, transcript)


def measure(
    manifest: Manifest,
    transcriber: Transcriber,
    lines: Iterable[Line],
    on_clip: Callable[[], None] = lambda: None,
) -> AsrReport:
    """Recognise every clip over every line, one at a time. The first is recognised once more beforehand, to warm up."""
    first = manifest.clips[0]
    transcriber.transcribe(audio_file.read(first.path), first.language)
    hearings = []
    for line in lines:
        for clip in manifest.clips:
            audio = audio_file.read(clip.path)
            if line is Line.TELEPHONE:
                audio = through_telephone(audio)
            began = time.perf_counter()
            heard = transcriber.transcribe(audio, clip.language)
            took_ms = round((time.perf_counter() - began) * 1000)
            hearings.append(Hearing(clip, line, heard.text, audio.duration_ms, took_ms))
            on_clip()
    return AsrReport(transcriber.name, tuple(hearings), manifest.without_transcript)


def through_telephone(audio: AudioChunk) -> AudioChunk:
    pcm = to_pcm(to_samples(audio, TELEPHONE_RATE_HZ))
    return replace(audio, pcm=mulaw_to_pcm(pcm_to_mulaw(pcm)), rate_hz=TELEPHONE_RATE_HZ)
