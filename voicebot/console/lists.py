"""Interviews as rows: what a recruiter sees of each at first sight."""

from collections.abc import Iterable

from nicegui import html

from models.call import Disposition
from models.desk import FINAL, DeskLine
from voicebot.console.texts import score
from voicebot.console.visit import Visit

TALKED = {
    Disposition.COMPLETED: "good",
    Disposition.ENDED_EARLY: "fair",
    Disposition.DROPPED: "fair",
    Disposition.TOO_LONG: "fair",
    Disposition.RESCHEDULE: "fair",
}
"""Classes for how a call ended; others are plain."""
SKILLS_SHOWN = 4


def rows(visit: Visit, lines: Iterable[DeskLine], jobs: dict[str, str], label: str) -> None:
    """`jobs`: the titles by id; `label`: what the table is of."""
    say = visit.say
    with html.div(tabindex="0", role="group", **{"aria-label": label}).classes("scroll"), html.table().classes("list"):
        with html.thead(), html.tr():
            for column in ("candidate", "when", "status", "score", "skills", "decision"):
                html.th(say(f"list.{column}"), scope="col")
        with html.tbody():
            for line in lines:
                _row(visit, line, jobs)


def _row(visit: Visit, line: DeskLine, jobs: dict[str, str]) -> None:
    say, interview = visit.say, line.interview
    with html.tr():
        with html.td().classes("who"):
            html.a(interview.candidate.name, href=f"/interviews/{interview.id}")
            html.span(jobs.get(interview.job_id or "", interview.flow_title)).classes("muted")
        with html.td(**{"data-label": say("list.when")}).classes("when"):
            html.span(visit.moment(interview.started_at or interview.created_at))
        with html.td(**{"data-label": say("list.status")}):
            status(visit, line)
        with html.td(**{"data-label": say("list.score")}):
            meter(visit, line.interview.overall)
        with html.td(**{"data-label": say("list.skills")}).classes("skills"):
            for name in line.skills[:SKILLS_SHOWN]:
                html.span(name).classes("tag")
            if len(line.skills) > SKILLS_SHOWN:
                html.span(f"+{len(line.skills) - SKILLS_SHOWN}").classes("muted")
        with html.td(**{"data-label": say("list.decision")}):
            flags(visit, line)


def status(visit: Visit, line: DeskLine) -> None:
    disposition = line.interview.disposition
    if disposition is None:
        under_way = line.interview.started_at is not None
        html.span(visit.say("list.on_the_phone" if under_way else "list.not_called")).classes("pill")
    else:
        html.span(visit.say(f"disposition.{disposition}")).classes(f"pill {TALKED.get(disposition, '')}")


def flags(visit: Visit, line: DeskLine) -> None:
    """The decision, or what speaks for a look before one is made."""
    say = visit.say
    if line.decision is not None:
        html.span(say(f"decision.{line.decision}")).classes(f"pill decision-{line.decision}")
    if line.decision in FINAL:
        return
    for name in line.unmet:
        html.span(say("flag.unmet", criterion=name)).classes("pill bad")
    if line.questions_for_hr:
        html.span(say("flag.questions", number=line.questions_for_hr)).classes("pill ask")
    if line.unassessed and not line.unmet:
        html.span(say("flag.unassessed", number=line.unassessed)).classes("pill fair")


def meter(visit: Visit, value: float | None) -> None:
    """A score of 1 to 5 as a number and a bar."""
    with html.span().classes("meter"):
        html.span(score(value)).classes("number")
        if value is None:
            html.span(visit.say("score.not_assessed")).classes("unseen")
        else:
            with html.span(**{"aria-hidden": "true"}).classes("bar"):
                html.span(style=f"width: {(value - 1) / 4:.0%}")
