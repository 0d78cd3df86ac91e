"""One interview: hear it, read it, weigh the scores, decide."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from nicegui import html, ui

from models.accounts import Principal, Scope
from models.errors import ChangedMeanwhile, NotInArchive
from voicebot.console import decision, personal, scores, transcript, wishes
from voicebot.console.frame import LONGEST_PAGE_S, page
from voicebot.console.lists import flags, meter, status
from voicebot.console.sheet import Reading, Sheet
from voicebot.console.texts import clock, score

_FOCUS = "setTimeout(() => document.getElementById({})?.focus({{preventScroll: true}}), 100)"


@dataclass(eq=False)
class Desktop:
    """The page as one visitor has it before them: what they write is filed against what they have seen."""

    sheet: Sheet
    unsaved: dict[str, str] = field(default_factory=dict)
    """What they wrote while somebody else did, by field, and `form`: which form it was. Kept until it is sent again."""

    async def file(self, form: str, fields: dict[str, str], work: Callable[[Principal, datetime, int], object]) -> None:
        """Does `work`, given the revision of the review that was seen, and shows how the interview stands then.

        `form`: the id of the element that the form is in; the focus goes there.
        """
        seen, changed = self.sheet.review.revision, False

        def attempted(principal: Principal, at: datetime) -> bool:
            nonlocal changed
            if not principal.sees(self.sheet.line.interview.job_id):
                raise NotInArchive("this interview is for a job that they are not assigned to any more")
            try:
                work(principal, at, seen)
            except ChangedMeanwhile:
                changed = True
            return True

        if await self.sheet.visit.act(Scope.REVIEWS_WRITE, attempted):
            self.sheet = await asyncio.to_thread(self.sheet.reread)
            self.unsaved = fields | {"form": form} if changed else {}
            self.head.refresh()
            self.judgement.refresh()
            ui.run_javascript(_FOCUS.format(json.dumps(form)))
            if not changed:
                ui.notify(self.sheet.visit.say("review.saved"), type="positive")

    @ui.refreshable_method
    def head(self) -> None:
        sheet, say = self.sheet, self.sheet.visit.say
        with html.div().classes("facts"):
            html.span(sheet.job)
            record = sheet.record
            html.span(sheet.visit.moment(record.started_at or sheet.line.interview.created_at))
            if record.started_at and record.ended_at:
                held = record.ended_at - record.started_at
                html.span(say("interview.lasted", time=clock(int(held.total_seconds() * 1000))))
            status(sheet.visit, sheet.line)
            flags(sheet.visit, sheet.line)

    @ui.refreshable_method
    def judgement(self) -> None:
        sheet, say = self.sheet, self.sheet.visit.say
        with html.section(**{"aria-labelledby": "scores"}).classes("card"):
            with html.div().classes("card-head"):
                html.h2(say("scores.title"), id="scores")
                meter(sheet.visit, sheet.line.interview.overall)
            card = sheet.record.scorecard
            if card is not None and score(card.overall) != score(sheet.line.interview.overall):
                html.p(say("scores.machine_overall", score=score(card.overall))).classes("muted")
            scores.criteria(self)
        with html.section(**{"aria-labelledby": "decide"}).classes("card"):
            html.h2(say("decision.title"), id="decide", tabindex="-1")
            decision.decide(self)
        with html.section(**{"aria-labelledby": "notes"}).classes("card"):
            html.h2(say("notes.title"), id="notes", tabindex="-1")
            decision.notes(self)


@ui.page("/interviews/{interview_id}", response_timeout=LONGEST_PAGE_S)
def interview(sheet: Reading) -> None:
    desktop, visit = Desktop(sheet), sheet.visit
    say = visit.say
    with page(visit, sheet.record.candidate.name, here="interviews"):
        with html.div().classes("under-title"):
            desktop.head()
            with html.div().classes("actions"):
                if visit.may(Scope.AUDIT_READ):
                    html.a(say("audit.title"), href=f"/audit?subject={sheet.record.id}").classes("button quiet")
                html.a(say("report.open"), href=f"/interviews/{sheet.record.id}/report").classes("button quiet")
        _asked_for(sheet)
        with html.div().classes("two"):
            with html.section(**{"aria-labelledby": "said"}).classes("card call"):
                html.h2(say("transcript.title"), id="said")
                transcript.calls(sheet)
            with html.div().classes("beside"):
                desktop.judgement()
                _skills(sheet)
                personal.card(visit, sheet.line.interview.person_id, sheet.record.candidate.name)


def _asked_for(sheet: Sheet) -> None:
    """What the candidate wants from HR, and what the flow marks for it."""
    record, say = sheet.record, sheet.visit.say
    if not (record.questions_for_hr or record.knock_outs or record.call_back or sheet.wishes):
        return
    with html.section(**{"aria-label": say("asked.title")}).classes("card asked"):
        if sheet.wishes and sheet.visit.may(Scope.CANDIDATES_READ):
            html.h2(say("wish.title"))
            wishes.waiting(sheet.visit, sheet.wishes)
        else:
            for wish in sheet.wishes:
                html.p(say(f"wish.{wish.kind}")).classes("pill ask")
        for knock_out in record.knock_outs:
            html.p(say("asked.knock_out", note=knock_out.note))
        if record.call_back is not None:
            html.p(say("asked.call_back", said=record.call_back.utterance.text))
        if record.questions_for_hr:
            html.h2(say("asked.questions"))
            with html.ul():
                for question in record.questions_for_hr:
                    with html.li(lang=record.language):
                        place = sheet.spoken(question.text, question.start_ms)
                        if place is None:
                            html.span(question.text)
                        else:
                            html.a(question.text, **transcript.to_play(place)).classes("quote")


def _skills(sheet: Sheet) -> None:
    card, say = sheet.record.scorecard, sheet.visit.say
    if card is None or not card.skills:
        return
    with html.section(**{"aria-labelledby": "skills"}).classes("card"):
        html.h2(say("skills.title"), id="skills")
        with html.ul().classes("skills"):
            for tag in card.skills:
                with html.li():
                    html.span(tag.name).classes("tag")
                    if tag.years is not None:
                        html.span(say("skills.years", years=f"{tag.years:g}")).classes("muted")
                    if tag.level is not None:
                        html.span(say(f"level.{tag.level}")).classes("muted")
                    place = sheet.spoken(tag.quote, tag.start_ms) if tag.quote else None
                    if place is not None:
                        html.a(clock(tag.start_ms), **transcript.to_play(place), title=tag.quote).classes("time")
