"""The command line. Exit codes: 0 done, 2 something to mend first, 3 the call was not completed, 130 interrupted."""

import asyncio
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from models.call import Disposition
from models.errors import InvalidFile, Problem, UsageError, VoicebotError
from voicebot import cli_measure, logs, settings

if TYPE_CHECKING:
    from voicebot.screen import CallScreen

EXAMPLES = """
[bold]Examples[/]

  voicebot demo                    hold an interview that you can follow

  voicebot flow lint my_flow.yaml  say what is wrong with a flow, line by line

  voicebot serve --port 8080       take the media streams of real calls

  voicebot archive show 3f9c       one interview: what was said, the scores
"""


class Exit(IntEnum):
    DONE = 0
    USAGE = 2
    NOT_COMPLETED = 3
    INTERRUPTED = 130


app = typer.Typer(
    help="An open, self-hosted phone interviewer: calls, listens, scores with evidence, files for HR.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
flow_app = typer.Typer(help="Check the flows that interviews follow.", no_args_is_help=True)
archive_app = typer.Typer(help="Look into the archive of interviews.", no_args_is_help=True)
models_app = typer.Typer(help="See which models this machine has, and whether they are sound.", no_args_is_help=True)
app.add_typer(flow_app, name="flow")
app.add_typer(archive_app, name="archive")
app.add_typer(models_app, name="models")
app.add_typer(cli_measure.bench_app, name="bench")
app.add_typer(cli_measure.eval_app, name="eval")

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout; everything else goes to stderr.")
]


def main() -> NoReturn:
    """Entry point: an expected error is one clear message and exit code 2, never a traceback."""
    logs.configure()
    try:
        try:
            app(prog_name="voicebot")
        finally:
            sys.stdout.flush()
    except VoicebotError as error:
        _complain(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EPIPE):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more as it ends
        if error.errno == errno.ENOSPC:
            _complain("the output cannot be written: the disk is full; free some space, or write it somewhere else")
    sys.exit(Exit.USAGE)


def _complain(message: str) -> None:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _interruptible(screen: "CallScreen | None" = None) -> Iterator[None]:
    """Ctrl-C is one line and exit code 130; `screen` followed the call that it cut."""
    try:
        yield
    except KeyboardInterrupt:
        said = (
            f"; what was said is in `voicebot archive show {screen.filed_as[:8]}`"
            if screen and screen.filed_as
            else "."
        )
        _complain(f"Interrupted{said}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicebot {version('voicebot')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


class Language(StrEnum):
    ENGLISH = "en"
    MANDARIN = "zh"


@app.command(epilog="Example: voicebot demo --language zh --json > interview.json")
def demo(
    language: Annotated[
        Language, typer.Option(help="English or Mandarin; a persona that is named speaks its own.")
    ] = Language.ENGLISH,
    persona: Annotated[
        str | None, typer.Option(help="A simulated candidate of the library, or a YAML file.", show_default=False)
    ] = None,
    flow: Annotated[
        str | None, typer.Option(help="A flow of the library, or a YAML file; else the one the persona prepared for.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port for the gateway; 0 takes any free one.", min=0, max=65535)] = 0,
    as_json: AsJson = False,
) -> None:
    """Hold a whole phone interview with a simulated candidate, live, and file it.

    Recognition, speech, scoring and the telephone wire are the real ones; no account and no network is needed.
    """
    from dialog_flows import loader
    from voicebot import demo as demonstration
    from voicebot import screen as show
    from voicebot import wiring
    from voicebot.api.server import listen
    from voicebot.rehearsal import persona as personas

    console = Console(stderr=as_json, highlight=False)
    configured = settings.load()
    persona_path = personas.find(persona or personas.FIRST[language])
    who = personas.load(persona_path)
    published = loader.load(loader.find(flow, who.language) if flow else personas.find_flow(who, persona_path))
    personas.check(who, published, str(persona_path))
    screen = show.CallScreen(console)
    with _interruptible(screen), listen("127.0.0.1", port) as listener:
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(configured)
        try:
            filled, variables = demonstration.fill(parts, published, who)

            async def run() -> demonstration.Demo:
                count = demonstration.rehearsed_lines(filled, who)
                voice = parts.kokoro(who.voice, who.language)
                with show.progress(console, "Rehearsing both voices", count) as advance:
                    speech = await demonstration.rehearse(parts, filled, who, voice, advance)
                console.print(f"Calling {who.name} ...\n")
                with screen.live():
                    return await demonstration.hold(
                        parts, filled, variables, who, speech, screen, screen.level, listener=listener
                    )

            held = asyncio.run(run())
        finally:
            parts.close()
    if as_json:
        _print_json(held.to_json() | {"recording_path": _recording_path(configured, held.record)})
    else:
        show.print_interview(console, held.record)
        show.print_scorecard(console, held.record)
        show.print_questions(console, held.record)
        console.print()
        show.print_recording(console, held.record.recording, _recording_path(configured, held.record) or "")
        console.print(f"[dim]Again at any time: voicebot archive show {held.record.id[:8]}[/]")
    if held.record.disposition is not Disposition.COMPLETED:
        raise typer.Exit(Exit.NOT_COMPLETED)


@app.command(epilog="Example: voicebot serve --host 0.0.0.0 --port 8080")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (VOICEBOT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (VOICEBOT_PORT).", min=0, max=65535)] = None,
) -> None:
    """Take the media streams of calls at ws://HOST:PORT/media, until interrupted."""
    from voicebot import wiring
    from voicebot.api.app import create_app
    from voicebot.api.server import listen, server
    from voicebot.call import recover

    configured = settings.load()
    listener = listen(host or configured.host, configured.port if port is None else port)
    console = Console(stderr=True, highlight=False)
    with _interruptible():
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(configured)
        try:
            recover(parts)
            address, bound = listener.getsockname()[:2]
            console.print(f"Taking calls at ws://{address}:{bound}/media")
            server(create_app(parts)).run(sockets=[listener])
        finally:
            parts.close()


@flow_app.command("lint", epilog="Example: voicebot flow lint my_flow.yaml")
def flow_lint(
    flows: Annotated[list[str], typer.Argument(help="Flow files, or names of flows of the library.")],
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a flow and how to mend it, with file, line and column."""
    from dialog_flows import lint, loader

    problems: list[Problem] = []
    for flow in flows:
        try:
            problems += lint.lint(loader.load(loader.find(flow)))
        except InvalidFile as error:
            problems += error.problems
        except UsageError as error:
            problems.append(Problem(flow, 0, 0, str(error).removeprefix(f"{flow}: ")))
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        _print_json({"ok": not errors, "problems": [_problem(problem) for problem in problems]})
    else:
        console = Console(highlight=False)
        for problem in problems:
            style = "red" if problem.severity == "error" else "yellow"
            console.print(f"{problem}  ({problem.severity})", style=style, markup=False, soft_wrap=True)
        if not problems:
            console.print(f"{len(flows)} flow{'s' if len(flows) > 1 else ''}: nothing to mend.")
    if errors:
        raise typer.Exit(Exit.USAGE)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "message": problem.message,
    }


@archive_app.command("list")
def archive_list(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest interviews."""
    from voicebot import screen
    from voicebot.archive.export import summary_to_json

    with _archive() as archive:
        interviews = archive.interviews(limit)
    if as_json:
        _print_json({"interviews": [summary_to_json(interview) for interview in interviews]})
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
    with _archive() as archive:
        record = archive.interview(interview)
    path = _recording_path(configured, record)
    if as_json:
        _print_json(record_to_json(record) | {"recording_path": path})
        return
    console = Console(highlight=False)
    screen.print_interview(console, record)
    screen.print_transcript(console, record.transcript)
    console.print()
    screen.print_scorecard(console, record)
    screen.print_questions(console, record)
    console.print()
    screen.print_recording(console, record.recording, path or "")


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """Every model, where it comes from and whether it is there."""
    _models(check=False, as_json=as_json)


@models_app.command("verify")
def models_verify(as_json: AsJson = False) -> None:
    """Read every byte of every model and compare it with its published SHA-256."""
    _models(check=True, as_json=as_json)


def _models(*, check: bool, as_json: bool) -> None:
    from voicebot import screen, wiring
    from voicebot.speech.model_store import ModelState

    store = wiring.model_store(settings.load())
    models = store.verify() if check else store.list()
    sound = all(model.state is ModelState.PRESENT for model in models)
    if as_json:
        keys = ("name", "purpose", "languages", "licence", "distributions", "size", "state", "mend")
        _print_json({"ok": sound, "models": [{key: getattr(model, key) for key in keys} for model in models]})
    else:
        screen.print_models(Console(highlight=False), models)
    if not sound:
        raise typer.Exit(Exit.USAGE)


def _archive() -> Any:
    """The archive, with the calls of processes that died marked as dropped."""
    from voicebot.archive.store import open_archive

    archive = open_archive(settings.load().home)
    archive.sweep(datetime.now(UTC))
    return archive


def _recording_path(configured: settings.Settings, record: Any) -> str | None:
    return str(configured.home / record.recording.path) if record.recording else None


def _print_json(content: dict[str, Any]) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
