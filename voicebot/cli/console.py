"""What the commands share: exit codes, JSON on stdout, and how a run is interrupted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from voicebot.screen import CallScreen

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout; everything else goes to stderr.")
]


class Exit(IntEnum):
    DONE = 0
    USAGE = 2
    NOT_COMPLETED = 3
    INTERRUPTED = 130


class Language(StrEnum):
    ENGLISH = "en"
    MANDARIN = "zh"


def _language(written: str) -> Language:
    try:
        return Language(written)
    except ValueError:
        raise typer.BadParameter(f"{written!r} is not a language of flows; write en or zh") from None


def language_option(help: str) -> Any:
    return typer.Option(parser=_language, metavar="<en|zh>", help=help)


def complain(message: str) -> None:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def interruptible(screen: "CallScreen | None" = None) -> Iterator[None]:
    """Ctrl-C is one line and exit code 130; `screen` followed the call that it cut."""
    try:
        yield
    except KeyboardInterrupt:
        said = (
            f"; what was said is in `voicebot archive show {screen.filed_as[:8]}`"
            if screen and screen.filed_as
            else "."
        )
        complain(f"Interrupted{said}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def print_json(content: dict[str, Any]) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
