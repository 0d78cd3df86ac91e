"""The list of interviews as a file for a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.responses import StreamingResponse
from nicegui import app

from models.accounts import Scope
from models.desk import DeskLine
from models.errors import UsageError
from voicebot.console.texts import score
from voicebot.console.visit import Visit, may
from voicebot.console.wanted import Wanted, Wanting

BATCH = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not begin with, or a spreadsheet would run it (OWASP, "CSV Injection")."""
COLUMNS = ("candidate", "job", "scheduled", "called", "status", "score", "skills", "unmet", "decision", "id")
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the file for another encoding."""


@app.get("/interviews.csv")
def spreadsheet(visit: Annotated[Visit, Depends(may(Scope.EXPORT))], wanted: Wanting) -> StreamingResponse:
    """The audit remembers who took it along, and how it was chosen but for the words."""
    if wanted.problem:
        raise HTTPException(404)
    try:
        visit.archive.desk.interviews(wanted.filter, visit.principal.job_ids, text=wanted.text, limit=1)
    except UsageError:
        raise HTTPException(404) from None
    now = datetime.now(UTC)
    by = " ".join(sorted(wanted.fields))
    visit.archive.audit.append(now, visit.principal.actor, "export", "interviews", filtered_by=by)
    name = f"interviews-{now.astimezone(visit.zone):%Y-%m-%d}.csv"
    return StreamingResponse(
        _lines(visit, wanted),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def harmless(cell: str) -> str:
    """The cell as text, also for a spreadsheet that would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _lines(visit: Visit, wanted: Wanted) -> Iterator[str]:
    jobs, after = visit.jobs(), None
    yield BYTE_ORDER_MARK + _line(visit.say(f"csv.{column}") for column in COLUMNS)
    while True:
        page = visit.archive.desk.interviews(
            wanted.filter, visit.principal.job_ids, text=wanted.text, limit=BATCH, after=after
        )
        yield from (_line(_cells(visit, line, jobs)) for line in page.lines)
        after = page.next
        if after is None:
            return


def _line(cells: Iterator[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def _cells(visit: Visit, line: DeskLine, jobs: dict[str, str]) -> Iterator[str]:
    say, interview = visit.say, line.interview
    yield interview.candidate.name
    yield jobs.get(interview.job_id or "", interview.flow_title)
    yield f"{interview.created_at.astimezone(visit.zone):%Y-%m-%d %H:%M}"
    yield f"{interview.started_at.astimezone(visit.zone):%Y-%m-%d %H:%M}" if interview.started_at else ""
    yield say(f"disposition.{interview.disposition}") if interview.disposition else say("list.not_called")
    yield score(line.interview.overall) if line.interview.overall is not None else ""
    yield ", ".join(line.skills)
    yield ", ".join(line.unmet)
    yield say(f"decision.{line.decision}") if line.decision else ""
    yield interview.id
