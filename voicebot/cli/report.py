"""`voicebot archive report` and `rescore`: what a scorecard means, and what today's scorer says."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from models.errors import NotInArchive
from models.interview import Interview, InterviewRecord, Rubric, Scorecard
from voicebot import settings
from voicebot.cli.console import AsJson, print_json

if TYPE_CHECKING:
    from scoring.feedback import Feedback

Id = Annotated[str, typer.Argument(metavar="ID", help="An interview's id, or how it begins.")]


def report(interview: Id, as_json: AsJson = False) -> None:
    """Strengths, gaps, advice to the candidate and what HR should still ask, from the scorecard on file."""
    from scoring.feedback import feedback

    record, rubric = _scored(interview)
    assert record.scorecard is not None
    found = feedback(rubric, record.scorecard)
    if as_json:
        print_json({"id": record.id, "overall": record.scorecard.overall, **asdict(found)})
    else:
        _print_feedback(Console(highlight=False), record.scorecard, found)


def rescore(
    interview: Id,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change; file nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score the answers on file anew. The old scorecard stays on file beside the new one, and overrides stand."""
    from scoring.report import scorecard
    from voicebot import wiring
    from voicebot.cli.archive import actor, opened

    record, rubric = _scored(interview)
    old = record.scorecard
    assert old is not None
    if not record.answers:
        raise NotInArchive(f"the answers of interview {record.id[:8]} are past their retention: nothing to score")
    configured = settings.load()
    embedder = wiring.embedder(configured)
    held_on = record.started_at.date() if record.started_at else None
    measured = Interview(record.id, rubric, record.answers, held_on)
    new = scorecard(measured, embedder, wiring.calibration(configured, embedder))
    filed = new != old and not dry_run
    if filed:
        with opened() as archive:
            archive.file_scorecard(record.id, new, datetime.now(UTC), actor())
    changes = _changes(old, new)
    if as_json:
        print_json(
            {
                "id": record.id,
                "on_file": {"overall": old.overall, "scorer": old.scorer},
                "now": asdict(new),
                "changed": changes,
                "filed": filed,
            }
        )
        return
    console = Console(highlight=False)
    console.print(f"on file  {_of_five(old.overall)}  [dim]{escape(old.scorer)}[/]", soft_wrap=True)
    console.print(f"now      {_of_five(new.overall)}  [dim]{escape(new.scorer)}[/]", soft_wrap=True)
    for change in changes:
        console.print(
            f"  {escape(change['question_id'])}, {escape(change['criterion'])}: "
            f"{_of_five(change['on_file'])} -> {_of_five(change['now'])}"
        )
    if not changes:
        console.print("Every criterion has the same score.")
    if filed:
        console.print("The new scorecard is filed; `voicebot archive show` lists the one before.")
    elif new == old:
        console.print("[dim]It is the same scorecard: nothing is filed.[/]")


def _scored(interview: str) -> tuple[InterviewRecord, Rubric]:
    """The interview and the rubric it was measured by. Raises NotInArchive when there is no scorecard."""
    from voicebot.assessment import measured_by
    from voicebot.cli.archive import opened

    with opened() as archive:
        record: InterviewRecord = archive.interview(interview)
        if record.scorecard is None:
            raise NotInArchive(f"interview {record.id[:8]} has no scorecard: `voicebot archive show` says why")
        return record, measured_by(archive, record)


def _changes(old: Scorecard, new: Scorecard) -> list[dict[str, Any]]:
    before = {(score.question_id, score.criterion_id): score.value for score in old.scores}
    return [
        {
            "question_id": score.question_id,
            "criterion": score.criterion,
            "on_file": before.get((score.question_id, score.criterion_id)),
            "now": score.value,
        }
        for score in new.scores
        if before.get((score.question_id, score.criterion_id)) != score.value
    ]


def _print_feedback(console: Console, card: Scorecard, found: "Feedback") -> None:
    console.print(f"[bold]Overall {_of_five(card.overall)}[/], from {100 * card.assessed_weight:.0f} % of the weight")
    for dimension in found.dimensions:
        console.print(f"  {escape(dimension.name)} ({100 * dimension.share:.0f} %): {_of_five(dimension.value)}")
    for heading, findings in (("Strengths", found.strengths), ("Gaps", found.gaps)):
        if not findings:
            continue
        console.print(f"\n[bold]{heading}[/]")
        for finding in findings:
            must = " [bold red](must have)[/]" if finding.must_have and heading == "Gaps" else ""
            console.print(
                f"  {escape(finding.question_id)}, {escape(finding.criterion)}: {_of_five(finding.value)}{must}"
            )
            for quote in finding.quotes[:1]:
                console.print(f"    [dim]“{escape(quote)}”[/]")
            for point in finding.missing if heading == "Gaps" else ():
                console.print(f"    missing: {escape(point)}")
    for heading, lines in (("To the candidate", found.suggestions), ("Still to ask", found.questions)):
        if not lines:
            continue
        console.print(f"\n[bold]{heading}[/]")
        for line in lines:
            console.print(f"  {escape(line)}")
    console.print("\n[dim]Scores come from the words alone. They reject nobody: a person decides.[/]")


def _of_five(value: float | None) -> str:
    return "not assessed" if value is None else f"{value:.1f}"
