"""Keys for programs."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from models.accounts import ApiKey, Principal, Scope
from models.errors import NotAllowed, NotInArchive
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import LONGEST, Body
from voicebot.archive.store import Archive

router = APIRouter(prefix="/keys", tags=["keys"])


class Key(BaseModel):
    id: str
    label: str = Field(examples=["ehr"])
    scopes: list[Scope]
    created_by: str = Field(examples=["mia"])
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Keys(BaseModel):
    items: list[Key] = Field(description="Newest first, those that are no longer good too")


class NewKey(Body):
    label: str = Field(max_length=LONGEST, description="What it is for; the audit names it", examples=["ehr"])
    scopes: list[Scope] = Field(min_length=1, description="Some of your own")
    expires_in_days: int | None = Field(None, ge=1, le=3650, description="null: never")


class MadeKey(Key):
    secret: str = Field(description="Shown this once: send it as `Authorization: Bearer`", examples=["vb_…"])


@router.get("", operation_id="listKeys", summary="Your keys; all keys, for who looks after accounts")
def keys(principal: access.SignedIn, archive: access.TheArchive) -> Keys:
    return Keys(items=[_shown(each) for each in _visible(archive, principal)])


@router.post("", status_code=201, operation_id="createKey", summary="A key for a program")
def create(
    body: NewKey, principal: access.SignedIn, archive: access.TheArchive, now: access.Now, response: Response
) -> MadeKey:
    """It never does more than you could: with your role, what it may do grows less too."""
    if principal.user_id is None:
        raise NotAllowed("a key makes no keys: sign in")
    if more := set(body.scopes) - principal.scopes:
        raise NotAllowed(f"{principal.actor} may not do this: {', '.join(sorted(more))}")
    expires_at = now + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    made, secret = archive.accounts.create_key(body.label, body.scopes, principal.actor, now, expires_at)
    response.headers["Location"] = f"/api/v1/keys/{made.id}"
    return MadeKey(**_shown(made).model_dump(), secret=secret)


@router.get("/{key_id}", operation_id="getKey", summary="One key, without its secret")
def key(key_id: str, principal: access.SignedIn, archive: access.TheArchive) -> Key:
    return _shown(_found(archive, key_id, principal))


@router.delete("/{key_id}", operation_id="revokeKey", summary="It is good no more")
def revoke(key_id: str, principal: access.SignedIn, archive: access.TheArchive, now: access.Now) -> Key:
    """It stays on file, so that the audit's names keep their meaning."""
    found = _found(archive, key_id, principal)
    return _shown(archive.accounts.revoke_key(found.id, principal.actor, now))


def _visible(archive: Archive, principal: Principal) -> list[ApiKey]:
    filed = archive.accounts.keys()
    return [each for each in filed if each.created_by == principal.actor or principal.may(Scope.ACCOUNTS)]


def _found(archive: Archive, key_id: str, principal: Principal) -> ApiKey:
    """Errors: NotInArchive, for somebody else's too."""
    for each in _visible(archive, principal):
        if each.id == key_id:
            return each
    raise NotInArchive(f"there is no key {key_id!r}")


def _shown(key: ApiKey) -> Key:
    return Key(
        id=key.id,
        label=key.label,
        scopes=sorted(key.scopes),
        created_by=key.created_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
