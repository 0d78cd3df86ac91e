"""What somebody may demand of a file about them: all of it as a copy, or that it is erased."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Response
from nicegui import app, html, ui

from models.accounts import Principal, Scope
from models.archive import Removed
from models.errors import NotInArchive, OnHold
from voicebot.api.copies import copy_of
from voicebot.console import forms
from voicebot.console.frame import page
from voicebot.console.visit import Visit, Visiting, from_our_own_page, may


def card(visit: Visit, person_id: str, name: str) -> None:
    """Part of a page about somebody; for those who may."""
    say = visit.say
    if not visit.may(Scope.EXPORT) and not visit.may(Scope.ERASE):
        return
    with html.section(**{"aria-labelledby": "personal"}).classes("card"):
        html.h2(say("personal.title"), id="personal")
        if visit.may(Scope.EXPORT):
            html.p(say("personal.export_about")).classes("muted")
            with html.form(action=f"/people/{person_id}/export", method="post"):
                html.button(say("personal.export"), type="submit").classes("button quiet")
        if visit.may(Scope.ERASE):
            _erase(visit, person_id, _spaced(name) or person_id[:8])


def _erase(visit: Visit, person_id: str, name: str) -> None:
    say = visit.say
    with html.details().classes("erase"):
        html.summary(say("personal.erase"))
        html.p(say("personal.erase_about"))

        async def erase(fields: forms.Fields) -> None:
            if _spaced(fields["name"]) != name:
                ui.notify(say("personal.other_name"), type="negative")
                return

            def work(principal: Principal, at: datetime) -> Removed | None:
                try:
                    return visit.archive.privacy.erase(person_id, principal.actor, at)
                except OnHold:
                    return None

            removed = await visit.act(Scope.ERASE, lambda principal, at: (work(principal, at),))
            if removed == (None,):
                ui.notify(say("personal.on_hold"), type="negative")
            elif removed:
                ui.navigate.to("/erased")

        with forms.form(erase):
            forms.text("name", say("personal.type_name", name=name), required=True, autocomplete="off")
            html.button(say("personal.erase_now"), type="submit").classes("button danger")


def _spaced(name: str) -> str:
    """As it is shown and typed: with single spaces."""
    return " ".join(name.split())


@ui.page("/erased")
def erased(visit: Visiting) -> None:
    with page(visit, visit.say("personal.erased")), html.div().classes("card"):
        html.p(visit.say("personal.erased_about"))
        html.a(visit.say("nav.interviews"), href="/interviews").classes("button")


@app.post("/people/{person_id}/export", dependencies=[Depends(from_our_own_page)])
def export(person_id: str, visit: Annotated[Visit, Depends(may(Scope.EXPORT))]) -> Response:
    """Everything on file about this person, as a zip."""
    if visit.principal.job_ids is not None:  # who sees some interviews only has no claim to all of a person's
        raise NotInArchive(f"there is nobody {person_id!r}")
    now = datetime.now(UTC)
    name = f"person-{person_id[:8]}-{now:%Y-%m-%d}.zip"
    return copy_of(visit.archive, person_id, visit.principal.actor, now, name)
