"""All interviews: found by job, status, score, skill, day and words; saved views; the same as a spreadsheet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends
from nicegui import html, ui

from models.accounts import Principal, Scope
from models.call import Disposition
from models.desk import DeskPage, SavedView, Stage
from models.errors import NotInArchive, UsageError
from voicebot.console import forms
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.lists import rows
from voicebot.console.visit import Visit, may
from voicebot.console.wanted import Wanted, Wanting

PAGE_LENGTH = 25
LONGEST_NAME = 60
MORE = {"from", "to", "since", "until"}
"""Fields that are folded away while nothing is in them."""


@dataclass(frozen=True, slots=True)
class Found:
    visit: Visit
    wanted: Wanted
    page: DeskPage
    count: int | None
    """None where only a search could tell."""
    jobs: dict[str, str]
    endings: tuple[Disposition, ...]
    views: tuple[SavedView, ...]
    problem: str


def read(visit: Annotated[Visit, Depends(may(Scope.INTERVIEWS_READ))], wanted: Wanting, after: str = "") -> Found:
    desk, theirs = visit.archive.desk, visit.principal.job_ids
    problem, nothing = wanted.problem, DeskPage((), None)
    listed, count = nothing, None
    if not problem:
        try:
            listed = desk.interviews(wanted.filter, theirs, text=wanted.text, limit=PAGE_LENGTH, after=after or None)
            count = None if wanted.text else desk.count(wanted.filter, theirs)
        except UsageError:
            problem = "words" if wanted.text and not wanted.filter.skill else "skill"
        except NotInArchive:
            problem = "after"
    return Found(
        visit,
        wanted,
        listed,
        count,
        visit.jobs(),
        desk.dispositions(),
        visit.archive.views.of(visit.principal.user_id) if visit.principal.user_id else (),
        problem,
    )


@ui.page("/interviews", response_timeout=LONGEST_PAGE_S)
def interviews(found: Annotated[Found, Depends(read)]) -> None:
    visit, say = found.visit, found.visit.say
    with page(visit, say("interviews.title"), here="interviews"):
        _views(found)
        with html.section(**{"aria-label": say("interviews.filter")}).classes("card"):
            _filter(found)
        with html.section(**{"aria-labelledby": "found"}).classes("card"):
            with html.div().classes("card-head"):
                counted = found.count is not None
                html.h2(say("interviews.found", number=found.count) if counted else say("interviews.hits"), id="found")
                if visit.may(Scope.EXPORT) and found.page.lines:
                    html.a(say("interviews.export"), href=f"/interviews.csv?{found.wanted.query}", download=True)
            if found.page.lines:
                rows(visit, found.page.lines, found.jobs, say("interviews.title"))
            elif found.page.next:
                empty(say("interviews.none_yet"), say("interviews.none_yet_next"))
            elif found.wanted.fields:
                empty(say("interviews.none"), say("interviews.none_next"))
            else:
                empty(say("home.no_interviews"), say("home.no_interviews_next"))
            if found.page.next:
                following = urlencode(found.wanted.fields | {"after": found.page.next})
                with html.nav(**{"aria-label": say("interviews.pages")}).classes("pages"):
                    html.a(say("interviews.next"), href=f"/interviews?{following}").classes("button quiet")


def _filter(found: Found) -> None:
    say, fields = found.visit.say, found.wanted.fields
    if found.problem:
        html.p(say(f"interviews.problem_{found.problem}"), role="alert").classes("problem")
    stages = {stage.value: say(f"stage.{stage}") for stage in Stage}
    endings = {ending.value: say(f"disposition.{ending}") for ending in found.endings}
    with html.form(action="/interviews", method="get").classes("filter"):
        with html.div().classes("filter-row"):
            forms.text(
                "q",
                say("interviews.words"),
                value=fields.get("q", ""),
                kind="search",
                placeholder=say("interviews.words_like"),
            )
            forms.text(
                "skill",
                say("interviews.skill"),
                value=fields.get("skill", ""),
                placeholder=say("interviews.skill_like"),
            )
            if found.jobs:
                jobs = {"": say("interviews.any")} | found.jobs
                forms.choice("job", say("interviews.job"), jobs, value=fields.get("job", ""))
            statuses = {"": say("interviews.any")} | stages | endings
            forms.choice("status", say("interviews.status"), statuses, value=fields.get("status", ""))
            html.button(say("interviews.find"), type="submit").classes("button")
        with html.div().classes("filter-more"):
            with html.details(open=bool(MORE & fields.keys())):
                html.summary(say("interviews.more"))
                with html.div().classes("filter-row"):
                    bounds: dict[str, Any] = {"kind": "number", "min": "1", "max": "5", "step": "0.1"}
                    forms.text("from", say("interviews.score_from"), value=fields.get("from", ""), **bounds)
                    forms.text("to", say("interviews.score_to"), value=fields.get("to", ""), **bounds)
                    forms.text("since", say("interviews.since"), value=fields.get("since", ""), kind="date")
                    forms.text("until", say("interviews.until"), value=fields.get("until", ""), kind="date")
            html.a(say("skills.all"), href="/skills")
            if fields:
                html.a(say("interviews.clear"), href="/interviews")


def _views(found: Found) -> None:
    visit, say, user_id = found.visit, found.visit.say, found.visit.principal.user_id
    here = found.wanted.query

    async def save(fields: forms.Fields) -> None:
        name = fields["name"][:LONGEST_NAME]

        def work(principal: Principal, at: datetime) -> SavedView | None:
            return visit.archive.views.save(user_id, name, here, at) if user_id else None

        if await visit.act(Scope.INTERVIEWS_READ, work):
            ui.navigate.to(f"/interviews?{here}")

    async def forget(view_id: str) -> None:
        def work(principal: Principal, at: datetime) -> bool:
            visit.archive.views.forget(user_id or "", view_id)
            return True

        if await visit.act(Scope.INTERVIEWS_READ, work):
            ui.navigate.to(f"/interviews?{here}")

    if not found.views and not here:
        return
    with html.section(**{"aria-label": say("views.title")}).classes("views"):
        with html.ul():
            for view in found.views:
                with html.li():
                    link = html.a(view.name, href=f"/interviews?{view.query}")
                    if view.query == here:
                        link.props["aria-current"] = "true"
                        button = html.button("×", type="button", **{"aria-label": say("views.forget", name=view.name)})
                        button.on("click", lambda view=view: forget(view.id))
        if here and not any(view.query == here for view in found.views):
            with html.details():
                html.summary(say("views.save"))
                with forms.form(save):
                    forms.text("name", say("views.name"), required=True, maxlength=LONGEST_NAME)
                    html.button(say("views.go"), type="submit").classes("button")
