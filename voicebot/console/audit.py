"""Who did what to what."""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from nicegui import html, ui

from models.accounts import Scope
from models.archive import AuditEntry
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.visit import Visit, may

PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Trail:
    visit: Visit
    entries: tuple[AuditEntry, ...]
    older: bool


def read(
    visit: Annotated[Visit, Depends(may(Scope.AUDIT_READ))],
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Trail:
    found = visit.archive.audit.entries(limit=PAGE_LENGTH + 1, before=before)
    return Trail(visit, found[:PAGE_LENGTH], len(found) > PAGE_LENGTH)


@ui.page("/audit", response_timeout=LONGEST_PAGE_S)
def audit(trail: Annotated[Trail, Depends(read)]) -> None:
    visit, say = trail.visit, trail.visit.say
    with (
        page(visit, say("audit.title"), here="audit"),
        html.section(**{"aria-label": say("audit.title")}).classes("card"),
    ):
        html.p(say("audit.about")).classes("muted")
        if not trail.entries:
            empty(say("audit.none"), say("audit.none_next"))
            return
        with html.table().classes("list"):
            with html.thead(), html.tr():
                for column in ("when", "who", "what", "subject", "details"):
                    html.th(say(f"audit.{column}"), scope="col")
            with html.tbody():
                for entry in trail.entries:
                    _row(visit, entry)
        if trail.older:
            with html.nav(**{"aria-label": say("interviews.pages")}).classes("pages"):
                html.a(say("audit.older"), href=f"/audit?before={trail.entries[-1].sequence}").classes("button quiet")


def _row(visit: Visit, entry: AuditEntry) -> None:
    say = visit.say
    with html.tr():
        html.td(visit.moment(entry.at)).classes("when")
        html.td(entry.actor, **{"data-label": say("audit.who")})
        html.td(entry.action, **{"data-label": say("audit.what")})
        with html.td(**{"data-label": say("audit.subject")}):
            html.code(entry.subject[:12], title=entry.subject)
        details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
        html.td(details, **{"data-label": say("audit.details")}).classes("muted wide")
