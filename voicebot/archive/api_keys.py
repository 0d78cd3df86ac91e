"""The keys that programs come with."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter
from sqlmodel import col, select

from models.accounts import ApiKey, Principal, Scope
from models.errors import NotInArchive, SignInRefused, UsageError
from models.tables import ApiKeyRow
from voicebot.archive import audit, users
from voicebot.archive.database import Database, Transaction

PREFIX = "vb_"
"""By which people and scanners of leaked secrets know one."""
LONGEST_LABEL = 64
_REFUSED = "this key is not one of ours, or no longer: make another with `voicebot key add`"


@dataclass(frozen=True, slots=True)
class KeyDocument:
    """What is sealed of a key."""

    label: str
    scopes: frozenset[Scope]
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


_DOCUMENT = TypeAdapter(KeyDocument)


class ApiKeys:
    database: Database

    def create_key(
        self, label: str, scopes: Collection[Scope], created_by: str, at: datetime, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """The key and its secret, which nobody can be shown again. `created_by`: a user's name, or the operator's.

        Errors: UsageError.
        """
        label = label.strip()
        if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
            raise UsageError(f"a key needs a label of up to {LONGEST_LABEL} characters that says what it is for")
        if not scopes:
            raise UsageError("a key needs a scope at least: " + ", ".join(Scope))
        if expires_at is not None and expires_at <= at:
            raise UsageError("a key must expire later than now")
        document = KeyDocument(label, frozenset(scopes), created_by, expires_at)
        secret, key_id = PREFIX + secrets.token_urlsafe(32), uuid4().hex
        with self.database.writing() as session:
            if any(each.label == label and each.revoked_at is None for each in _all(session)):
                raise UsageError(f"there is a key {label!r} already: revoke it, or choose another label")
            sealed = _sealed(session, key_id, document)
            row = ApiKeyRow(id=key_id, secret_index=_index(session, secret), created_at=at, document=sealed)
            session.add(row)
            session.flush()
            content = users.account_mac(session, row)
            audit.append(session, at, created_by, "key.add", key_id, account=content, scopes=" ".join(sorted(scopes)))
            return _key(session, row), secret

    def keys(self) -> tuple[ApiKey, ...]:
        """Newest first, those that are no longer good too."""
        with self.database.reading() as session:
            return _all(session)

    def revoke_key(self, key_id: str, actor: str, at: datetime) -> ApiKey:
        """Errors: NotInArchive."""
        with self.database.writing() as session:
            row = session.get(ApiKeyRow, key_id, with_for_update=True)
            if row is None:
                raise NotInArchive(f"there is no key {key_id!r}")
            document = session.opened(row, _DOCUMENT)
            row.document = _sealed(session, row.id, replace(document, revoked_at=document.revoked_at or at))
            session.flush()
            audit.append(session, at, actor, "key.revoke", row.id, account=users.account_mac(session, row))
            return _key(session, row)

    def with_key(self, secret: str, at: datetime) -> Principal:
        """Whoever has this secret. A user's key never does more than the user could now.

        Errors: SignInRefused.
        """
        with self.database.reading() as session:
            found = select(ApiKeyRow).where(ApiKeyRow.secret_index == _index(session, secret))
            row = session.exec(found).one_or_none()
            if row is None:
                raise SignInRefused(_REFUSED)
            key = _key(session, row)
            owner = users.row_named(session, key.created_by)
            maker = users.user(session, owner) if owner else None
        if key.revoked_at or (key.expires_at and key.expires_at <= at) or (maker and maker.disabled_at):
            raise SignInRefused(_REFUSED)
        scopes, jobs = key.scopes, None
        if maker:
            theirs = users.principal(maker)
            scopes, jobs = scopes & theirs.scopes, theirs.job_ids
        return Principal(f"key:{key.label}", scopes, jobs)


def _all(session: Transaction) -> tuple[ApiKey, ...]:
    newest = select(ApiKeyRow).order_by(col(ApiKeyRow.created_at).desc(), col(ApiKeyRow.id))
    return tuple(_key(session, row) for row in session.exec(newest))


def _key(session: Transaction, row: ApiKeyRow) -> ApiKey:
    it = session.opened(row, _DOCUMENT)
    return ApiKey(row.id, it.label, it.scopes, it.created_by, row.created_at, it.expires_at, it.revoked_at)


def _index(session: Transaction, secret: str) -> bytes:
    return session.keys.blind("api key", secret)


def _sealed(session: Transaction, key_id: str, document: KeyDocument) -> bytes:
    return session.seal(ApiKeyRow, (key_id,), _DOCUMENT.dump_python(document, mode="json"))
