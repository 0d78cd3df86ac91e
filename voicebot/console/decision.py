"""What people make of an interview: their decision, and notes. No score decides."""

from typing import TYPE_CHECKING

from nicegui import html

from models.accounts import Scope
from models.archive import Decision
from voicebot.console import forms

if TYPE_CHECKING:
    from voicebot.console.interview import Desktop

CHOICES = (Decision.ADVANCE, Decision.HIRE, Decision.WAIT, Decision.REJECT)


def decide(desktop: "Desktop") -> None:
    sheet, say = desktop.sheet, desktop.sheet.visit.say
    decided = [note for note in sheet.review.notes if note.decision is not None]
    if not decided:
        html.p(say("decision.none")).classes("muted")
    for note in decided:
        with html.div().classes("note"):
            html.span(say(f"decision.{note.decision}")).classes(f"pill decision-{note.decision}")
            html.span(say("notes.by", author=note.author, when=sheet.visit.moment(note.at))).classes("muted")
            html.p(note.text)
    if not sheet.visit.may(Scope.REVIEWS_WRITE):
        return
    unsaved = desktop.unsaved if desktop.unsaved.get("form") == "decide" else {}

    async def file(fields: forms.Fields) -> None:
        chosen = Decision(fields["decision"])
        await desktop.file(
            "decide",
            fields,
            lambda principal, at, seen: sheet.visit.archive.reviews.note(
                sheet.record.id, principal.actor, fields["reason"], at, decision=chosen, seen=seen
            ),
        )

    if unsaved:
        html.p(say("review.meanwhile"), role="alert").classes("problem")
    with forms.form(file):
        forms.area("reason", say("decision.reason"), value=unsaved.get("reason", ""), required=True)
        with html.div(role="group", **{"aria-label": say("decision.title")}).classes("actions"):
            for decision in CHOICES:
                button = html.button(
                    say(f"decision.do_{decision}"), type="submit", name="decision", value=decision.value
                )
                button.classes(f"button decision-{decision}")


def notes(desktop: "Desktop") -> None:
    sheet, say = desktop.sheet, desktop.sheet.visit.say
    for note in sheet.review.notes:
        if note.decision is None:
            with html.div().classes("note"):
                html.span(say("notes.by", author=note.author, when=sheet.visit.moment(note.at))).classes("muted")
                html.p(note.text)
    if not sheet.visit.may(Scope.REVIEWS_WRITE):
        return

    async def file(fields: forms.Fields) -> None:
        await desktop.file(
            "notes",
            fields,
            lambda principal, at, _: sheet.visit.archive.reviews.note(
                sheet.record.id, principal.actor, fields["text"], at
            ),
        )

    with forms.form(file):
        forms.area("text", say("notes.text"), required=True, rows=2)
        html.button(say("notes.add"), type="submit").classes("button quiet")
