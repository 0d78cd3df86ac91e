"""`voicebot rehearse`: a flow played by text, before anybody is called."""

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import InvalidFlow, UsageError
from models.speech import Speaker, TranscriptLine
from voicebot import settings
from voicebot.cli.console import AsJson, Exit, Language, interruptible, language_option, print_json

if TYPE_CHECKING:
    from dialog_flows.schema import Flow
    from voicebot.rehearsal.interview import Respond
    from voicebot.rehearsal.persona import Persona

NAMES = {"en": "Alex", "zh": "小安"}
"""Whom the interviewer asks for when you type, and the flow has no name of its own."""

HOW = "Type what the candidate says. An empty line is silence; Ctrl-D puts the phone down."


def rehearse(
    flow: Annotated[str, typer.Argument(help="A flow file, or the name of a flow of the library.")],
    persona: Annotated[
        list[str] | None,
        typer.Option(help="Who is interviewed: a name of the library, or a YAML file. May be given more than once."),
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Everybody in the library, a line each, and what nobody came to.")
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="You type what the candidate says; an empty line is silence.")
    ] = False,
    language: Annotated[
        Language | None, language_option(help="One of the flow's languages; its own unless you say otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play candidates against a flow by text: what is said, the path it takes, the scores, and what nobody came to.

    The questions are asked and the answers scored as in a real call, but nothing is spoken and nothing is filed.
    """
    from voicebot import screen, wiring
    from voicebot.rehearsal import coverage, interview
    from voicebot.rehearsal import screen as show

    if bool(persona) + everybody + interactive > 1:
        raise UsageError("--persona, --all and --interactive exclude each other: keep one of them")
    console = Console(stderr=as_json, highlight=False)
    if interactive and sys.stdin is None:
        raise UsageError("--interactive needs somewhere to type: its input is closed")
    configured = settings.load()
    published = _flow(flow, language)
    cast = [_yourself(published)] if interactive else _cast(published, persona or ["strong"], everybody=everybody)
    aloud = interactive or not (everybody or as_json)
    seen = interactive and sys.stdin.isatty()  # what is typed stands on the screen already

    def follow(line: TranscriptLine) -> None:
        if aloud and not (seen and line.speaker is Speaker.CANDIDATE):
            screen.print_transcript(console, (line,))
        elif aloud and line.meaning not in (None, "answer"):
            console.print(f"[dim]{'':20}understood as: {line.meaning}[/]")

    held = []
    with interruptible():
        with console.status("Loading the scorer ..."):
            embedder = wiring.embedder(configured)
            taught = wiring.calibration(configured, embedder)
        for who in cast:
            if aloud:
                show.print_who(console, who)
            respond = _typing(console) if interactive else None
            held.append(interview.rehearse(published, who, configured, embedder, follow, respond, taught))
            if aloud:
                show.print_outcome(console, held[-1])
                console.print()
    reached = coverage.coverage(published, held)
    if as_json:
        print_json(show.to_json(published, held, reached))
    else:
        if everybody:
            show.print_all(console, held, len(published.questions))
        show.print_coverage(console, reached, explained=len(held) > 1)
    if any(each.stopped for each in held):
        raise typer.Exit(Exit.NOT_COMPLETED)


def _flow(name_or_path: str, language: Language | None) -> "Flow":
    """The flow to rehearse. Raises InvalidFlow when it could not be published as it is, and UsageError."""
    from dialog_flows import lint, loader

    flow = loader.load(loader.find(name_or_path, language or Language.ENGLISH))
    if language not in (None, flow.language):
        sister = next((sister for sister in flow.sisters if sister.language == language), None)
        if sister is None:
            held_in = ", ".join((flow.language, *flow.also_in))
            raise UsageError(f"{flow.source.file} is not held in {language}, only in: {held_in}")
        flow = loader.load(sister.source.file)
    problems = tuple(lint.lint(flow))
    if any(problem.severity == "error" for problem in problems):
        raise InvalidFlow(problems)
    return flow


def _cast(flow: "Flow", names: list[str], *, everybody: bool) -> "list[Persona]":
    """Who plays. Raises UsageError and InvalidPersona."""
    from voicebot.rehearsal import persona as personas
    from voicebot.rehearsal import script

    paths = personas.library(flow.language) if everybody else [personas.find(name, flow.language) for name in names]
    cast = [(path, personas.load(path)) for path in paths]
    if everybody:
        file = flow.source.file
        cast = [(path, who) for path, who in cast if who.flow is None or str(personas.find_flow(who, path)) == file]
    for path, who in cast:
        script.check(who, flow, str(path))
    return [who for _, who in cast]


def _yourself(flow: "Flow") -> "Persona":
    from voicebot.rehearsal.persona import Persona

    name = flow.variables.get("candidate.name") or NAMES[flow.language]
    return Persona(id="you", name=name, language=flow.language, description=HOW)


def _typing(console: Console) -> "Respond":
    """Answers with what is typed. The end of the input, or Ctrl-C, puts the phone down."""
    from voicebot.rehearsal.persona import Reply

    with suppress(ImportError):
        import readline  # noqa: F401 - input() edits lines with it, and takes more than 4,096 bytes at once
    if reconfigure := getattr(sys.stdin, "reconfigure", None):
        reconfigure(errors="replace")

    def respond(key: str) -> Reply:
        on_screen = sys.stdin.isatty()
        if on_screen and console.stderr:
            console.print("> ", end="")
        try:
            return Reply(saying=input("> " if on_screen and not console.stderr else ""))
        except (EOFError, KeyboardInterrupt):
            console.print()
            return Reply(hang_up_after_ms=0)

    return respond
