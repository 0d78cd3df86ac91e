"""The scorecard: each criterion with what speaks for its score, and a person's score over the machine's."""

from itertools import groupby
from typing import TYPE_CHECKING

from nicegui import html

from models.accounts import Scope
from models.interview import Score
from voicebot.console import forms
from voicebot.console.lists import meter
from voicebot.console.sheet import Sheet
from voicebot.console.texts import clock, score
from voicebot.console.transcript import to_play

if TYPE_CHECKING:
    from voicebot.console.interview import Desktop

NOT_ASSESSED = "none"
SCALE = [f"{half / 2:.1f}" for half in range(10, 1, -1)]
"""5.0 to 1.0."""


def criteria(desktop: "Desktop") -> None:
    sheet, card = desktop.sheet, desktop.sheet.record.scorecard
    if card is None:
        html.p(sheet.visit.say("scores.none")).classes("muted")
        return
    whole = sum(each.weight for each in card.scores) or 1.0
    for question_id, found in groupby(card.scores, key=lambda each: each.question_id):
        with html.div().classes("question"):
            html.h3(sheet.question(question_id), lang=sheet.record.language)
            for each in found:
                _criterion(desktop, each, each.weight / whole)


def _criterion(desktop: "Desktop", each: Score, share: float) -> None:
    sheet, say = desktop.sheet, desktop.sheet.visit.say
    overrides, stands = sheet.overrides(each), sheet.stands(each)
    with html.div(id=_form_id(each), tabindex="-1").classes("criterion"):
        with html.div().classes("criterion-head"):
            html.h4(each.criterion, lang=sheet.record.language)
            if each.must_have:
                html.span(say("scores.must_have")).classes("pill")
            html.span(say("scores.weight", share=f"{share:.0%}")).classes("muted")
            if stands is None:
                html.span(say("score.not_assessed")).classes("pill fair meter")
            else:
                meter(sheet.visit, stands)
        for override in overrides:
            with html.p().classes("by-person"):
                html.span(score(override.value)).classes("number")
                html.span(say("scores.by", author=override.author, when=sheet.visit.moment(override.at)))
                html.q(override.reason)
        if overrides:
            html.p(say("scores.machine", score=score(each.value))).classes("muted")
        quotes(sheet, each)
        if sheet.visit.may(Scope.REVIEWS_WRITE):
            _override(desktop, each)


def quotes(sheet: Sheet, each: Score) -> None:
    """What the candidate said that speaks for the score."""
    for evidence in each.evidence:
        with html.blockquote(lang=sheet.record.language):
            place = sheet.spoken(evidence.quote, evidence.start_ms)
            if place is not None:
                label = sheet.visit.say("transcript.play_at", time=clock(evidence.start_ms))
                link = html.a(f"▶ {clock(evidence.start_ms)}", **to_play(place), **{"aria-label": label})
                link.classes("time")
            html.span(evidence.quote).classes("quote")
            html.span(evidence.point).classes("point")


def _override(desktop: "Desktop", each: Score) -> None:
    sheet, say = desktop.sheet, desktop.sheet.visit.say
    form_id = _form_id(each)
    unsaved = desktop.unsaved if desktop.unsaved.get("form") == form_id else {}

    async def override(fields: forms.Fields) -> None:
        chosen = fields["value"]
        value = None if chosen == NOT_ASSESSED else float(chosen)
        await desktop.file(
            form_id,
            fields,
            lambda principal, at, seen: sheet.visit.archive.reviews.override(
                sheet.record.id,
                each.question_id,
                each.criterion_id,
                value,
                principal.actor,
                fields["reason"],
                at,
                seen=seen,
            ),
        )

    with html.details(open=bool(unsaved)).classes("override"):
        html.summary(say("scores.change"), **{"aria-label": say("scores.change_of", criterion=each.criterion)})
        if unsaved:
            html.p(say("review.meanwhile"), role="alert").classes("problem")
        with forms.form(override):
            now = score(sheet.stands(each))
            values = {"": say("scores.choose")} | {step: step for step in SCALE}
            values[NOT_ASSESSED] = say("score.not_assessed")
            forms.choice(
                "value", say("scores.instead", score=now), values, value=unsaved.get("value", ""), required=True
            )
            forms.area("reason", say("scores.reason"), value=unsaved.get("reason", ""), required=True)
            html.button(say("review.anyway" if unsaved else "scores.save"), type="submit").classes("button")


def _form_id(each: Score) -> str:
    return f"score-{each.question_id}-{each.criterion_id}"
