"""An interview as a page to print: for the file, or for those who decide around a table."""

from nicegui import html, ui

from models.desk import MUST_HAVE_MET
from models.speech import Speaker
from scoring.feedback import feedback
from voicebot.console.frame import LONGEST_PAGE_S, head
from voicebot.console.sheet import Reading, Sheet
from voicebot.console.texts import clock, score


@ui.page("/interviews/{interview_id}/report", response_timeout=LONGEST_PAGE_S)
def report(sheet: Reading) -> None:
    visit, say, record = sheet.visit, sheet.visit.say, sheet.record
    head(visit, say("report.title", name=record.candidate.name))
    with html.div(id="content").classes("paper"):
        with html.div().classes("actions no-print"):
            html.a(say("report.back"), href=f"/interviews/{record.id}").classes("button quiet")
            html.button(say("report.print"), type="button").classes("button").on(
                "click", js_handler="() => window.print()"
            )
        html.h1(record.candidate.name)
        with html.dl().classes("facts"):
            _fact(say("report.job"), sheet.job)
            _fact(say("report.when"), visit.moment(record.started_at or sheet.line.interview.created_at))
            ended = record.disposition
            _fact(say("report.call"), say(f"disposition.{ended}") if ended else say("list.not_called"))
            _fact(say("report.flow"), f"{record.flow_title} {record.flow.version}")
            _fact(say("report.overall"), score(sheet.line.interview.overall))
        _decisions(sheet)
        _scores(sheet)
        _findings(sheet)
        _answers(sheet)
        html.p(say("report.by_words")).classes("muted")
        made = {"by": visit.principal.actor, "when": visit.moment(visit.now()), "zone": visit.zone_name}
        html.p(say("report.made", id=record.id, **made)).classes("muted")


def _fact(name: str, value: str) -> None:
    with html.div():
        html.dt(name)
        html.dd(value)


def _decisions(sheet: Sheet) -> None:
    say = sheet.visit.say
    html.h2(say("report.decision"))
    if sheet.line.decision is None:
        html.p(say("decision.none"))
    for note in sheet.review.notes:
        with html.p():
            if note.decision is not None:
                html.strong(say(f"decision.{note.decision}"))
            html.span(note.text)
            html.span(say("notes.by", author=note.author, when=sheet.visit.moment(note.at))).classes("muted")


def _scores(sheet: Sheet) -> None:
    say, card = sheet.visit.say, sheet.record.scorecard
    html.h2(say("scores.title"))
    if card is None:
        html.p(say("scores.none"))
        return
    whole = sum(each.weight for each in card.scores) or 1.0
    with html.table().classes("list"):
        with html.thead(), html.tr():
            for column in ("criterion", "weight", "stands", "machine", "evidence"):
                html.th(say(f"report.{column}"), scope="col")
        with html.tbody():
            for each in card.scores:
                stands = sheet.stands(each)
                with html.tr():
                    with html.td():
                        html.span(each.criterion)
                        if each.must_have:
                            met = stands is not None and stands >= MUST_HAVE_MET
                            html.span(say("report.met" if met else "report.unmet")).classes("muted")
                    html.td(f"{each.weight / whole:.0%}", **{"data-label": say("report.weight")})
                    html.td(score(stands), **{"data-label": say("report.stands")}).classes("number")
                    html.td(score(each.value), **{"data-label": say("report.machine")})
                    with html.td(**{"data-label": say("report.evidence")}):
                        for evidence in each.evidence[:2]:
                            html.q(evidence.quote)
                            html.span(clock(evidence.start_ms)).classes("muted")
                        for override in sheet.overrides(each):
                            with html.p():
                                html.span(f"{score(override.value)}: {override.reason}")
                                html.span(
                                    say("notes.by", author=override.author, when=sheet.visit.moment(override.at))
                                ).classes("muted")


def _findings(sheet: Sheet) -> None:
    say, card = sheet.visit.say, sheet.record.scorecard
    if card is None:
        return
    found = feedback(sheet.rubric, card) if sheet.rubric.questions else None
    for heading, lines in (("report.ask_next", found.questions), ("report.advice", found.suggestions)) if found else ():
        if lines:
            html.h2(say(heading))
            with html.ul():
                for line in lines:
                    html.li(line)
    if card.skills:
        html.h2(say("skills.title"))
        years = (f" ({say('skills.years', years=f'{tag.years:g}')})" if tag.years else "" for tag in card.skills)
        html.p(", ".join(tag.name + said for tag, said in zip(card.skills, years, strict=True)))
    if sheet.record.questions_for_hr:
        html.h2(say("asked.questions"))
        with html.ul():
            for question in sheet.record.questions_for_hr:
                html.li(question.text)


def _answers(sheet: Sheet) -> None:
    say = sheet.visit.say
    html.h2(say("transcript.title"))
    for line in sheet.record.transcript:
        with html.p().classes("bot" if line.speaker is Speaker.INTERVIEWER else "person"):
            html.span(clock(line.start_ms)).classes("time")
            html.strong(say(f"speaker.{line.speaker}"))
            html.span(line.text)
