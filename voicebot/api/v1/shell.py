"""What is around every request: an id, headers, and what happens when the code fails or the body has no end."""

import traceback
from collections.abc import Mapping
from uuid import uuid4

from fastapi import HTTPException
from loguru import logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.api.v1 import problems

MOST_BYTES = 1_048_576
"""Of a request's body, unless its path is among those that take more."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Unless the answer has its own. These follow OWASP's REST security cheat sheet."""
_STRICT_TRANSPORT = "max-age=31536000"


class Shell:
    """`request.state.id` is the request's id; what somebody puts as `request.state.rate` is told in the headers."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """`larger`: the most bytes for paths that take more than `MOST_BYTES`."""
        self._app = app
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["id"] = uuid4().hex[:12]
        begun = False

        async def send_more(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _headers(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), send_more)
        except ClientDisconnect:
            return
        except HTTPException as error:  # the body is too large and nobody has begun to read it
            await problems.of_http(error)(scope, receive, send_more)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error(
                "request {} failed: {} at {}:{}", state["id"], type(error).__name__, place.filename, place.lineno
            )
            if begun:
                raise RuntimeError(f"request {state['id']} failed half-way") from None
            failed = problems.answer(
                problems.FAILED, "the operator finds the reason in the log", failure=str(state["id"])
            )
            await failed(scope, receive, send_more)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Raises HTTPException 413 before more than the most is taken, and at once where the length is given."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        most, taken = self._larger.get(path, MOST_BYTES), 0
        refused = HTTPException(413, f"the body may have {most} bytes at most", {"Connection": "close"})
        given = Headers(scope=scope).get("content-length", "0")
        if not given.isdecimal() or int(given) > most:
            raise refused

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise refused
            return message

        return counted


def _headers(scope: Scope) -> dict[str, str]:
    rate = scope["state"].get("rate")
    more = {"X-Request-Id": str(scope["state"]["id"])} | (rate.headers if rate else {})
    if scope["scheme"] == "https":
        more["Strict-Transport-Security"] = _STRICT_TRANSPORT
    return HEADERS | more
