"""New keys in place of the old, while calls are held and people read.

    1  the key file has the new master key before the old one      (a key in the environment: the operator does this)
    2  all keys are wrapped by the new master key, and there is a new data key, which seals from now on
    3  what the old data keys sealed is sealed anew, a batch at a time
    4  the old data keys are gone, once nothing needs them
    5  the old master key is gone from the file

Stopped anywhere, it is finished by running it again. Recordings keep their files: only their keys are sealed anew.
"""

import secrets
from datetime import datetime
from typing import Any

from loguru import logger
from sqlalchemy import ColumnElement, func, inspect, tuple_
from sqlmodel import col, select

from models.errors import ArchiveLocked
from models.tables import (
    AnswerRow,
    ApiKeyRow,
    AttemptRow,
    AuditRow,
    ConsentRow,
    FlowDraftRow,
    HoldRow,
    IdempotencyRow,
    InterviewRow,
    NoteRow,
    OverrideRow,
    PastScorecardRow,
    PersonRow,
    RecordingRow,
    Row,
    SavedViewRow,
    ScorecardRow,
    UserRow,
    UtteranceRow,
    WebhookEndpointRow,
    WishRow,
)
from voicebot.archive import audit
from voicebot.archive.database import Database, Transaction
from voicebot.archive.faults import explained
from voicebot.archive.keyring import old_keys, retire_keys, rotate_keys
from voicebot.archive.master_key import KEY_BYTES

SEALED: tuple[type[Row], ...] = (
    PersonRow,
    ConsentRow,
    HoldRow,
    WishRow,
    InterviewRow,
    AttemptRow,
    UtteranceRow,
    AnswerRow,
    RecordingRow,
    ScorecardRow,
    PastScorecardRow,
    OverrideRow,
    NoteRow,
    UserRow,
    ApiKeyRow,
    SavedViewRow,
    FlowDraftRow,
    WebhookEndpointRow,
    AuditRow,
    IdempotencyRow,
)
"""Every table with a sealed document."""
_BATCH = 200
"""Rows that are sealed anew while others wait to write."""


def rotate(database: Database, actor: str, at: datetime) -> None:
    """Errors: ArchiveLocked, ArchiveUnavailable."""
    source = database.keys.source
    masters = source.read()
    if not masters:
        raise ArchiveLocked(f"there is no key in {source.place}: put it back, then rotate it")
    if source.secret is None:
        with explained(database.folder):
            masters = (secrets.token_bytes(KEY_BYTES), *masters)
            source.replace(masters)
    with database.writing() as session:
        newest = rotate_keys(session.connection(), database.keys, masters)
        audit.append(session, at, actor, "rotate", "keys", data_key=newest)
    while not _retired(database, newest):
        for table in SEALED:
            _reseal(database, table)
    if source.secret is None:
        with explained(database.folder):
            source.replace(masters[:1])
        logger.warning(
            "THE ARCHIVE'S KEY IS A NEW ONE: {}. Back it up now, as you did the old one; keep the old one as long as "
            "you keep backups that were made with it.",
            source.file,
        )
    database.forget()


def _reseal(database: Database, table: type[Row]) -> None:
    keys = inspect(table).primary_key
    after: tuple[object, ...] | None = None
    while True:
        with database.writing() as session:
            query = select(table).where(_old(session, table)).order_by(*keys).limit(_BATCH).with_for_update()
            if after is not None:
                query = query.where(tuple_(*keys) > tuple_(*after))
            rows = session.exec(query).all()
            for row in rows:
                after = tuple(inspect(table).primary_key_from_instance(row))
                row.document = session.reseal(row)
        if len(rows) < _BATCH:
            return


def _retired(database: Database, newest: int) -> bool:
    """Takes the old keys away unless something needs them, sealed by a transaction that began before the new key."""
    with database.writing() as session:
        numbers = old_keys(session.connection(), newest)
        needed = any(session.exec(select(1).where(_old(session, table)).limit(1)).first() for table in SEALED)
        if not needed:
            retire_keys(session.connection(), numbers)
        return not needed


def _old(session: Transaction, table: Any) -> ColumnElement[bool]:
    """`table`: one of `SEALED`."""
    prefix = session.keys.seal_prefix
    old: ColumnElement[bool] = func.substr(table.document, 1, len(prefix)) != prefix
    return col(table.document).is_not(None) & old
