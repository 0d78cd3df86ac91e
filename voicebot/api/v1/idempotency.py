"""A request that is sent twice is carried out once: the header `Idempotency-Key` of the IETF's draft."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from models.accounts import Principal
from voicebot.api.v1 import access
from voicebot.archive.answered import Answer
from voicebot.archive.store import Archive

_KEPT_HEADERS = ("content-type", "location", "etag")

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="A new one for each request, such as a UUID: sent again within 24 hours, the request is not "
        "carried out again, and has the same answer",
        examples=["6f1c2a34-0b1d-4c55-9d0e-0a5f1b2c3d4e"],
    ),
]


@dataclass(frozen=True, slots=True)
class Once:
    """Carries a request out, unless that has been done."""

    archive: Archive
    at: datetime
    key: str | None
    request: bytes
    """All of it that makes it another request."""

    def __call__(self, principal: Principal, carry_out: Callable[[], Response]) -> Response:
        """Errors: those of `carry_out`; UsageError when the key came with another request; AskedBefore."""
        if self.key is None:
            return carry_out()
        answer, before = self.archive.answered.once(
            f"{principal.actor}\n{self.key}", self.request, self.at, lambda: _answer(carry_out())
        )
        replayed = {"Idempotency-Replayed": "true"} if before else {}
        return Response(answer.body, answer.status, answer.headers | replayed)


def _answer(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, headers, bytes(response.body))


async def _once(request: Request, archive: access.TheArchive, now: access.Now, key: Key = None) -> Once:
    conditions = request.headers.get("if-match", "")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n{conditions}\n".encode()
    return Once(archive, now, key, asked + await request.body())


CarriedOutOnce = Annotated[Once, Depends(_once)]
