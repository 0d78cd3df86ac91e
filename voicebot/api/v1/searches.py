"""Finding interviews: by what was said, and by what they showed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from models.desk import InterviewFilter
from models.interview import Experience
from models.speech import TranscriptLine
from voicebot.api.v1 import access, etags
from voicebot.api.v1.interviews import Interview, Interviews, Reads
from voicebot.api.v1.paging import Page, Paged, place
from voicebot.api.v1.texts import Sought

router = APIRouter(prefix="/search", tags=["search"])


class Hit(BaseModel):
    interview: Interview
    lines: list[TranscriptLine] = Field(description="Those that have any of the words, as they were spoken")


class Hits(Page[Hit]):
    """May be short, or empty, and still have a next page."""


class ProjectHit(BaseModel):
    interview: Interview
    experience: list[Experience] = Field(description="The pieces of work that have all of the words")


class ProjectHits(Page[ProjectHit]):
    """May be short, or empty, and still have a next page."""


class Names(BaseModel):
    items: list[str]


@router.get(
    "/transcripts",
    response_model=Hits,
    operation_id="searchTranscripts",
    summary="Interviews whose candidate said something",
    description='All of the words must be said; words in "quotes", and Chinese, one after the other.',
)
def transcripts(
    q: Annotated[Sought, Query(examples=['kubernetes "error budget"'])],
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
) -> Response:
    found = archive.transcripts.search(q, limit=paged.limit, after=paged.after, job_ids=principal.job_ids)
    hits = [Hit(interview=Interview.of(hit.interview, principal), lines=list(hit.lines)) for hit in found.hits]
    return paged.answer(Hits, hits, found.next)


@router.get(
    "/projects",
    response_model=ProjectHits,
    operation_id="searchProjects",
    summary="Interviews whose candidate told of such a piece of work",
    description="All of the words must be told of one piece of work: what it was, their role, what came of it.",
)
def projects(
    q: Annotated[Sought, Query(examples=["payment service"])],
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
) -> Response:
    found = archive.transcripts.projects(q, limit=paged.limit, after=paged.after, job_ids=principal.job_ids)
    hits = [
        ProjectHit(interview=Interview.of(hit.interview, principal), experience=list(hit.experience))
        for hit in found.hits
    ]
    return paged.answer(ProjectHits, hits, found.next)


@router.get(
    "/skills",
    response_model=Interviews,
    operation_id="searchSkills",
    summary="Interviews that showed skills, so many years of them, or scores",
    description="Commas between; all must be met within one interview. Scores are those that stand.",
)
def by_skills(
    q: Annotated[Sought, Query(examples=["Kubernetes >= 3 years, communication >= 4"])],
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
) -> Response:
    where = InterviewFilter(skill=q)
    found = archive.interviews(paged.limit + 1, where=where, job_ids=principal.job_ids, after=paged.position)
    return paged.cut(
        found, lambda row: Interview.of(row, principal), lambda row: place(row.created_at, row.id), Interviews
    )


@router.get(
    "/skills/names", response_model=Names, operation_id="listSkills", summary="Every skill that somebody has shown"
)
def names(request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    return etags.read(request, Names(items=list(archive.skills.names(principal.job_ids))))
