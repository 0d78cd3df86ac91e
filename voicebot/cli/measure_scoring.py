"""`voicebot eval scoring`: how well the scorer agrees with people."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from voicebot import settings
from voicebot.cli.console import AsJson, print_json

if TYPE_CHECKING:
    from voicebot.measure.scoring import Agreement, ValidityReport


def eval_scoring(
    answers: Annotated[
        Path,
        typer.Argument(help="CSV of marked answers: question_id, question, reference, answer, score."),
    ],
    by: Annotated[
        str, typer.Option(help="Column that names the question: no two rows with the same are fitted and tested on.")
    ] = "question_id",
    lowest: Annotated[float | None, typer.Option(help="Lowest mark of the scale; else 0.")] = None,
    highest: Annotated[
        float | None, typer.Option(help="Highest mark of the scale; else the next of 1, 2 … 5, 10, 20, 100.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Also fit a calibration on the whole file and write it here, as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Agreement with people's marks: as shipped, fitted on other questions, plain cosine, character n-grams."""
    from scoring import calibration
    from voicebot import wiring
    from voicebot.measure import scoring

    console = Console(stderr=as_json, highlight=False)
    marked = scoring.load(answers, by, lowest, highest)
    with console.status(f"Scoring {len(marked.items)} answers ..."):
        configured = settings.load()
        embedder = wiring.embedder(configured)
        report = scoring.measure(marked, embedder, wiring.calibration(configured, embedder))
        if save:
            calibration.save(scoring.calibrate(marked, embedder), save)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(console, report)


def print_report(console: Console, report: "ValidityReport") -> None:
    left_out = f", {report.unmarked} without a score left out" if report.unmarked else ""
    console.print(
        f"{report.answers} answers to {report.questions} questions{left_out}; scores from {report.lowest:g} to "
        f"{report.highest:g}; {report.embedder}"
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("scorer")
    for heading in ("answers", "Pearson", "Spearman", "RMSE"):
        table.add_column(heading, justify="right")
    for scorer in report.scorers:
        table.add_section()
        table.add_row(f"[bold]{scorer.name.replace('_', ' ')}[/]", *_cells(scorer.overall))
        for band, agreement in scorer.bands:
            table.add_row(f"  people marked {band}", *_cells(agreement), style="dim")
    console.print(table)
    for scorer in report.scorers:
        note = f" ({scorer.note})" if scorer.note else ""
        console.print(f"[dim]{scorer.name.replace('_', ' ')}: {scorer.what}{note}[/]")


def _cells(agreement: "Agreement | None") -> tuple[str, ...]:
    if agreement is None:
        return ("0", "-", "-", "-")
    pearson, spearman = ("-" if r is None else f"{r:.3f}" for r in (agreement.pearson, agreement.spearman))
    return str(agreement.count), pearson, spearman, f"{agreement.rmse:.3f}"
