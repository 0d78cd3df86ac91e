"""ETags: what somebody has already need not be sent again, and nobody changes what they have not seen (RFC 9110)."""

import hashlib
import re
from collections.abc import Mapping

from fastapi import HTTPException, Request, Response
from pydantic import BaseModel

MEDIA_TYPE = "application/json"
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def of(body: BaseModel) -> str:
    return tag(body.model_dump_json().encode())


def read(request: Request, body: BaseModel) -> Response:
    """The answer to a GET: the body, or 304 when they have it already."""
    content = body.model_dump_json().encode()
    etag = tag(content)
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(content, media_type=MEDIA_TYPE, headers={"ETag": etag})


def answer(
    body: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None, etag: str | None = None
) -> Response:
    """The answer to a change: what it has become."""
    content = body.model_dump_json().encode()
    return Response(content, status, {"ETag": etag or tag(content), **(headers or {})}, MEDIA_TYPE)


def matches(header: str, etag: str) -> bool:
    """Whether a list of ETags, or `*`, has this one."""
    return header.strip() == "*" or etag in {found.removeprefix("W/") for found in _TAG.findall(header)}


def require(request: Request, etag: str, *, needed: bool = False) -> None:
    """Raises HTTPException 412 when If-Match names another version, and 428 when it is `needed` and missing."""
    header = request.headers.get("if-match")
    if header is None:
        if needed:
            raise HTTPException(428, "send the ETag of what you saw as If-Match, so that nobody's change is lost")
    elif header.strip() != "*" and etag not in _strong(header):
        raise HTTPException(412, "it has changed since you saw it: read it again, then change it")


def _strong(header: str) -> set[str]:
    return {found for found in _TAG.findall(header) if not found.startswith("W/")}
