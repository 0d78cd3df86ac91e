"""`voicebot eval skills`: how well skill tags agree with labels."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voicebot.cli.console import AsJson, print_json


def eval_skills(
    labelled: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="Answers, a JSON object a line: language (en or zh), text, skills (a list)."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Precision, recall and F1 of the skill tags, by language, and every answer that was tagged otherwise."""
    from scoring.embedder import UniversalSentenceEncoder
    from voicebot.measure import screen, skills
    from voicebot.screen import progress

    console = Console(stderr=as_json, highlight=False)
    answers = skills.load(labelled)
    embedder = UniversalSentenceEncoder().load()
    with progress(console, "Tagging", len(answers)) as advance:
        report = skills.measure(answers, embedder, advance)
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_skills(console, report)
