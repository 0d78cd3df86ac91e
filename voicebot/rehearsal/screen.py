"""What a recruiter sees of rehearsals in the terminal."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dialog_flows.schema import Flow
from models.dialog import AnswerStatus
from voicebot.rehearsal.coverage import Coverage, Part
from voicebot.rehearsal.interview import Rehearsal
from voicebot.rehearsal.persona import Persona
from voicebot.screen import clock, print_marks, print_questions, print_scorecard

_REHEARSAL = TypeAdapter(Rehearsal)
NOUNS = {Part.QUESTION: "questions", Part.FOLLOW_UP: "follow-ups", Part.BRANCH: "branches"}
RECORDING = {True: "agreed to be recorded", False: "was not recorded", None: "was not recorded"}


def to_json(flow: Flow, rehearsals: Sequence[Rehearsal], coverage: Coverage) -> dict[str, Any]:
    """The rehearsals under the names of their fields, and what they came to."""
    counts = {part.value: coverage.count(part) for part in Part}
    return {
        "flow": {"id": flow.id, "version": flow.version, "digest": flow.digest, "language": flow.language},
        "rehearsals": [_REHEARSAL.dump_python(rehearsal, mode="json") for rehearsal in rehearsals],
        "coverage": {
            **{part: {"reached": reached, "total": total} for part, (reached, total) in counts.items()},
            "never_reached": [
                {"part": place.part.value, "key": place.key, "asks": place.asks, "reached_by": place.reached_by}
                for place in coverage.missed
            ],
        },
    }


def print_who(console: Console, persona: Persona) -> None:
    console.print(f"[bold]{escape(persona.name)}[/] ({escape(persona.id)})  [dim]{escape(persona.description)}[/]\n")


def print_outcome(console: Console, rehearsal: Rehearsal) -> None:
    """How one interview ended, the way it took, and its scores."""
    console.print(
        f"\nEnded as [bold]{_ended(rehearsal)}[/] after about {clock(rehearsal.duration_ms)}; "
        f"{escape(rehearsal.name)} {RECORDING[rehearsal.recording_permitted]}."
    )
    if rehearsal.stopped:
        console.print(Text(rehearsal.stopped, "red"))
    console.print(f"[bold]Path[/]  {' > '.join(rehearsal.path)}\n")
    print_marks(console, rehearsal)
    print_scorecard(console, rehearsal)
    print_questions(console, rehearsal)


def print_all(console: Console, rehearsals: Sequence[Rehearsal], questions: int) -> None:
    """One line for each rehearsal of a flow with that many questions."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for heading in ("persona", "ended as"):
        table.add_column(heading, no_wrap=True)
    for heading in ("time", "answers", "follow-ups", "score", "rubric"):
        table.add_column(heading, justify="right")
    for each in rehearsals:
        answered = sum(answer.status is AnswerStatus.ANSWERED for answer in each.answers)
        followed_up = sum(part.follow_up is not None for answer in each.answers for part in answer.parts)
        card = each.scorecard
        table.add_row(
            each.persona,
            Text(_ended(each), "red" if each.stopped else ""),
            clock(each.duration_ms),
            f"{answered}/{questions}",
            str(followed_up),
            f"{card.overall:.1f}" if card and card.overall is not None else "",
            f"{100 * card.assessed_weight:.0f} %" if card and card.overall is not None else "",
        )
    console.print(table)
    console.print("[dim]Time is about that of a call. Score is of 5, from that share of the rubric.[/]\n")
    for each in rehearsals:
        if each.stopped:
            console.print(Text(f"{each.persona}: {each.stopped}", "red"))


def print_coverage(console: Console, coverage: Coverage, *, explained: bool) -> None:
    """What was reached, and what was not; `explained`: with what it takes to come there."""
    counts = ((NOUNS[part], coverage.count(part)) for part in Part)
    reached = ", ".join(f"{reached} of {total} {noun}" for noun, (reached, total) in counts if total)
    console.print(f"[bold]Reached[/]  {reached}.")
    if not coverage.missed:
        return
    if not explained:
        keys = ", ".join(place.key for place in coverage.missed)
        console.print(f"[bold]Not reached[/]  {keys}; --all says whether anybody would.")
        return
    console.print("\n[bold]Never reached[/]")
    for place in coverage.missed:
        console.print(Padding(Text(f"{place.key}  “{place.asks}”", "yellow", overflow="fold"), (0, 0, 0, 2)))
        console.print(Padding(Text(f"takes {place.reached_by}", overflow="fold"), (0, 0, 0, 4)))


def _ended(rehearsal: Rehearsal) -> str:
    return rehearsal.disposition.value.replace("_", " ") if rehearsal.disposition else "stopped"
