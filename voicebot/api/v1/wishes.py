"""What candidates asked for by their own page, until a person has seen to it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from models import invitation as asked
from models.invitation import WishKind
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.candidates import Reads, Writes
from voicebot.api.v1.idempotency import CarriedOutOnce
from voicebot.api.v1.paging import Page, Paged, place
from voicebot.api.v1.texts import Id, Prose

router = APIRouter(prefix="/wishes", tags=["candidates"])


class Wish(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    person_id: Id
    interview_id: Id | None = Field(description="Their last one when they asked")
    kind: WishKind
    words: str = Field(description="What they wrote with it, perhaps nothing")
    asked_at: datetime
    handled_at: datetime | None = Field(description="null: it waits")
    handled_by: str | None
    answer: str | None

    @classmethod
    def of(cls, wish: asked.Wish) -> "Wish":
        return cls.model_validate(wish)


class Wishes(Page[Wish]):
    pass


class Handling(Body):
    answer: Prose = Field(
        description="What was done about it, or why nothing was", examples=["Put the name right; told them by e-mail."]
    )


@router.get("", response_model=Wishes, operation_id="listWishes", summary="What candidates asked for, newest first")
def list_wishes(
    principal: Reads,
    archive: access.TheArchive,
    paged: Paged,
    waiting: Annotated[bool | None, Query(description="Only what nobody, or somebody, has seen to")] = None,
    person: Annotated[str | None, Query(max_length=64, description="A candidate's `person_id`")] = None,
) -> Response:
    found = archive.wishes.list(paged.limit + 1, waiting=waiting, person_id=person, after=paged.position)
    return paged.cut(found, Wish.of, lambda wish: place(wish.asked_at, wish.id), Wishes)


@router.post(
    "/{wish_id}/handled",
    response_model=Wish,
    operation_id="handleWish",
    summary="Somebody has seen to it",
    description="It waits no longer. What somebody has seen to already is refused (412).",
)
def handle(
    wish_id: str,
    handling: Handling,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
) -> Response:
    def carry_out() -> Response:
        return etags.answer(Wish.of(archive.wishes.handle(wish_id, handling.answer, principal.actor, now)))

    return once(principal, carry_out)
