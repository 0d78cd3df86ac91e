"""Labelled answers as the product hears them: spoken by its voices, over a telephone line, through its recogniser."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from models.errors import UsageError
from voicebot.measure.asr import through_telephone
from voicebot.measure.skills import LabelledAnswer
from voicebot.speech.protocols import Transcriber, Voice

NOTHING = "…"
"""Written where nothing was heard."""


def heard(
    answers: Sequence[LabelledAnswer],
    voices: Mapping[str, Voice],
    transcriber: Transcriber,
    on_answer: Callable[[], None] = lambda: None,
) -> Iterator[LabelledAnswer]:
    """The same answers with what was heard in place of what was written; "" where nothing was.

    What a line `expects` is listened for as the names of a flow are. Raises SynthesisFailed and RecognitionFailed.
    """
    for answer in answers:
        audio = through_telephone(voices[answer.language].synthesize(answer.text))
        utterance = transcriber.transcribe(audio, answer.language, hot_words=answer.expects)
        on_answer()
        yield replace(answer, text=utterance.text)


def write(answers: Sequence[LabelledAnswer], path: Path) -> None:
    """A file that `skills.load` reads. Raises UsageError when it cannot be written."""
    lines = (
        json.dumps(
            {"language": answer.language, "text": answer.text or NOTHING, "skills": sorted(answer.skills)},
            ensure_ascii=False,
        )
        for answer in answers
    )
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
