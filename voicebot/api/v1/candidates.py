"""Candidates: who they are, and what they agreed to."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from models import archive as filed
from models.accounts import Principal, Scope
from models.archive import Entry, Filing
from models.call import Candidate as Callee
from telephony.numbers import e164
from voicebot.api.copies import copy_of
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.idempotency import CarriedOutOnce
from voicebot.api.v1.paging import Page, Paged, place
from voicebot.api.v1.texts import Id, Line, Moment, Prose
from voicebot.archive.store import Archive

router = APIRouter(prefix="/candidates", tags=["candidates"])

Reads = Annotated[Principal, Depends(access.allowed(Scope.CANDIDATES_READ))]
Writes = Annotated[Principal, Depends(access.allowed(Scope.CANDIDATES_WRITE))]
Exports = Annotated[Principal, Depends(access.allowed(Scope.EXPORT))]
Erases = Annotated[Principal, Depends(access.allowed(Scope.ERASE))]


class CandidateDraft(Body):
    id: Line = Field(description="Your own id of them: the same id is the same person", examples=["a-17"])
    name: Line = Field(examples=["Ann Lee"])
    phone: Line = Field(
        description="As people write it; without a country it belongs to VOICEBOT_REGION", examples=["(415) 555-0123"]
    )
    email: Annotated[Line, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = Field(None, examples=["ann@example.org"])


class Candidate(BaseModel):
    person_id: Id = Field(description="The archive's own, by which all else names them; it says nothing about them")
    id: str = Field(description="Your own")
    name: str
    phone: str = Field(examples=["+14155550123"])
    email: str | None
    created_at: datetime
    employee_since: datetime | None

    @classmethod
    def of(cls, person: filed.Person) -> "Candidate":
        who = person.candidate
        return cls(
            person_id=person.id,
            id=who.id,
            name=who.name,
            phone=who.phone,
            email=person.email,
            created_at=person.created_at,
            employee_since=person.employee_since,
        )


class Consent(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    purpose: str
    number: str = Field(description="The number that it is given for")
    text: str = Field(description="What they agreed to, word for word")
    source: str
    given_at: datetime
    withdrawn_at: datetime | None


class CandidateDetail(Candidate):
    consents: list[Consent]
    opted_out: bool = Field(description="They, or somebody with their number, are never to be called")
    on_hold: bool = Field(description="A legal hold stands: nothing of them is erased")


class Candidates(Page[Candidate]):
    pass


class Wanted(Body):
    """Whoever fits all that is given."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Line | None = Field(None, description="Words of the name, in any order", examples=["lee"])
    phone: Line | None = Field(None, description="The whole number", examples=["+1 415 555 0123"])
    id: Line | None = Field(None, description="Your own id", examples=["a-17"])


class ConsentDraft(Body):
    purpose: Literal["call", "recording"] = Field(examples=["call"])
    text: Prose = Field(
        description="What they were shown, word for word",
        examples=["Northwind may call me at this number, with an automated interviewer."],
    )
    source: Line = Field(description="How it came", examples=["application form"])
    given_at: Moment = Field(examples=["2026-03-31T09:30:00Z"])
    phone: Line | None = Field(None, description="Which number it is for; theirs, unless given")


class Withdrawal(Body):
    purpose: Literal["call", "recording"]


class Consents(BaseModel):
    items: list[Consent]


class HoldDraft(Body):
    reason: Line = Field(examples=["case 2026-17"])


class Hold(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    author: str
    reason: str
    placed_at: datetime


class Released(BaseModel):
    holds: int


class Erased(BaseModel):
    interviews: int
    recordings: int


@router.post(
    "",
    status_code=201,
    response_model=Candidate,
    responses={200: {"model": Candidate, "description": "Was on file under this id; is now as given"}},
    operation_id="fileCandidate",
    summary="File a candidate, or bring one up to date, by your own id",
)
def file(
    draft: CandidateDraft,
    request: Request,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
) -> Response:
    def carry_out() -> Response:
        number = e164(draft.phone, request.app.state.settings.region)
        entry = Entry(Callee(draft.id, draft.name, number), draft.email)
        [(person_id, became)] = archive.people.file_all([entry], principal.actor, now)
        status = 201 if became is Filing.CREATED else 200
        content = Candidate.of(archive.people.with_id(person_id))
        return etags.answer(content, status, {"Location": f"/api/v1/candidates/{person_id}"})

    return once(principal, carry_out)


@router.get("", response_model=Candidates, operation_id="listCandidates", summary="Everybody, newest first")
def list_candidates(principal: Reads, archive: access.TheArchive, paged: Paged) -> Response:
    found = archive.people.list(paged.limit + 1, after=paged.position)
    return paged.cut(found, Candidate.of, lambda person: place(person.created_at, person.id), Candidates)


@router.post(
    "/search",
    response_model=Candidates,
    operation_id="searchCandidates",
    summary="Find somebody by name, number or your own id",
    description="A POST, since what is in an address ends in the logs of proxies. The first 200 are given.",
)
def search(wanted: Wanted, principal: Reads, archive: access.TheArchive) -> Response:
    found = archive.people.search(wanted.name or "", 200, number=wanted.phone, candidate_id=wanted.id)
    return etags.answer(Candidates(items=list(map(Candidate.of, found)), next=None))


@router.get("/{person_id}", response_model=CandidateDetail, operation_id="getCandidate", summary="One candidate")
def get(person_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    person = archive.people.with_id(person_id)
    content = CandidateDetail(
        **Candidate.of(person).model_dump(),
        consents=_consents(archive, person_id),
        opted_out=archive.people.opted_out(person_id),
        on_hold=bool(archive.privacy.holds(person_id)),
    )
    return etags.read(request, content)


@router.get(
    "/{person_id}/consents", response_model=Consents, operation_id="listConsents", summary="All they ever agreed to"
)
def list_consents(person_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    archive.people.with_id(person_id)
    return etags.read(request, Consents(items=_consents(archive, person_id)))


@router.post(
    "/{person_id}/consents",
    status_code=201,
    response_model=Consent,
    operation_id="fileConsent",
    summary="File that they agreed: when, to which text, for which number",
)
def consent(
    person_id: str,
    draft: ConsentDraft,
    request: Request,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
) -> Response:
    def carry_out() -> Response:
        archive.people.with_id(person_id)
        number = e164(draft.phone, request.app.state.settings.region) if draft.phone else None
        given = archive.people.consent(
            person_id,
            draft.purpose,
            draft.text,
            draft.source,
            draft.given_at,
            number=number,
            actor=principal.actor,
            filed_at=now,
        )
        return etags.answer(Consent.model_validate(given), 201)

    return once(principal, carry_out)


@router.post(
    "/{person_id}/consents/withdraw",
    response_model=Consents,
    operation_id="withdrawConsent",
    summary="They take back every consent to a purpose",
)
def withdraw(
    person_id: str, withdrawal: Withdrawal, principal: Writes, archive: access.TheArchive, now: access.Now
) -> Response:
    archive.people.with_id(person_id)
    archive.people.withdraw(person_id, withdrawal.purpose, now, actor=principal.actor)
    return etags.answer(Consents(items=_consents(archive, person_id)))


@router.post("/{person_id}/opt-out", status_code=204, operation_id="optOut", summary="Never call them again")
def opt_out(person_id: str, principal: Writes, archive: access.TheArchive, now: access.Now) -> None:
    archive.people.with_id(person_id)
    archive.people.opt_out(person_id, principal.actor, now)


@router.get(
    "/{person_id}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "person.json, recordings, SHA256SUMS"}},
    operation_id="exportCandidate",
    summary="Everything on file about them, as a zip",
)
def export(person_id: str, principal: Exports, archive: access.TheArchive, now: access.Now) -> Response:
    archive.people.with_id(person_id)
    return copy_of(archive, person_id, principal.actor, now, f"person-{person_id[:8]}.zip")


@router.delete(
    "/{person_id}",
    response_model=Erased,
    operation_id="eraseCandidate",
    summary="Erase them and every interview with them, for ever",
    description="A tombstone without a name stays, and an opt-out. Backups still have them.",
)
def erase(person_id: str, principal: Erases, archive: access.TheArchive, now: access.Now) -> Response:
    archive.people.with_id(person_id)
    removed = archive.privacy.erase(person_id, principal.actor, now)
    return etags.answer(Erased(interviews=removed.transcripts, recordings=removed.recordings))


@router.post(
    "/{person_id}/holds",
    status_code=201,
    response_model=Hold,
    operation_id="placeHold",
    summary="A legal hold: nothing of them is erased while it stands",
)
def hold(
    person_id: str,
    draft: HoldDraft,
    principal: Erases,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
) -> Response:
    def carry_out() -> Response:
        archive.people.with_id(person_id)
        placed = archive.privacy.hold(person_id, draft.reason, principal.actor, now)
        return etags.answer(Hold.model_validate(placed), 201)

    return once(principal, carry_out)


@router.delete(
    "/{person_id}/holds", response_model=Released, operation_id="releaseHolds", summary="End every hold on them"
)
def release(person_id: str, principal: Erases, archive: access.TheArchive, now: access.Now) -> Response:
    archive.people.with_id(person_id)
    return etags.answer(Released(holds=archive.privacy.release(person_id, principal.actor, now)))


def _consents(archive: Archive, person_id: str) -> list[Consent]:
    return [Consent.model_validate(each) for each in archive.people.consents(person_id)]
