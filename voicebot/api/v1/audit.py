"""Who did what to what."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from voicebot.api.v1 import access

router = APIRouter(prefix="/audit", tags=["audit"])
_LARGEST = 2**31 - 1


class Entry(BaseModel):
    sequence: int = Field(description="From 1, without gaps", examples=[1041])
    at: datetime
    actor: str = Field(examples=["mia", "key:ehr", "cli:root", "voicebot"])
    action: str = Field(examples=["play", "override", "login", "user.add"])
    subject: str = Field(description="The id of what it was done to")
    details: dict[str, str | int | float | None]


class Entries(BaseModel):
    items: list[Entry] = Field(description="Newest first")
    next: str | None = Field(description="`before` of the page after this; null: there is none")


@router.get("", operation_id="listAudit", summary="The audit trail, newest first")
def entries(
    principal: Annotated[Principal, Depends(access.allowed(Scope.AUDIT_READ))],
    archive: access.TheArchive,
    request: Request,
    response: Response,
    subject: Annotated[str | None, Query(max_length=200, description="Only what was done to this")] = None,
    before: Annotated[int | None, Query(ge=1, le=_LARGEST, description="Only entries before this one")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Entries:
    """Every entry is chained to the one before it: `voicebot archive verify` finds any that was changed or left out."""
    found = archive.audit.entries(subject, limit=limit + 1, before=before)
    page = found[:limit]
    more = str(page[-1].sequence) if len(found) > limit else None
    if more:
        response.headers["Link"] = f'<{request.url.include_query_params(before=more)}>; rel="next"'
    items = [
        Entry(
            sequence=each.sequence,
            at=each.at,
            actor=each.actor,
            action=each.action,
            subject=each.subject,
            details=each.details,
        )
        for each in page
    ]
    return Entries(items=items, next=more)
