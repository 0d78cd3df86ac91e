"""A candidate's own link."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import Body

router = APIRouter(prefix="/candidates", tags=["candidates"])
Allowed = Annotated[Principal, Depends(access.allowed(Scope.CANDIDATES_WRITE))]


class NewLink(Body):
    days: int = Field(14, strict=True, ge=1, le=90, description="For how long it is good")


class CandidateLink(BaseModel):
    url: str = Field(examples=["https://calls.example.com/c/F2yXW0Q9…"])
    expires_at: datetime


@router.post(
    "/{candidate_id}/link", operation_id="createCandidateLink", summary="A candidate's own page", status_code=201
)
def create(
    candidate_id: str,
    principal: Allowed,
    archive: access.TheArchive,
    now: access.Now,
    request: Request,
    body: NewLink | None = None,
) -> CandidateLink:
    """Where they read who will call and why, agree or take it back, ask never to be called, and get or ask for their
    data. Whoever has the link is taken for the candidate: send it to them alone."""
    holds = timedelta(days=(body or NewLink()).days)
    token, expires_at = archive.invitations.issue(candidate_id, principal.actor, now, holds)
    public = request.app.state.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return CandidateLink(url=f"{public.rstrip('/')}/c/{token}", expires_at=expires_at)
