"""The people who are called: found by name, number or id, brought in as a list, and each with what they agreed to."""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, File, HTTPException, UploadFile
from fastapi.responses import RedirectResponse
from nicegui import app, html, ui

from models.accounts import Principal, Scope
from models.archive import Consent, Filing, InterviewSummary, Person
from models.desk import InterviewFilter
from models.errors import NotInArchive, VoicebotError
from models.invitation import Wish
from voicebot import candidate_list
from voicebot.candidate_list import Row
from voicebot.console import forms, personal, wishes
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.visit import SEE_OTHER, Visit, from_our_own_page, may

SHOWN = 50
MOST_BYTES = 5_000_000
REFUSED_SHOWN = 100
REPORTS_KEPT = 200
LINK_HOLDS = timedelta(days=14)

Reading = Annotated[Visit, Depends(may(Scope.CANDIDATES_READ))]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a list that somebody sent."""

    became: Counter[Filing]
    refused: tuple[Row, ...]
    unreadable: str = ""
    """Why it is no such list at all."""


@dataclass(frozen=True, slots=True)
class Found:
    visit: Visit
    people: tuple[Person, ...]
    report: Report | None


_reports: OrderedDict[tuple[str, str], Report] = OrderedDict()
"""Those that have not been looked at yet, by who sent the list, and by the report's id."""


def newest(visit: Reading, report: str = "") -> Found:
    told = _reports.pop((visit.principal.user_id or "", report), None)
    return Found(visit, visit.archive.people.list(SHOWN), told)


@ui.page("/candidates", response_timeout=LONGEST_PAGE_S)
def candidates(found: Annotated[Found, Depends(newest)]) -> None:
    with page(found.visit, found.visit.say("candidates.title"), here="candidates"):
        Desk(found).draw()


class Desk:
    """The page as one visitor has it before them. What they look for is in no address, since it names people."""

    def __init__(self, found: Found) -> None:
        self._visit, self._people, self._report = found.visit, found.people, found.report
        self._sought = ""

    def draw(self) -> None:
        visit, say = self._visit, self._visit.say
        with html.section(**{"aria-label": say("candidates.search")}).classes("card"), forms.form(self._search):
            forms.text("who", say("candidates.who"), kind="search", placeholder=say("candidates.who_like"))
            html.button(say("candidates.find"), type="submit").classes("button")
        with html.section(**{"aria-labelledby": "people"}).classes("card"):
            self._list()
        if visit.may(Scope.CANDIDATES_WRITE):
            with html.section(**{"aria-labelledby": "import"}).classes("card"):
                html.h2(say("candidates.import"), id="import")
                html.p(say("candidates.import_about")).classes("muted")
                if self._report is not None:
                    _told(visit, self._report)
                with html.form(action="/candidates/import", method="post", enctype="multipart/form-data").classes(
                    "form"
                ):
                    accepted = {"accept": ".csv,.json,text/csv,application/json"}
                    forms.text("list", say("candidates.file"), kind="file", required=True, **accepted)
                    busy = {"data-busy": say("candidates.importing")}
                    html.button(say("candidates.import_now"), type="submit", **busy).classes("button quiet")

    async def _search(self, fields: forms.Fields) -> None:
        who = self._sought = fields["who"]
        people = self._visit.archive.people

        def work(principal: Principal, at: datetime) -> tuple[Person, ...]:
            if not who:
                return people.list(SHOWN)
            try:
                return (people.find(who),)
            except NotInArchive:  # several may have one number
                return people.search(who, SHOWN) or people.search(number=who, limit=SHOWN)

        found = await self._visit.act(Scope.CANDIDATES_READ, work)
        if found is not None:
            self._people = found
            self._list.refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        visit, say = self._visit, self._visit.say
        html.h2(say("candidates.found" if self._sought else "candidates.newest", number=len(self._people)), id="people")
        if not self._people:
            if self._sought:
                empty(say("candidates.nobody"), say("candidates.nobody_next"))
            else:
                empty(say("candidates.none"), say("candidates.none_next"))
            return
        with html.table().classes("list"):
            with html.thead(), html.tr():
                for column in ("name", "number", "id", "since"):
                    html.th(say(f"candidates.{column}"), scope="col")
            with html.tbody():
                for person in self._people:
                    with html.tr():
                        with html.td().classes("who"):
                            html.a(person.candidate.name, href=f"/candidates/{person.id}")
                        html.td(person.candidate.phone, **{"data-label": say("candidates.number")})
                        html.td(person.candidate.id, **{"data-label": say("candidates.id")}).classes("wide")
                        html.td(visit.day(person.created_at), **{"data-label": say("candidates.since")})


@app.post("/candidates/import", dependencies=[Depends(from_our_own_page)])
def take(
    visit: Annotated[Visit, Depends(may(Scope.CANDIDATES_WRITE))], sent: Annotated[UploadFile, File(alias="list")]
) -> RedirectResponse:
    content = sent.file.read(MOST_BYTES + 1)
    report = f"{uuid4().hex[:12]}"
    _reports[visit.principal.user_id or "", report] = _filed(visit, sent.filename or "", content)
    while len(_reports) > REPORTS_KEPT:
        _reports.popitem(last=False)
    return RedirectResponse(f"/candidates?report={report}", status_code=SEE_OTHER)


def _filed(visit: Visit, name: str, content: bytes) -> Report:
    if len(content) > MOST_BYTES:
        return Report(Counter(), (), visit.say("candidates.too_large"))
    read = candidate_list.read_json if name.lower().endswith(".json") else candidate_list.read_csv
    try:
        rows = read(content, visit.settings.region)
    except VoicebotError as error:
        return Report(Counter(), (), visit.say.error(error))
    entries = [row.entry for row in rows if row.entry is not None]
    filed = visit.archive.people.file_all(entries, visit.principal.actor, datetime.now(UTC))
    return Report(Counter(became for _, became in filed), tuple(row for row in rows if row.entry is None))


def _told(visit: Visit, report: Report) -> None:
    if report.unreadable:
        html.p(report.unreadable, role="alert").classes("problem")
        return
    became = {what.value: report.became[what] for what in Filing}
    with html.div(role="status").classes("by-person"):
        html.span(visit.say("candidates.report", refused=len(report.refused), **became))
    if report.refused:
        _refused(visit, report.refused)


def _refused(visit: Visit, rows: tuple[Row, ...]) -> None:
    with html.ol().classes("problems"):
        for row in rows[:REFUSED_SHOWN]:
            for refusal in row.refusals:
                with html.li():
                    html.span(visit.say("editor.line", line=row.line)).classes("pill bad")
                    html.span(": ".join(filter(None, (refusal.column, visit.say.told(refusal.message)))))


# One of them


@dataclass(frozen=True, slots=True)
class Folder:
    visit: Visit
    person: Person
    consents: tuple[Consent, ...]
    opted_out: bool
    on_hold: bool
    interviews: tuple[InterviewSummary, ...]
    wishes: tuple[Wish, ...]


def read(person_id: str, visit: Reading) -> Folder:
    archive = visit.archive
    try:
        person = archive.people.with_id(person_id)
    except NotInArchive:
        raise HTTPException(404) from None
    where = InterviewFilter(person_id=person.id)
    return Folder(
        visit,
        person,
        archive.people.consents(person.id),
        archive.people.opted_out(person.id),
        bool(archive.privacy.holds(person.id)),
        archive.interviews(SHOWN, where=where, job_ids=visit.principal.job_ids),
        archive.wishes.list(SHOWN, person_id=person.id),
    )


@ui.page("/candidates/{person_id}", response_timeout=LONGEST_PAGE_S)
def candidate(file: Annotated[Folder, Depends(read)]) -> None:
    visit, say, who = file.visit, file.visit.say, file.person.candidate
    with page(visit, who.name, here="candidates"):
        with html.div().classes("under-title"), html.div().classes("facts"):
            html.span(who.phone)
            html.span(who.id)
            if file.person.email:
                html.span(file.person.email)
            if file.opted_out:
                html.span(say("candidates.opted_out")).classes("pill bad")
            if file.on_hold:
                html.span(say("candidates.on_hold")).classes("pill fair")
        wishes.card(visit, file.wishes)
        with html.section(**{"aria-labelledby": "interviews"}).classes("card"):
            html.h2(say("interviews.title"), id="interviews")
            _interviews(visit, file.interviews)
        with html.section(**{"aria-labelledby": "consents"}).classes("card"):
            html.h2(say("candidates.consents"), id="consents")
            _consents(visit, file.consents)
            if visit.may(Scope.CANDIDATES_WRITE):
                _link(visit, file.person)
                if not file.opted_out:
                    _opt_out(file)
        personal.card(visit, file.person.id, who.name)


def _interviews(visit: Visit, interviews: Iterable[InterviewSummary]) -> None:
    say, found = visit.say, tuple(interviews)
    if not found:
        empty(say("candidates.not_interviewed"), say("candidates.not_interviewed_next"))
        return
    with html.ul().classes("brief"):
        for each in found:
            with html.li():
                html.a(each.flow_title, href=f"/interviews/{each.id}")
                html.span(visit.moment(each.started_at or each.created_at)).classes("muted")
                ending = each.disposition
                html.span(say(f"disposition.{ending}") if ending else say("list.not_called")).classes("pill")


def _consents(visit: Visit, consents: tuple[Consent, ...]) -> None:
    say = visit.say
    if not consents:
        empty(say("candidates.no_consent"), say("candidates.no_consent_next"))
    for each in consents:
        with html.div().classes("note"):
            withdrawn = each.withdrawn_at
            html.span(say(f"candidates.to_{each.purpose}")).classes("pill" if withdrawn else "pill good")
            html.span(say("candidates.given", when=visit.moment(each.given_at), source=each.source)).classes("muted")
            if withdrawn:
                html.span(say("candidates.withdrawn", when=visit.moment(withdrawn))).classes("pill bad")
            html.p(each.text)


def _link(visit: Visit, person: Person) -> None:
    """Makes the address of their own page, to be sent to them alone."""
    say, place = visit.say, html.div()

    async def make(fields: forms.Fields) -> None:
        def work(principal: Principal, at: datetime) -> tuple[str, datetime]:
            return visit.archive.invitations.issue(person.id, principal.actor, at, LINK_HOLDS)

        issued = await visit.act(Scope.CANDIDATES_WRITE, work)
        if issued is None:
            return
        token, expires_at = issued
        place.clear()
        with place, html.div(role="status").classes("by-person"):
            html.span(say("candidates.link_made", day=visit.moment(expires_at)))
            html.code(f"{_public(visit)}/c/{token}", tabindex="0").classes("wide")

    with html.details():
        html.summary(say("candidates.link"))
        html.p(say("candidates.link_about")).classes("muted")
        with forms.form(make):
            html.button(say("candidates.link_now"), type="submit").classes("button quiet")
        place.move(ui.context.slot.parent)


def _public(visit: Visit) -> str:
    """Where candidates reach this server."""
    request = ui.context.client.request
    here = str(request.base_url) if request else ""
    return (visit.settings.public_url or here).rstrip("/")


def _opt_out(file: Folder) -> None:
    visit, say = file.visit, file.visit.say

    async def block(fields: forms.Fields) -> None:
        def work(principal: Principal, at: datetime) -> bool:
            visit.archive.people.opt_out(file.person.id, principal.actor, at)
            return True

        if await visit.act(Scope.CANDIDATES_WRITE, work):
            ui.navigate.to(f"/candidates/{file.person.id}")

    with html.details().classes("erase"):
        html.summary(say("candidates.opt_out"))
        html.p(say("candidates.opt_out_about"))
        with forms.form(block):
            html.button(say("candidates.opt_out_now"), type="submit").classes("button danger")
