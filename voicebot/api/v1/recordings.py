"""Recordings, whole or in parts as players ask for them, and links that play one for some minutes."""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.interviews import visible
from voicebot.api.v1.playing import played

router = APIRouter(tags=["recordings"])

Plays = Annotated[Principal, Depends(access.allowed(Scope.RECORDINGS_PLAY))]
Bytes = Annotated[str | None, Header(alias="Range", description="Which bytes, such as bytes=0-65535")]
LONGEST_LINK_MINUTES = 60
_AUDIO = {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole WAV file: left the candidate, right the interviewer", **_AUDIO},
    206: {"description": "The bytes that were asked for", **_AUDIO},
}


class LinkDraft(Body):
    minutes: int = Field(15, ge=1, le=LONGEST_LINK_MINUTES, description="For how long it is good")


class Link(BaseModel):
    url: str = Field(description="Plays this one recording for anybody who has it")
    expires_at: datetime


@router.get(
    "/recordings/{attempt_id}",
    response_class=StreamingResponse,
    responses=_RESPONSES,
    operation_id="playRecording",
    summary="A call's recording, for a player; the audit remembers who listened",
)
def play(
    attempt_id: str,
    request: Request,
    principal: Plays,
    archive: access.TheArchive,
    now: access.Now,
    part: Bytes = None,
) -> Response:
    visible(archive, principal, archive.interview_of(attempt_id))
    return played(archive, request, attempt_id, principal.actor, now)


@router.post(
    "/recordings/{attempt_id}/link",
    status_code=201,
    response_model=Link,
    operation_id="linkRecording",
    summary="A link that plays it for some minutes without signing in",
)
def link(
    attempt_id: str,
    draft: LinkDraft,
    request: Request,
    principal: Plays,
    archive: access.TheArchive,
    now: access.Now,
) -> Response:
    interview_id = archive.interview_of(attempt_id)
    visible(archive, principal, interview_id)
    archive.open_recording(attempt_id).close()
    expires_at = (now + timedelta(minutes=draft.minutes)).replace(microsecond=0)
    name = secrets.token_hex(4)
    archive.audit.append(
        now, principal.actor, "link", interview_id, attempt=attempt_id, link=name, until=expires_at.isoformat()
    )
    claim = f"{attempt_id}.{name}.{int(expires_at.timestamp())}"
    base = (request.app.state.settings.public_url or str(request.base_url)).removesuffix("/").removesuffix("/api/v1")
    url = f"{base}/api/v1/links/{claim}.{archive.signature('link', claim)}"
    return etags.answer(Link(url=url, expires_at=expires_at), 201)


@router.get(
    "/links/{link}",
    response_class=StreamingResponse,
    responses=_RESPONSES,
    operation_id="playLink",
    summary="The recording that a link was made for; 404 when it is not ours, 410 when its time is over",
)
def follow(
    link: str,
    request: Request,
    archive: access.TheArchive,
    now: access.Now,
    part: Bytes = None,
) -> Response:
    claim, _, signature = link.rpartition(".")
    if not hmac.compare_digest(signature.encode(), archive.signature("link", claim).encode()):
        access.count_stranger(request)
        raise HTTPException(404, "this link was not made here, or a part of it is missing: ask for a new one")
    attempt_id, name, expires = claim.split(".")
    if now >= datetime.fromtimestamp(int(expires), UTC):
        raise HTTPException(410, "this link's time is over: ask for a new one")
    answer = played(archive, request, attempt_id, f"link:{name}", now)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # it may be played within another site's page
    return answer
