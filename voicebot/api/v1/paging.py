"""Lists, a page at a time. A cursor says where to go on; it is ours alone to read, and good for its own list alone."""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from models.archive import Position
from voicebot.api.v1 import access, etags

T = TypeVar("T")
Row = TypeVar("Row")
MOST = 200
"""Items of a page."""
_SIGNED = 16
"""Bytes of the signature: as hard to guess as a key of AES-128."""


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Send it as `cursor` for the next page; null: there is none")


@dataclass(frozen=True, slots=True)
class Paging:
    """What a request says of the page that it wants."""

    request: Request
    archive: access.TheArchive
    limit: int
    after: str | None
    """Where the page before ended; None: the first page."""

    @property
    def position(self) -> Position | None:
        if self.after is None:
            return None
        at, _, row_id = self.after.partition(" ")
        return Position(datetime.fromisoformat(at), row_id)

    def cut(
        self, rows: Sequence[Row], item: Callable[[Row], T], place: Callable[[Row], str], kind: type[Page[T]]
    ) -> Response:
        """The answer: the first `limit` of the rows, of which there is one more when there is another page."""
        items = list(map(item, rows[: self.limit]))
        more = len(rows) > self.limit
        return self.answer(kind, items, place(rows[self.limit - 1]) if more else None)

    def answer(self, kind: type[Page[T]], items: list[T], ends: str | None) -> Response:
        """`ends`: where this page ended, if there is another."""
        cursor = None if ends is None else _signed(self, ends)
        answer = etags.read(self.request, kind(items=items, next=cursor))
        if cursor is not None:
            path = self.request.scope["path"]
            query = urlencode([*_query(self.request), ("limit", str(self.limit)), ("cursor", cursor)])
            answer.headers["Link"] = f'<{path}?{query}>; rel="next"'
        return answer


def place(at: datetime, row_id: str) -> str:
    return f"{at.isoformat()} {row_id}"


def paging(
    request: Request,
    archive: access.TheArchive,
    limit: Annotated[int, Query(ge=1, le=MOST, description="The most items of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
) -> Paging:
    """Raises HTTPException 400 when the cursor is not one of this list."""
    asked = Paging(request, archive, limit, None)
    if cursor is None:
        return asked
    try:
        claim = base64.urlsafe_b64decode(cursor.encode("ascii"))
        after = claim[:-_SIGNED].decode()
    except ValueError:
        after = ""
    if not after or not hmac.compare_digest(_signed(asked, after), cursor):
        raise HTTPException(400, "this cursor is not one of this list with these filters: begin again without it")
    return Paging(request, archive, limit, after)


Paged = Annotated[Paging, Depends(paging)]


def _signed(paging: Paging, after: str) -> str:
    asked = urlencode(sorted(_query(paging.request)))
    claim = f"{paging.request.scope['path']}?{asked} {after}"
    signature = bytes.fromhex(paging.archive.signature("cursor", claim))[:_SIGNED]
    return base64.urlsafe_b64encode(after.encode() + signature).decode()


def _query(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "limit")]
