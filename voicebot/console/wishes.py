"""What candidates asked for on their own page, and what a person did about it."""

from datetime import datetime

from nicegui import html, ui

from models.accounts import Principal, Scope
from models.errors import ChangedMeanwhile
from models.invitation import Wish
from voicebot.console import forms
from voicebot.console.visit import Visit


def waiting(visit: Visit, wishes: tuple[Wish, ...]) -> None:
    """As rows that lead to whoever asks."""
    say = visit.say
    with html.ul().classes("brief"):
        for wish in wishes:
            with html.li():
                html.span(visit.day(wish.asked_at)).classes("muted")
                html.a(wish.candidate.name, href=f"/candidates/{wish.person_id}#wishes")
                html.span(say(f"wish.{wish.kind}")).classes("pill ask")


def card(visit: Visit, wishes: tuple[Wish, ...]) -> None:
    """All that one person asked for, newest first; what waits can be answered by those who may."""
    if not wishes:
        return
    say = visit.say
    with html.section(**{"aria-labelledby": "wishes"}).classes("card asked"):
        html.h2(say("wish.title"), id="wishes", tabindex="-1")
        for wish in wishes:
            with html.div().classes("note"):
                html.span(say(f"wish.{wish.kind}")).classes("pill" if wish.handled_at else "pill ask")
                html.span(say("wish.asked", when=visit.moment(wish.asked_at))).classes("muted")
                if wish.words:
                    html.p(wish.words)
                if wish.handled_at is not None:
                    with html.p().classes("by-person"):
                        html.span(say("scores.by", author=wish.handled_by, when=visit.moment(wish.handled_at)))
                        html.span(wish.answer)
                elif visit.may(Scope.CANDIDATES_WRITE):
                    _answer(visit, wish)


def _answer(visit: Visit, wish: Wish) -> None:
    say = visit.say

    async def handled(fields: forms.Fields) -> None:
        def work(principal: Principal, at: datetime) -> bool:
            try:
                visit.archive.wishes.handle(wish.id, fields["answer"], principal.actor, at)
            except ChangedMeanwhile:
                return False
            return True

        done = await visit.act(Scope.CANDIDATES_WRITE, work)
        if done:
            ui.navigate.to(f"/candidates/{wish.person_id}")
        elif done is not None:
            ui.notify(say("wish.meanwhile"), type="warning")

    with forms.form(handled):
        forms.area("answer", say("wish.answer"), required=True, rows=2)
        label = f"{say('wish.done')}: {say(f'wish.{wish.kind}')}"
        html.button(say("wish.done"), type="submit", **{"aria-label": label}).classes("button quiet")
