"""`voicebot archive`: what was filed."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from voicebot import settings
from voicebot.cli.console import AsJson, print_json
from voicebot.cli.report import report, rescore

archive_app = typer.Typer(help="Look into the archive of interviews.", no_args_is_help=True)
archive_app.command(epilog="Example: voicebot archive report 3f9c")(report)
archive_app.command(epilog="Example: voicebot archive rescore 3f9c --json")(rescore)


@archive_app.command("list")
def archive_list(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest interviews."""
    from voicebot import screen
    from voicebot.archive.export import summary_to_json

    with opened() as archive:
        interviews = archive.interviews(limit)
    if as_json:
        print_json({"interviews": [summary_to_json(interview) for interview in interviews]})
    else:
        screen.print_interviews(Console(highlight=False), interviews)


@archive_app.command("show", epilog="Example: voicebot archive show 3f9c")
def archive_show(
    interview: Annotated[str, typer.Argument(metavar="ID", help="An interview's id, or how it begins.")],
    as_json: AsJson = False,
) -> None:
    """One interview: transcript, scores with evidence, skills, recording."""
    from voicebot import screen
    from voicebot.archive.export import record_to_json

    configured = settings.load()
    with opened() as archive:
        record = archive.interview(interview)
    path = recording_path(configured, record)
    if as_json:
        print_json(record_to_json(record) | {"recording_path": path})
        return
    console = Console(highlight=False)
    screen.print_interview(console, record)
    screen.print_transcript(console, record.transcript)
    console.print()
    screen.print_scorecard(console, record)
    screen.print_questions(console, record)
    console.print()
    screen.print_recording(console, record.recording, path or "")


def opened() -> Any:
    """The archive, with the calls of processes that died marked as dropped."""
    from voicebot.archive.store import open_archive

    archive = open_archive(settings.load().home)
    archive.sweep(datetime.now(UTC))
    return archive


def recording_path(configured: settings.Settings, record: Any) -> str | None:
    return str(configured.home / record.recording.path) if record.recording else None
