"""Who I am, as the API sees it."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from voicebot.api.v1 import access

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


@router.get("", operation_id="getMe", summary="Who you are, and what you may do")
def me(principal: access.SignedIn) -> Me:
    return Me.of(principal)
