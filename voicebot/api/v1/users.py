"""The people who sign in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from models import accounts
from models.accounts import ROLE_SCOPES, Principal, Role, Scope
from models.errors import NotAllowed
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import LONGEST, Body, Password

router = APIRouter(prefix="/users", tags=["users"])
Keeper = Annotated[Principal, Depends(access.allowed(Scope.ACCOUNTS))]


class User(BaseModel):
    id: str = Field(examples=["3f9c0d0a6f5b4c1e8a7d2b9e4c6f1a05"])
    name: str = Field(examples=["mia"])
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    job_ids: list[str] = Field(description="The jobs whose interviews a reviewer sees")

    @classmethod
    def of(cls, user: accounts.User) -> "User":
        return cls(
            id=user.id,
            name=user.name,
            role=user.role,
            created_at=user.created_at,
            disabled_at=user.disabled_at,
            job_ids=sorted(user.job_ids),
        )


class Users(BaseModel):
    items: list[User] = Field(description="All of them, by name")


class NewUser(Body):
    name: str = Field(max_length=LONGEST, examples=["mia"])
    role: Role
    password: Password


class UserChange(Body):
    """What is left out stays as it is."""

    role: Role | None = None
    disabled: bool | None = Field(None, description="A disabled user gets in no more, nor do the keys they made")


class PasswordOfUser(Body):
    password: Password


class JobsOfUser(Body):
    job_ids: list[str] = Field(max_length=10_000, description="Instead of those before")


@router.get("", operation_id="listUsers", summary="Everybody who has an account")
def users(_: Keeper, archive: access.TheArchive) -> Users:
    return Users(items=[User.of(each) for each in archive.accounts.users()])


@router.post("", status_code=201, operation_id="createUser", summary="Give somebody an account")
def create(body: NewUser, principal: Keeper, archive: access.TheArchive, now: access.Now, response: Response) -> User:
    _refuse_more(principal, body.role)
    password = body.password.get_secret_value()
    made = archive.accounts.create_user(body.name, body.role, password, principal.actor, now)
    response.headers["Location"] = f"/api/v1/users/{made.id}"
    return User.of(made)


@router.get("/{user_id}", operation_id="getUser", summary="One user")
def user(user_id: str, _: Keeper, archive: access.TheArchive) -> User:
    return User.of(archive.accounts.user(user_id))


@router.patch("/{user_id}", operation_id="changeUser", summary="Another role; disable or enable")
def change(user_id: str, body: UserChange, principal: Keeper, archive: access.TheArchive, now: access.Now) -> User:
    found = _theirs(archive.accounts.user(user_id), principal)
    if body.role is not None and body.role is not found.role:
        _refuse_more(principal, body.role)
        found = archive.accounts.change_role(user_id, body.role, principal.actor, now)
    if body.disabled is not None and body.disabled is (found.disabled_at is None):
        turn = archive.accounts.disable if body.disabled else archive.accounts.enable
        found = turn(user_id, principal.actor, now)
    return User.of(found)


@router.put("/{user_id}/password", status_code=204, operation_id="setPassword", summary="A new password for somebody")
def set_password(
    user_id: str, body: PasswordOfUser, principal: Keeper, archive: access.TheArchive, now: access.Now
) -> None:
    """Their sessions end."""
    _theirs(archive.accounts.user(user_id), principal)
    archive.accounts.set_password(user_id, body.password.get_secret_value(), principal.actor, now)


@router.put("/{user_id}/jobs", operation_id="assignJobs", summary="The jobs whose interviews a reviewer sees")
def assign(user_id: str, body: JobsOfUser, principal: Keeper, archive: access.TheArchive, now: access.Now) -> User:
    _theirs(archive.accounts.user(user_id), principal)
    return User.of(archive.accounts.assign(user_id, body.job_ids, principal.actor, now))


def _refuse_more(principal: Principal, role: Role) -> None:
    """Nobody, such as a key that looks after accounts, makes somebody who may do more than they. Errors: NotAllowed."""
    if more := ROLE_SCOPES[role] - principal.scopes:
        raise NotAllowed(f"{principal.actor} may not do all that a {role} may: {', '.join(sorted(more))}")


def _theirs(user: accounts.User, principal: Principal) -> accounts.User:
    """Errors: NotAllowed when the user may do more than who wants to change them."""
    _refuse_more(principal, user.role)
    return user
