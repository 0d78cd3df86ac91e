"""Interviews: scheduled, listed, looked at."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Self

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialog_flows.loader import parse_published
from dialog_flows.schema import MATCH_SCORE, Flow
from models.accounts import Principal, Scope
from models.archive import InterviewStatus, InterviewSummary, PublishedFlow
from models.call import Disposition
from models.desk import InterviewFilter, Stage
from models.dialog import CallBack, KnockOut
from models.errors import NotInArchive
from models.interview import AttemptRecord, InterviewRecord, Scorecard
from models.speech import TranscriptLine, Utterance
from voicebot import filling
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.idempotency import CarriedOutOnce
from voicebot.api.v1.jobs import visible as visible_job
from voicebot.api.v1.paging import Page, Paged, place
from voicebot.api.v1.review_bodies import Review
from voicebot.api.v1.texts import FlowId, Id, Line, Moment, Sought
from voicebot.archive.store import Archive
from voicebot.settings import Settings

router = APIRouter(prefix="/interviews", tags=["interviews"])

Reads = Annotated[Principal, Depends(access.allowed(Scope.INTERVIEWS_READ))]
Writes = Annotated[Principal, Depends(access.allowed(Scope.INTERVIEWS_WRITE))]
Mark = Annotated[float | None, Query(ge=1, le=5)]


class FlowChoice(Body):
    id: FlowId = Field(examples=["backend_engineer"])
    version: int | None = Field(None, ge=1, le=1_000_000, description="The newest, unless given")
    language: Annotated[str, Field(pattern="^(en|zh)$")] | None = Field(
        None, description="Needed where the version was published in several"
    )


class InterviewDraft(Body):
    """For a job, or with a flow of its own, or both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["job_id"]}, {"required": ["flow"]}]})

    person_id: Id = Field(description="As filing the candidate gave it", examples=["4b7e0d6a5c1f4f0e9d3b2a1908f7e6d5"])
    job_id: Id | None = Field(None, description="Its flow is asked, unless another is named")
    flow: FlowChoice | None = None
    variables: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")], Line] = Field(
        default_factory=dict,
        max_length=50,
        description="What the flow's lines leave open",
        examples=[{"team": "payments"}],
    )
    match_score: float | None = Field(
        None, ge=0, le=100, description="How well the application fits, by which a flow asks deeper questions"
    )

    @model_validator(mode="after")
    def _names_what_is_asked(self) -> Self:
        if self.job_id is None and self.flow is None:
            raise ValueError("name a job, or a flow, or both")
        return self


class WhoWasAsked(BaseModel):
    """Without the scope candidates:read, only `person_id`."""

    person_id: Id
    id: str | None = Field(description="Your own")
    name: str | None
    phone: str | None


class WhatWasAsked(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    version: int
    digest: str
    title: str


class Interview(BaseModel):
    id: Id
    status: InterviewStatus
    disposition: Disposition | None = Field(description="How its last call ended; null before")
    candidate: WhoWasAsked
    job_id: Id | None
    flow: WhatWasAsked
    scheduled_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    overall: float | None = Field(
        description="1 to 5: the mean of the scores that stand, a person's before the machine's; null: there is none"
    )

    @classmethod
    def of(cls, summary: InterviewSummary, principal: Principal) -> "Interview":
        named = principal.may(Scope.CANDIDATES_READ)
        who, asked = summary.candidate, summary.flow
        return cls(
            id=summary.id,
            status=summary.status,
            disposition=summary.disposition,
            candidate=WhoWasAsked(
                person_id=summary.person_id,
                id=who.id if named else None,
                name=who.name,
                phone=who.phone if named else None,
            ),
            job_id=summary.job_id,
            flow=WhatWasAsked(id=asked.id, version=asked.version, digest=asked.digest, title=summary.flow_title),
            scheduled_at=summary.created_at,
            started_at=summary.started_at,
            ended_at=summary.ended_at,
            overall=summary.overall,
        )


class Answer(BaseModel):
    question_id: str
    question: str
    status: str
    text: str = Field(description="All of it; its parts are in the transcript")


class Attempt(BaseModel):
    """One dial, and the call that came of it."""

    id: Id
    dialled_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    transcript: list[TranscriptLine]
    recorded_ms: int | None = Field(description="Of the recording, `/recordings/{id}`; null: there is none")

    @classmethod
    def of(cls, attempt: AttemptRecord) -> "Attempt":
        return cls(
            id=attempt.id,
            dialled_at=attempt.dialled_at,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            disposition=attempt.disposition,
            transcript=list(attempt.transcript),
            recorded_ms=attempt.recording.duration_ms if attempt.recording else None,
        )


class InterviewDetail(Interview):
    language: str
    answers: list[Answer]
    questions_for_hr: list[Utterance] = Field(description="What they want to know; the interviewer promised an answer")
    knock_outs: list[KnockOut]
    passed_over: list[str] = Field(description="Ids of questions that the flow did not ask them")
    call_back: CallBack | None
    scorecard: Scorecard | None
    attempts: list[Attempt] = Field(description="Oldest first; the answers are those of the last that connected")
    review: Review

    @classmethod
    def whole(cls, listed: Interview, record: InterviewRecord, review: Review) -> "InterviewDetail":
        return cls(
            **dict(listed),
            language=record.language,
            answers=[
                Answer(question_id=each.question_id, question=each.question, status=each.status.value, text=each.text)
                for each in record.answers
            ],
            questions_for_hr=list(record.questions_for_hr),
            knock_outs=list(record.knock_outs),
            passed_over=list(record.passed_over),
            call_back=record.call_back,
            scorecard=record.scorecard,
            attempts=list(map(Attempt.of, record.attempts)),
            review=review,
        )


class Interviews(Page[Interview]):
    pass


@router.post(
    "",
    status_code=201,
    response_model=Interview,
    operation_id="scheduleInterview",
    summary="Schedule an interview of a candidate",
)
def schedule(
    draft: InterviewDraft,
    request: Request,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
) -> Response:
    def carry_out() -> Response:
        person = archive.people.with_id(draft.person_id)
        title = visible_job(archive, principal, draft.job_id).title if draft.job_id else None
        published = _flow(archive, principal, draft)
        variables = _filled(archive, published, draft, person.candidate.name, title, request.app.state.settings)
        interview_id = archive.schedule_interview(
            person.candidate, published.flow, variables, now, job_id=draft.job_id, actor=principal.actor
        )
        made = Interview.of(archive.summary(interview_id), principal)
        return etags.answer(made, 201, {"Location": f"/api/v1/interviews/{interview_id}"})

    return once(principal, carry_out)


@router.get("", response_model=Interviews, operation_id="listInterviews", summary="Interviews, newest first")
def list_interviews(
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
    job: Annotated[str | None, Query(max_length=64, description="A job's id")] = None,
    person: Annotated[str | None, Query(max_length=64, description="A candidate's `person_id`")] = None,
    status: InterviewStatus | None = None,
    stage: Annotated[
        Stage | None, Query(description="waiting: it was scored, and no person has decided, or they want another look")
    ] = None,
    disposition: Disposition | None = None,
    score_from: Mark = None,
    score_to: Mark = None,
    skill: Annotated[
        Sought | None,
        Query(description="Shown in the interview, perhaps with years or scores", examples=["Kubernetes >= 3 years"]),
    ] = None,
    since: Annotated[Moment | None, Query(description="Scheduled then or later")] = None,
    before: Annotated[Moment | None, Query(description="Scheduled earlier")] = None,
) -> Response:
    where = InterviewFilter(
        job_id=job,
        person_id=person,
        status=status,
        stage=stage,
        disposition=disposition,
        score_from=score_from,
        score_to=score_to,
        skill=skill,
        since=since,
        before=before,
    )
    found = archive.interviews(paged.limit + 1, where=where, job_ids=principal.job_ids, after=paged.position)
    return paged.cut(
        found, lambda row: Interview.of(row, principal), lambda row: place(row.created_at, row.id), Interviews
    )


@router.get(
    "/{interview_id}",
    response_model=InterviewDetail,
    operation_id="getInterview",
    summary="One interview: what was said, what it is worth, what people made of it",
)
def get(interview_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    listed = Interview.of(visible(archive, principal, interview_id), principal)
    review = Review.model_validate(archive.reviews.of(interview_id))
    return etags.read(request, InterviewDetail.whole(listed, archive.interview(interview_id), review))


def visible(archive: Archive, principal: Principal, interview_id: str) -> InterviewSummary:
    """The interview, if it exists for whoever is asking. Errors: NotInArchive."""
    found = archive.summary(interview_id)
    if not principal.sees(found.job_id):
        raise NotInArchive(f"there is no interview {interview_id!r}")
    return found


def _flow(archive: Archive, principal: Principal, draft: InterviewDraft) -> PublishedFlow:
    """Raises HTTPException 409 when there is no such flow, or none at all is named."""
    chosen = draft.flow
    if chosen is None:
        job = visible_job(archive, principal, draft.job_id or "")
        if job.flow_id is None:
            raise HTTPException(409, "this job names no flow: name one here, or give the job one")
        chosen = FlowChoice(id=job.flow_id)
    try:
        return archive.flows.find(chosen.id, chosen.version, chosen.language)
    except NotInArchive as error:
        raise HTTPException(409, str(error)) from error


def _filled(
    archive: Archive, published: PublishedFlow, draft: InterviewDraft, name: str, title: str | None, settings: Settings
) -> dict[str, str]:
    """All that the flow's lines leave open. Errors: InvalidFlow where something still has no value."""
    flow = _parsed(archive, published.flow.digest)
    variables = filling.variables(flow, settings, name) | ({"job.title": title} if title else {}) | draft.variables
    if draft.match_score is not None:
        variables[MATCH_SCORE] = f"{draft.match_score:g}"
    flow.fill(variables)
    return variables


@lru_cache(maxsize=32)
def _parsed(archive: Archive, digest: str) -> Flow:
    """A published flow never changes."""
    return parse_published(archive.flows.text(digest))
