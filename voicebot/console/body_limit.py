"""No request's body goes on for ever."""

from fastapi import HTTPException  # FastAPI takes only its own for an answer while it reads a body
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 << 20
"""A list of candidates is the largest that anybody sends; twenty thousand lines have about two million."""


class BodyLimit:
    """Whoever reads a longer body gets HTTPException 413 instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413, headers={"connection": "close"})
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
