"""`voicebot flow`: what recruiters do with a flow before anybody is called."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from models.errors import InvalidFile, Problem, UsageError
from voicebot.cli.console import AsJson, Exit, Language, language_option, print_json

if TYPE_CHECKING:
    from dialog_flows.diagram import Branch

flow_app = typer.Typer(help="Check, see and publish the flows that interviews follow.", no_args_is_help=True)

FlowName = Annotated[str, typer.Argument(help="A flow file, or the name of a flow of the library.")]
InLanguage = Annotated[Language, language_option(help="The language of a flow of the library.")]

STYLES = {"flow": "bold", "section": "bold cyan", "question": "cyan", "step": "", "detail": "dim"}


@flow_app.command("lint", epilog="Example: voicebot flow lint my_flow.yaml")
def flow_lint(
    flows: Annotated[list[str], typer.Argument(help="Flow files, or names of flows of the library.")],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings, too, make the command fail.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a flow and how to mend it, with file, line and column."""
    from dialog_flows import lint, loader

    found: list[Problem] = []
    for flow in flows:
        try:
            found += lint.lint(loader.load(loader.find(flow)))
        except InvalidFile as error:
            found += error.problems
        except UsageError as error:
            found.append(Problem(flow, 0, 0, str(error).removeprefix(f"{flow}: ")))
    problems = tuple(dict.fromkeys(found))
    errors = [problem for problem in problems if problem.severity == "error" or strict]
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


@flow_app.command("show", epilog="Example: voicebot flow show my_flow.yaml --mermaid > my_flow.mmd")
def flow_show(
    flow: FlowName,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid diagram in place of the tree.")] = False,
    language: InLanguage = Language.ENGLISH,
) -> None:
    """Show a flow's questions and the ways between them."""
    from dialog_flows import diagram, loader

    read = loader.load(loader.find(flow, language))
    if mermaid:
        typer.echo(diagram.mermaid(read), nl=False)
        return
    Console(highlight=False).print(_tree(diagram.tree(read)))


@flow_app.command("schema", epilog="Example: voicebot flow schema > flow.schema.json")
def flow_schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of all keys in place of it.")] = False,
) -> None:
    """Print the JSON Schema of flow files, with which editors complete and check them."""
    from dialog_flows import reference

    typer.echo(
        reference.markdown() if markdown else json.dumps(reference.json_schema(), ensure_ascii=False, indent=2) + "\n",
        nl=False,
    )


@flow_app.command("publish", epilog="Example: voicebot flow publish my_flow.yaml")
def flow_publish(flow: FlowName, language: InLanguage = Language.ENGLISH, as_json: AsJson = False) -> None:
    """Put a flow into the archive for good: the same version can never be published with other questions."""
    from datetime import UTC, datetime

    from dialog_flows import lint, loader
    from voicebot.cli.archive import opened

    read = loader.load(loader.find(flow, language))
    with opened() as archive:
        new = archive.flows.publish(read.ref, read.title, read.language, read.published_text, datetime.now(UTC))
    warnings = lint.lint(read)
    if as_json:
        content = {"id": read.id, "version": read.version, "digest": read.digest, "new": new}
        print_json(content | {"problems": [_problem(problem) for problem in warnings]})
        return
    console = Console(highlight=False)
    for problem in warnings:
        console.print(f"{problem}  (warning)", style="yellow", markup=False, soft_wrap=True)
    done = "published" if new else "had been published already, with the same content"
    console.print(f"{read.id} version {read.version} ({read.language}) {done}: {read.digest[:12]}", markup=False)


def _tree(branch: "Branch", below: Tree | None = None) -> Tree:
    label = Text(branch.text, style=STYLES[branch.kind])
    tree = Tree(label) if below is None else below.add(label)
    for each in branch.below:
        _tree(each, tree)
    return tree


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "message": problem.message,
    }
