"""What every page has around it: the head, the way to the other pages, the language, the way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import quote

from nicegui import html, ui

from models.accounts import Scope
from voicebot.console.texts import LANGUAGES, TAGS
from voicebot.console.visit import ZONE_COOKIE, View, Visit

STATIC = "/console/static"
LONGEST_PAGE_S = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation leads to."""

    id: str
    """Its name is the text `nav.ID`."""
    path: str
    scope: Scope
    """Who may see it."""


PLACES = (
    Place("home", "/", Scope.INTERVIEWS_READ),
    Place("interviews", "/interviews", Scope.INTERVIEWS_READ),
    Place("candidates", "/candidates", Scope.CANDIDATES_READ),
    Place("flows", "/flows", Scope.FLOWS_READ),
    Place("audit", "/audit", Scope.AUDIT_READ),
    Place("accounts", "/accounts", Scope.ACCOUNTS),
    Place("settings", "/settings", Scope.ACCOUNTS),
)


@contextmanager
def page(visit: Visit, title: str, *, here: str = "") -> Iterator[None]:
    """A page for somebody who is signed in; draw its content inside. `here`: the place it belongs to."""
    head(visit, title)
    with ui.context.client.layout:
        header = html.header().classes("top")
    header.move(target_index=0)
    with header:
        html.a(visit.say("frame.skip"), href="#content").classes("skip")
        with html.a(href="/").classes("brand"):
            html.img(src=f"{STATIC}/mark.svg", alt="", width=26, height=26)
            html.span("voicebot")
        with html.nav(**{"aria-label": visit.say("frame.navigation")}), html.ul().classes("places"):
            for place in PLACES:
                if visit.may(place.scope):
                    with html.li():
                        link = html.a(visit.say(f"nav.{place.id}"), href=place.path)
                        if place.id == here:
                            link.props["aria-current"] = "page"
        with html.div().classes("you"):
            _languages(visit)
            html.span(visit.principal.actor).classes("who")
            with html.form(action="/sign-out", method="post"):
                html.button(visit.say("frame.sign_out"), type="submit").classes("plain")
    with html.div(id="content", tabindex="-1").classes("content"):
        html.h1(title)
        yield


@contextmanager
def bare_page(view: View, title: str) -> Iterator[None]:
    """A page for anybody: one card in the middle."""
    head(view, title)
    with html.div().classes("bare"):
        with html.div().classes("brand"):
            html.img(src=f"{STATIC}/mark.svg", alt="", width=34, height=34)
            html.span("voicebot")
        with html.div(id="content").classes("card"):
            html.h1(title)
            yield
        _languages(view)


def head(view: View, title: str) -> None:
    """What the browser needs to know before it draws."""
    ui.page_title(f"{title} · voicebot")
    ui.context.client.content.classes(replace="sheet")
    edition = version("voicebot")
    lost, trying = view.say("frame.connection_lost"), view.say("frame.reconnecting")
    ui.add_head_html(
        f'<link rel="stylesheet" href="{STATIC}/console.css?{edition}">'
        f'<script>document.documentElement.lang = "{TAGS[view.say.language]}";'
        f'document.cookie = "{ZONE_COOKIE}=" + Intl.DateTimeFormat().resolvedOptions().timeZone'
        ' + "; path=/; max-age=31536000; samesite=lax";'
        'addEventListener("submit", ({submitter}) => setTimeout(() => { if (submitter?.dataset.busy) {'
        " submitter.disabled = true; submitter.textContent = submitter.dataset.busy; } }));"
        'addEventListener("DOMContentLoaded", () => document.querySelectorAll("#popup span").forEach('
        f'(span, n) => span.textContent = ["{lost}", "{trying}"][n]));</script>'
    )


def empty(title: str, what_next: str) -> None:
    """Says that there is nothing here yet, and what to do about it."""
    with html.div().classes("empty"):
        html.p(title).classes("empty-title")
        html.p(what_next)


def _languages(view: View) -> None:
    with html.div(role="group", **{"aria-label": view.say("frame.language")}).classes("languages"):
        for language, name in LANGUAGES.items():
            link = html.a(name, href=f"/language/{language}?next={quote(view.path)}", lang=TAGS[language])
            if language == view.say.language:
                link.props["aria-current"] = "true"
