"""The library of skills: what candidates know, and who."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends
from nicegui import html, ui

from models.accounts import Scope
from voicebot.console import forms
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.visit import Visit, may
from voicebot.console.wanted import LONGEST

MOST_SKILLS = 500


@dataclass(frozen=True, slots=True)
class Library:
    visit: Visit
    sought: str
    skills: tuple[tuple[str, int], ...]
    """Each with the number of interviews in which it was shown, the commonest first."""


def read(visit: Annotated[Visit, Depends(may(Scope.INTERVIEWS_READ))], q: str = "") -> Library:
    sought = q.strip()[:LONGEST]
    found = visit.archive.skills.counted(visit.principal.job_ids, containing=sought, limit=MOST_SKILLS)
    return Library(visit, sought, found)


@ui.page("/skills", response_timeout=LONGEST_PAGE_S)
def skills(library: Annotated[Library, Depends(read)]) -> None:
    say = library.visit.say
    with page(library.visit, say("skills.title"), here="interviews"):
        with (
            html.section(**{"aria-label": say("skills.search")}).classes("card"),
            html.form(action="/skills", method="get").classes("form"),
        ):
            forms.text("q", say("skills.search"), value=library.sought, kind="search")
            html.button(say("skills.find"), type="submit").classes("button")
        with html.section(**{"aria-labelledby": "library"}).classes("card"):
            html.h2(say("skills.number", number=len(library.skills)), id="library")
            if not library.skills:
                which = "nobody" if library.sought else "none"
                empty(say(f"skills.{which}"), say(f"skills.{which}_next"))
            with html.ul().classes("skills"):
                for name, number in library.skills:
                    with html.li():
                        html.a(name, href=f"/interviews?{urlencode({'skill': name})}").classes("tag")
                        html.span(f"{number:,}").classes("muted")
