"""The command line. Exit codes: 0 done, 2 something to mend first, 3 the call was not completed, 130 interrupted."""

import errno
import os
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from models.errors import VoicebotError
from voicebot import logs
from voicebot.cli.accounts import key_app, user_app
from voicebot.cli.archive import archive_app
from voicebot.cli.calls import call, demo, serve
from voicebot.cli.carrier import carrier_app
from voicebot.cli.console import Exit, complain
from voicebot.cli.flow import flow_app
from voicebot.cli.measure import bench_app, eval_app
from voicebot.cli.models import models_app
from voicebot.cli.rehearse import rehearse
from voicebot.cli.skills import eval_skills

EXAMPLES = """
[bold]Examples[/]

  voicebot demo                    hold an interview that you can follow

  voicebot flow lint my_flow.yaml  say what is wrong with a flow, line by line

  voicebot rehearse my_flow.yaml   play a candidate against it, by text

  voicebot serve --port 8080       take the media streams of real calls

  voicebot archive show 3f9c       one interview: what was said, the scores
"""


app = typer.Typer(
    help="An open, self-hosted phone interviewer: calls, listens, scores with evidence, files for HR.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(epilog="Example: voicebot demo --language zh --json > interview.json")(demo)
app.command(epilog="Example: voicebot serve --host 0.0.0.0 --port 8080")(serve)
app.command(
    epilog="Examples: voicebot call --to +14155550123 --candidate Maya --flow sales; voicebot call --resume 3f9c"
)(call)
app.add_typer(carrier_app, name="carrier")
app.command(epilog="Example: voicebot rehearse my_flow.yaml --all")(rehearse)
eval_app.command("skills", epilog="Example: voicebot eval skills labelled.jsonl --json")(eval_skills)
app.add_typer(flow_app, name="flow")
app.add_typer(archive_app, name="archive")
app.add_typer(user_app, name="user")
app.add_typer(key_app, name="key")
app.add_typer(models_app, name="models")
app.add_typer(bench_app, name="bench")
app.add_typer(eval_app, name="eval")


def main() -> NoReturn:
    """Entry point: an expected error is one clear message and exit code 2, never a traceback."""
    logs.configure()
    try:
        try:
            app(prog_name="voicebot")
        finally:
            sys.stdout.flush()
    except VoicebotError as error:
        complain(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EPIPE):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more as it ends
        if error.errno == errno.ENOSPC:
            complain("the output cannot be written: the disk is full; free some space, or write it somewhere else")
    sys.exit(Exit.USAGE)


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
