"""The people who sign in, and what each may do."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import func
from sqlmodel import col, delete, select

from models.accounts import ROLE_SCOPES, Principal, Role, User
from models.errors import NotInArchive, SignInRefused, UsageError
from models.tables import ApiKeyRow, JobRow, SessionRow, UserRow
from voicebot.archive import audit, passwords
from voicebot.archive.database import Database, Transaction

LONGEST_NAME = 64
SETUP_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Account:
    """What is sealed of a user."""

    name: str
    role: Role
    password: str
    """Its argon2id hash."""
    disabled_at: datetime | None = None
    job_ids: frozenset[str] = frozenset()


ACCOUNT = TypeAdapter(Account)


class Users:
    """Every change is audited with its actor; nobody is deleted, so that the audit's names keep their meaning."""

    database: Database

    def create_user(self, name: str, role: Role, password: str, actor: str, at: datetime) -> User:
        """Errors: UsageError when the name is taken or none, or the password too weak."""
        account = _new(name, role, password)
        with self.database.writing() as session:
            return _file(session, account, actor, at)

    def has_users(self) -> bool:
        with self.database.reading() as session:
            return _count(session) > 0

    def setup_token(self, at: datetime) -> str:
        """By which the first admin can be made without signing in, within a day, as long as there is no user."""
        expires = str(int((at + SETUP_LIFE).timestamp()))
        return f"{expires}.{self._setup_mac(expires)}"

    def create_first_admin(self, token: str, name: str, password: str, at: datetime) -> User:
        """`token`: as `setup_token` made it. Errors: SignInRefused when it is no longer good, UsageError."""
        expires, _, mac = token.partition(".")
        if not expires.isdecimal() or not compare_digest(mac.encode(), self._setup_mac(expires).encode()):
            raise SignInRefused("this set-up link is not ours: start `voicebot serve` again for a new one")
        if int(expires) < at.timestamp():
            raise SignInRefused("this set-up link has expired: start `voicebot serve` again for a new one")
        account = _new(name, Role.ADMIN, password)
        with self.database.writing() as session:
            made = _file(session, account, "setup", at)
            if _count(session) > 1:  # looked at under the audit's lock: of two at once, one is first
                raise SignInRefused("this set-up link has been used: sign in, or ask an admin for an account")
            return made

    def users(self) -> tuple[User, ...]:
        """By name."""
        with self.database.reading() as session:
            found = [user(session, row) for row in session.exec(select(UserRow))]
        return tuple(sorted(found, key=lambda each: folded(each.name)))

    def user(self, user_id: str) -> User:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            return user(session, _found(session, user_id))

    def named(self, name: str) -> User:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            row = row_named(session, name)
            if row is None:
                raise NotInArchive(f"there is no user {name!r}: `voicebot user list` names them")
            return user(session, row)

    def change_role(self, user_id: str, role: Role, actor: str, at: datetime) -> User:
        """Errors: NotInArchive; UsageError when there would be no admin left."""
        return self._change(user_id, "user.role", actor, at, {"role": role}, told={"role": role})

    def set_password(self, user_id: str, password: str, actor: str, at: datetime) -> User:
        """Their sessions end. Errors: NotInArchive, UsageError when it is too weak."""
        kept = passwords.hashed(password, self.user(user_id).name)
        return self._change(user_id, "user.password", actor, at, {"password": kept}, sessions_end=True)

    def disable(self, user_id: str, actor: str, at: datetime) -> User:
        """They, and the keys they made, get in no more. Errors: NotInArchive; UsageError for the last admin."""
        since = self.user(user_id).disabled_at or at
        return self._change(user_id, "user.disable", actor, at, {"disabled_at": since}, sessions_end=True)

    def enable(self, user_id: str, actor: str, at: datetime) -> User:
        """Errors: NotInArchive."""
        return self._change(user_id, "user.enable", actor, at, {"disabled_at": None})

    def assign(self, user_id: str, job_ids: Iterable[str], actor: str, at: datetime) -> User:
        """The jobs whose interviews a reviewer sees, instead of those before. Errors: NotInArchive, for a job too."""
        jobs = frozenset(job_ids)
        with self.database.reading() as session:
            known = set(session.exec(select(JobRow.id).where(col(JobRow.id).in_(jobs))))
        if unknown := sorted(jobs - known):
            raise NotInArchive(f"there is no job {unknown[0]!r}: file it first")
        told = {"jobs": " ".join(sorted(jobs))}
        return self._change(user_id, "user.assign", actor, at, {"job_ids": jobs}, told=told)

    def _change(
        self,
        user_id: str,
        action: str,
        actor: str,
        at: datetime,
        fields: Mapping[str, Any],
        *,
        told: Mapping[str, str] = MappingProxyType({}),
        sessions_end: bool = False,
    ) -> User:
        """Other values for those fields of the account; `told`: what the audit says of it."""
        with self.database.writing() as session:
            row = _found(session, user_id, for_update=True)
            row.document = _sealed(session, row.id, replace(session.opened(row, ACCOUNT), **fields))
            if sessions_end:
                session.exec(delete(SessionRow).where(col(SessionRow.user_id) == row.id))
            audit.append(session, at, actor, action, row.id, account=account_mac(session, row), **told)
            # Looked at under the audit's lock: of two admins who step down at once, one is second.
            admins = (session.opened(each, ACCOUNT) for each in session.exec(select(UserRow)))
            if not any(each.role is Role.ADMIN and each.disabled_at is None for each in admins):
                raise UsageError("nobody would be left who looks after accounts: make somebody else an admin first")
            return user(session, row)

    def _setup_mac(self, expires: str) -> str:
        return self.database.keys.mac(b"setup", expires.encode())


def folded(name: str) -> str:
    """The same name however it is typed."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def row_named(session: Transaction, name: str) -> UserRow | None:
    index = session.keys.blind("user", folded(name))
    return session.exec(select(UserRow).where(UserRow.name_index == index)).one_or_none()


def user(session: Transaction, row: UserRow) -> User:
    account = session.opened(row, ACCOUNT)
    return User(row.id, account.name, account.role, row.created_at, account.disabled_at, account.job_ids)


def principal(user: User) -> Principal:
    jobs = user.job_ids if user.role is Role.REVIEWER else None
    return Principal(user.name, ROLE_SCOPES[user.role], jobs, user.id)


def account_mac(session: Transaction, row: UserRow | ApiKeyRow) -> str:
    """By which the audit answers for a user or a key."""
    return session.keys.mac(b"account", row.id.encode(), session.opened_json(row))


def _new(name: str, role: Role, password: str) -> Account:
    name = unicodedata.normalize("NFKC", name).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or ":" in name:
        raise UsageError(f"{name[:80]!r} cannot be a user's name: use up to {LONGEST_NAME} characters, without a colon")
    if folded(name) in (audit.MACHINE, "setup"):
        raise UsageError(f"the audit calls something else {name!r}: choose another name")
    return Account(name, role, passwords.hashed(password, name))


def _file(session: Transaction, account: Account, actor: str, at: datetime) -> User:
    if row_named(session, account.name) is not None:
        raise UsageError(f"there is a user {account.name!r} already: choose another name")
    index, user_id = session.keys.blind("user", folded(account.name)), uuid4().hex
    row = UserRow(id=user_id, name_index=index, created_at=at, document=_sealed(session, user_id, account))
    session.add(row)
    session.flush()
    audit.append(session, at, actor, "user.add", row.id, account=account_mac(session, row), role=account.role)
    return user(session, row)


def _sealed(session: Transaction, user_id: str, account: Account) -> bytes:
    return session.seal(UserRow, (user_id,), ACCOUNT.dump_python(account, mode="json"))


def _found(session: Transaction, user_id: str, *, for_update: bool = False) -> UserRow:
    row = session.get(UserRow, user_id, with_for_update=for_update)
    if row is None:
        raise NotInArchive(f"there is no user {user_id!r}")
    return row


def _count(session: Transaction) -> int:
    return session.exec(select(func.count()).select_from(UserRow)).one()
