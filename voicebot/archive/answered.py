"""What was answered to requests that may be sent again: the same request is not carried out twice."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from models.errors import AskedBefore, UsageError
from models.tables import IdempotencyRow
from voicebot.archive import mapping
from voicebot.archive.database import Database

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """Of a request: its status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """`key` names one request of one asker; `request` is all of it."""

    database: Database

    def begin(self, key: str, request: bytes, at: datetime) -> Answer | None:
        """The answer to this request, if it was sent before; None when it is to be carried out now.

        Errors: UsageError when the key was given to another request; AskedBefore while the first is carried out,
        and when its answer cannot be given any more.
        """
        with self.database.writing() as session:
            session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.at) < at - KEPT))
            index, content = self._index(key), session.keys.blind("idempotent request", request.hex()).hex()
            if session.insert_if_new(IdempotencyRow, {"key": index, "request": content, "at": at}):
                return None
            known = session.get_one(IdempotencyRow, index)
            if known.request != content:
                raise UsageError("this Idempotency-Key was sent with another request: make a new key for each request")
            if known.status is None:
                raise AskedBefore(
                    "a request with this Idempotency-Key is being carried out, or was cut off: look whether it was "
                    "carried out before you send it with another key"
                )
            if known.document is None:
                raise AskedBefore("this request was carried out; its answer is gone, because somebody was erased since")
            kept = session.opened(known, mapping.OBJECT)
            return Answer(known.status, kept["headers"], base64.b64decode(kept["body"]))

    def keep(self, key: str, answer: Answer) -> None:
        with self.database.writing() as session:
            row = session.get_one(IdempotencyRow, self._index(key))
            row.status = answer.status
            kept: dict[str, Any] = {"headers": answer.headers, "body": base64.b64encode(answer.body).decode()}
            row.document = session.seal(IdempotencyRow, (row.key,), kept)

    def forget(self, key: str) -> None:
        """The request was not carried out, and may be sent again."""
        with self.database.writing() as session:
            session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.key) == self._index(key)))

    def _index(self, key: str) -> str:
        return self.database.keys.blind("idempotency", key).hex()
