"""Who I am, as the API sees it, and my password."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from models.errors import NotAllowed
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import Body, Password

router = APIRouter(prefix="/me", tags=["me"])


class Me(BaseModel):
    actor: str = Field(description="As the audit names you", examples=["mia", "key:ehr"])
    user_id: str | None = Field(description="null: a program with a key")
    scopes: list[Scope]
    job_ids: list[str] | None = Field(description="You see the interviews of these jobs alone; null: all interviews")

    @classmethod
    def of(cls, principal: Principal) -> "Me":
        jobs = principal.job_ids
        return cls(
            actor=principal.actor,
            user_id=principal.user_id,
            scopes=sorted(principal.scopes),
            job_ids=None if jobs is None else sorted(jobs),
        )


class NewPassword(Body):
    current: Password
    new: Password


@router.get("", operation_id="getMe", summary="Who you are, and what you may do")
def me(principal: access.SignedIn) -> Me:
    return Me.of(principal)


@router.put("/password", status_code=204, operation_id="setMyPassword", summary="Choose a new password")
def set_password(
    body: NewPassword, request: Request, principal: access.SignedIn, archive: access.TheArchive, now: access.Now
) -> None:
    """All your sessions end, this one too."""
    if principal.user_id is None:
        raise NotAllowed("a key has no password")
    accounts, device = archive.accounts, request.cookies.get(access.DEVICE_COOKIE, "")
    current = body.current.get_secret_value()
    accounts.sign_in(principal.actor, current, now, address=access.address(request), device=device)
    accounts.set_password(principal.user_id, body.new.get_secret_value(), principal.actor, now)
