"""Who did what to what."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from nicegui import html, ui

from models.accounts import Scope
from models.archive import AuditEntry
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.texts import catalogue
from voicebot.console.visit import Visit, may

PAGE_LENGTH = 50
SHOWN_OF_ID = 12
LONGEST = 24
"""Characters; what is longer is an id or a fingerprint, whose beginning tells it from others."""
OF_INTERVIEWS = {"schedule", "call", "score", "play", "override", "note", "decide"}
OF_PEOPLE = {"link", "ask", "handle", "consent", "withdraw", "hold", "release"}


@dataclass(frozen=True, slots=True)
class Trail:
    visit: Visit
    entries: tuple[AuditEntry, ...]
    older: bool
    subject: str
    """Only what was done to this is shown; empty: all."""


def read(
    visit: Annotated[Visit, Depends(may(Scope.AUDIT_READ))],
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    subject: Annotated[str, Query(max_length=200)] = "",
) -> Trail:
    found = visit.archive.audit.entries(subject or None, limit=PAGE_LENGTH + 1, before=before)
    return Trail(visit, found[:PAGE_LENGTH], len(found) > PAGE_LENGTH, subject)


@ui.page("/audit", response_timeout=LONGEST_PAGE_S)
def audit(trail: Annotated[Trail, Depends(read)]) -> None:
    visit, say = trail.visit, trail.visit.say
    with (
        page(visit, say("audit.title"), here="audit"),
        html.section(**{"aria-label": say("audit.title")}).classes("card"),
    ):
        if trail.subject:
            with html.p():
                html.span(say("audit.only", subject=_short(trail.subject)))
                html.a(say("audit.all"), href="/audit")
        else:
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
            older = {"before": str(trail.entries[-1].sequence)} | ({"subject": trail.subject} if trail.subject else {})
            with html.nav(**{"aria-label": say("interviews.pages")}).classes("pages"):
                html.a(say("audit.older"), href=f"/audit?{urlencode(older)}").classes("button quiet")


def _row(visit: Visit, entry: AuditEntry) -> None:
    say = visit.say
    with html.tr():
        html.td(visit.moment(entry.at)).classes("when")
        html.td(entry.actor, **{"data-label": say("audit.who")}).classes("wide")
        html.td(_action(visit, entry.action), title=entry.action, **{"data-label": say("audit.what")})
        with html.td(**{"data-label": say("audit.subject")}):
            path = _path(entry)
            shown = html.a(_short(entry.subject), href=path) if path else html.code(_short(entry.subject))
            shown.props["title"] = entry.subject
            shown.classes("code-like")
        with html.td(**{"data-label": say("audit.details")}).classes("muted wide"):
            for name, value in entry.details.items():
                if value is not None:
                    html.span(f"{name}: {_short(str(value))}", title=str(value)).classes("detail")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:SHOWN_OF_ID]}…"


def _action(visit: Visit, action: str) -> str:
    """In words where there are some."""
    key = f"action.{action.replace('.', '_')}"
    return visit.say(key) if key in catalogue(visit.say.language) else action


def _path(entry: AuditEntry) -> str | None:
    """Of the page about the subject, if there is one, and it has not been erased since."""
    if entry.action in OF_INTERVIEWS:
        return f"/interviews/{entry.subject}"
    if entry.action in OF_PEOPLE:
        return f"/candidates/{entry.subject}"
    return f"/flows/{entry.subject}" if entry.action == "publish" else None
