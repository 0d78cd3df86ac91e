"""The first page: today, how far interviews come, and what waits for a person."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from nicegui import html, ui

from models.accounts import Scope
from models.desk import DeskLine, Funnel, InterviewFilter, Stage
from models.invitation import Wish
from voicebot.console import wishes
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.lists import rows
from voicebot.console.visit import Visit, may

FUNNEL_DAYS = 30
WAITING_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Today:
    visit: Visit
    today: tuple[DeskLine, ...]
    waiting: tuple[DeskLine, ...]
    waiting_in_all: int
    wishes: tuple[Wish, ...]
    wishes_in_all: int
    funnel: Funnel
    jobs: dict[str, str]


def read(visit: Annotated[Visit, Depends(may(Scope.INTERVIEWS_READ))]) -> Today:
    desk, theirs, now = visit.archive.desk, visit.principal.job_ids, visit.now()
    answers = visit.may(Scope.CANDIDATES_READ)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Today(
        visit,
        today=desk.since(midnight, theirs),
        waiting=desk.waiting(theirs, limit=WAITING_SHOWN),
        waiting_in_all=desk.count(InterviewFilter(stage=Stage.WAITING), theirs),
        wishes=visit.archive.wishes.waiting(theirs, limit=WAITING_SHOWN) if answers else (),
        wishes_in_all=visit.archive.wishes.count(theirs) if answers else 0,
        funnel=desk.funnel(now - timedelta(days=FUNNEL_DAYS), theirs),
        jobs=visit.jobs(),
    )


@ui.page("/", response_timeout=LONGEST_PAGE_S)
def home(found: Annotated[Today, Depends(read)]) -> None:
    visit, say = found.visit, found.visit.say
    with page(visit, say("home.title", day=visit.day(visit.now())), here="home"):
        if found.wishes:
            with html.section(**{"aria-labelledby": "wishes"}).classes("card asked"):
                html.h2(say("wish.waiting", number=found.wishes_in_all), id="wishes")
                html.p(say("wish.about")).classes("muted")
                wishes.waiting(visit, found.wishes)
        with html.section(**{"aria-labelledby": "waiting"}).classes("card"):
            with html.div().classes("card-head"):
                html.h2(say("home.waiting", number=found.waiting_in_all), id="waiting")
                if found.waiting_in_all > len(found.waiting):
                    html.a(say("home.all_waiting"), href=f"/interviews?status={Stage.WAITING}")
            if found.waiting:
                rows(visit, found.waiting, found.jobs, say("home.waiting", number=found.waiting_in_all))
            elif found.funnel.scheduled or found.today:
                empty(say("home.nothing_waits"), say("home.nothing_waits_next"))
            else:
                empty(say("home.no_interviews"), say("home.no_interviews_next"))
        with html.div().classes("halves"):
            with html.section(**{"aria-labelledby": "today"}).classes("card"):
                html.h2(say("home.today", number=len(found.today)), id="today")
                _today(found)
            with html.section(**{"aria-labelledby": "funnel"}).classes("card"):
                html.h2(say("home.funnel", days=FUNNEL_DAYS), id="funnel")
                _funnel(visit, found.funnel)


def _today(found: Today) -> None:
    visit, say = found.visit, found.visit.say
    if not found.today:
        empty(say("home.nothing_today"), say("home.nothing_today_next"))
        return
    with html.ul().classes("brief"):
        for line in found.today:
            interview = line.interview
            with html.li():
                html.span(f"{(interview.started_at or interview.created_at).astimezone(visit.zone):%H:%M}").classes(
                    "muted"
                )
                html.a(interview.candidate.name, href=f"/interviews/{interview.id}")
                disposition = interview.disposition
                html.span(say(f"disposition.{disposition}") if disposition else say("list.not_called")).classes("muted")


def _funnel(visit: Visit, funnel: Funnel) -> None:
    stages = ("scheduled", "called", "completed", "reviewed", "decided")
    most = max(1, funnel.scheduled)
    with html.ol().classes("funnel"):
        for stage in stages:
            number: int = getattr(funnel, stage)
            with html.li():
                html.span(visit.say(f"funnel.{stage}")).classes("name")
                with html.span(**{"aria-hidden": "true"}).classes("bar"):
                    if number:
                        html.span(style=f"width: {number / most:.1%}")
                html.span(str(number)).classes("number")
