"""What was answered to requests that may be sent again: the same request is not carried out twice."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from models.errors import AskedBefore, UsageError
from models.tables import IdempotencyRow
from voicebot.archive import mapping
from voicebot.archive.database import Database, Transaction

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

    def once(self, key: str, request: bytes, at: datetime, carry_out: Callable[[], Answer]) -> tuple[Answer, bool]:
        """The answer to this request, and whether it was sent before; `carry_out` gives it where it was not.

        What `carry_out` does to the archive, and its answer, are one transaction: when it fails, or the process dies,
        nothing was done, and the request may be sent again. Who sends it meanwhile waits for the first.

        Errors: those of `carry_out`; UsageError when the key was given to another request; AskedBefore when the answer
        cannot be given any more.
        """
        with self.database.together() as session:
            session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.at) < at - KEPT))
            index, content = self._index(key), session.keys.blind("idempotent request", request.hex()).hex()
            if not session.insert_if_new(IdempotencyRow, {"key": index, "request": content, "at": at}):
                return _kept(session, session.get_one(IdempotencyRow, index), content), True
            answer = carry_out()
            row = session.get_one(IdempotencyRow, index)
            row.status = answer.status
            kept: dict[str, Any] = {"headers": answer.headers, "body": base64.b64encode(answer.body).decode()}
            row.document = session.seal(IdempotencyRow, (index,), kept)
            return answer, False

    def _index(self, key: str) -> str:
        return self.database.keys.blind("idempotency", key).hex()


def _kept(session: Transaction, row: IdempotencyRow, content: str) -> Answer:
    if row.request != content:
        raise UsageError("this Idempotency-Key was sent with another request: make a new key for each request")
    if row.status is None or row.document is None:
        raise AskedBefore("this request was carried out; its answer is gone, because somebody was erased since")
    kept = session.opened(row, mapping.OBJECT)
    return Answer(row.status, kept["headers"], base64.b64decode(kept["body"]))
