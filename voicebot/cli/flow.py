"""`voicebot flow`: what recruiters do with a flow before anybody is called."""

from typing import Annotated, Any

import typer
from rich.console import Console

from models.errors import InvalidFile, Problem, UsageError
from voicebot.cli.console import AsJson, Exit, print_json

flow_app = typer.Typer(help="Check the flows that interviews follow.", no_args_is_help=True)


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
        print_json({"ok": not errors, "problems": [_problem(problem) for problem in problems]})
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
