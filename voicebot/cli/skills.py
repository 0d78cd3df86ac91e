"""`voicebot eval skills`: how well skill tags agree with labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from voicebot.cli.console import AsJson, print_json

if TYPE_CHECKING:
    from voicebot.measure.skills import LabelledAnswer


def eval_skills(
    labelled: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="Answers, a JSON object a line: language (en or zh), text, skills (a list)."
        ),
    ],
    spoken: Annotated[
        bool,
        typer.Option(
            "--spoken", help="Have each answer spoken and heard over an 8 kHz line first; `expects` is listened for."
        ),
    ] = False,
    unprompted: Annotated[bool, typer.Option("--unprompted", help="With --spoken: listen for no names.")] = False,
    save_heard: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="With --spoken: write what was heard here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Precision, recall and F1 of the skill tags, by language, and every answer that was tagged otherwise."""
    from models.errors import UsageError
    from scoring.embedder import UniversalSentenceEncoder
    from voicebot.measure import screen, skills
    from voicebot.measure import spoken as spoken_answers
    from voicebot.screen import progress

    console = Console(stderr=as_json, highlight=False)
    answers = skills.load(labelled)
    if (unprompted or save_heard) and not spoken:
        raise UsageError("--unprompted and --save-heard are for answers that are heard: add --spoken")
    if spoken:
        answers = _heard(console, answers, prompted=not unprompted)
        if save_heard:
            spoken_answers.write(answers, save_heard)
    embedder = UniversalSentenceEncoder().load()
    with progress(console, "Tagging", len(answers)) as advance:
        report = skills.measure(answers, embedder, advance)
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_skills(console, report)


def _heard(console: Console, answers: "Sequence[LabelledAnswer]", *, prompted: bool) -> "tuple[LabelledAnswer, ...]":
    """The answers as the recogniser hears them. Raises ModelError."""
    from dataclasses import replace

    from voicebot import settings, wiring
    from voicebot.measure import spoken
    from voicebot.screen import progress

    configured = settings.load()
    with console.status("Loading voices and recogniser ..."):
        voices, transcriber = wiring.voices(configured), wiring.transcriber(configured)
    said = answers if prompted else [replace(answer, expects=()) for answer in answers]
    with progress(console, "Listening", len(answers)) as advance:
        return tuple(spoken.heard(said, voices, transcriber, advance))
