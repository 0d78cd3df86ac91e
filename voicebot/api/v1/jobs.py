"""The openings that people are interviewed for."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from models.accounts import Principal, Scope
from models.archive import Job as FiledJob
from models.errors import NotInArchive
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.idempotency import CarriedOutOnce
from voicebot.api.v1.paging import Page, Paged, place
from voicebot.api.v1.texts import Blank, FlowId, Id, Line
from voicebot.archive.store import Archive

router = APIRouter(prefix="/jobs", tags=["jobs"])

Reads = Annotated[Principal, Depends(access.allowed(Scope.JOBS_READ))]
Writes = Annotated[Principal, Depends(access.allowed(Scope.JOBS_WRITE))]


class JobDraft(Body):
    title: Line = Field(examples=["Backend engineer"])
    location: Blank = Field("", examples=["Berlin"])
    flow_id: FlowId | None = Field(
        None, description="The published flow that its candidates are asked", examples=["backend_engineer"]
    )


class JobChange(Body):
    """What is left out stays as it is."""

    title: Line = Field("", examples=["Senior backend engineer"])
    location: Blank = Field("", examples=["Hamburg"])
    flow_id: FlowId | None = Field(None, examples=["backend_engineer"])


class Job(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    title: str
    location: str
    flow_id: str | None
    created_at: datetime
    closed_at: datetime | None = Field(description="Since then nobody is interviewed for it")


class Jobs(Page[Job]):
    pass


@router.post("", status_code=201, response_model=Job, operation_id="createJob", summary="File a new opening")
def create(
    draft: JobDraft, principal: Writes, archive: access.TheArchive, now: access.Now, once: CarriedOutOnce
) -> Response:
    def carry_out() -> Response:
        refuse_unpublished(archive, draft.flow_id)
        made = archive.jobs.file(draft.title, draft.location, now, flow_id=draft.flow_id, actor=principal.actor)
        return etags.answer(Job.model_validate(made), 201, {"Location": f"/api/v1/jobs/{made.id}"})

    return once(principal, carry_out)


@router.get("", response_model=Jobs, operation_id="listJobs", summary="Openings, newest first")
def list_jobs(
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
    open_only: Annotated[bool, Query(alias="open", description="Leave out those that are closed")] = False,
) -> Response:
    found = archive.jobs.list(paged.limit + 1, open_only=open_only, after=paged.position, job_ids=principal.job_ids)
    return paged.cut(found, Job.model_validate, lambda job: place(job.created_at, job.id), Jobs)


@router.get("/{job_id}", response_model=Job, operation_id="getJob", summary="One opening")
def get(job_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    return etags.read(request, Job.model_validate(visible(archive, principal, job_id)))


@router.patch(
    "/{job_id}",
    response_model=Job,
    operation_id="changeJob",
    summary="Change an opening",
    description="With `If-Match`, only if it is still as you saw it.",
)
def change(
    job_id: str,
    changed: JobChange,
    request: Request,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
) -> Response:
    seen = visible(archive, principal, job_id)
    etags.require(request, etags.of(Job.model_validate(seen)))
    refuse_unpublished(archive, changed.flow_id)
    changes = changed.model_dump(exclude_unset=True)
    expected = seen if "if-match" in request.headers else None
    now_is = archive.jobs.change(job_id, changes, principal.actor, now, seen=expected)
    return etags.answer(Job.model_validate(now_is))


@router.post("/{job_id}/close", response_model=Job, operation_id="closeJob", summary="Interview nobody for it any more")
def close(job_id: str, principal: Writes, archive: access.TheArchive, now: access.Now) -> Response:
    visible(archive, principal, job_id)
    return etags.answer(Job.model_validate(archive.jobs.close(job_id, now, actor=principal.actor)))


def visible(archive: Archive, principal: Principal, job_id: str) -> FiledJob:
    """The job, if it exists for whoever is asking. Errors: NotInArchive."""
    if not principal.sees(job_id):
        raise NotInArchive(f"there is no job {job_id!r}")
    return archive.jobs.find(job_id)


def refuse_unpublished(archive: Archive, flow_id: str | None) -> None:
    """Raises HTTPException 409."""
    try:
        if flow_id is not None:
            archive.flows.versions(flow_id)
    except NotInArchive as error:
        raise HTTPException(409, str(error)) from error
