"""The web application: where carriers bring their media streams, and the API beside it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect
from loguru import logger

from models.errors import ArchiveError, MalformedMessage, NoFreeSlot, TokenRefused
from telephony import media_stream as wire
from telephony import token
from voicebot.api import v1
from voicebot.api.candidate.routes import router as candidate_page
from voicebot.call import run_call
from voicebot.conversation import CallObserver, Unobserved
from voicebot.pipeline.media_stream import MediaStreamTransport
from voicebot.wiring import Parts

if TYPE_CHECKING:
    from telephony.twilio import TwilioGateway

START_TIMEOUT_S = 5
"""A stream must say whose call it is within this time."""
NORMAL, GOING_AWAY = 1000, 1001
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013
"""WebSocket close codes for a stream that is not admitted, or not now."""

Observe = Callable[[str], CallObserver]
"""The observer of the call that an interview, given by its id, is held in."""


def create_app(
    parts: Parts,
    observe: Observe = lambda interview_id: Unobserved(),
    *,
    twilio: "TwilioGateway | None" = None,
    beside: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext,
    api: bool = True,
) -> FastAPI:
    """`twilio`: the account whose webhooks and streams are taken too. `beside`: runs as long as the application. `api`:
    whether programs, and candidates with a link, are served too."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with beside():
            yield

    app = FastAPI(title="voicebot gateway", openapi_url=None, lifespan=lifespan)

    @app.get("/healthz")
    async def healthz(response: Response) -> dict[str, str]:
        if parts.live_calls.closed:
            response.status_code = 503
            return {"status": "stopping"}
        return {"status": "ok"}

    @app.websocket("/media")
    async def media(socket: WebSocket) -> None:
        await take_stream(parts, socket, observe)

    if twilio is not None:
        from voicebot.api.twilio import router

        app.include_router(router(twilio, media, parts.live_calls.answered))
    if api:
        app.include_router(candidate_page(parts.archive, parts.settings))
        app.mount(v1.PREFIX, v1.create_api(parts.archive, parts.settings))
    return app


async def take_stream(parts: Parts, socket: WebSocket, observe: Observe) -> None:
    """Holds the call that a media stream brings, if it is let in; returns when that has been filed.

    A call whose server gives up on it is a line that went dead: it is closed, and filed, like any other.
    """
    call = asyncio.create_task(_hold(parts, socket, observe), name="call")
    try:
        await asyncio.shield(call)
    except asyncio.CancelledError:
        await close(socket, GOING_AWAY)
        await call
        raise


async def _hold(parts: Parts, socket: WebSocket, observe: Observe) -> None:
    await socket.accept()
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            start = await _read_start(socket)
        attempt_id = token.verify(parts.token_secret, start.custom_parameters.get("token", ""), time.time())
        with parts.live_calls.slot(attempt_id):
            ticket = await asyncio.to_thread(parts.archive.redeem_attempt, attempt_id, datetime.now(UTC))
            line = MediaStreamTransport(socket, start.stream_sid)
            await run_call(parts, line, ticket, observe(ticket.interview_id))
    except NoFreeSlot as error:
        logger.warning("media stream refused: {}", error)
        await close(socket, TRY_AGAIN_LATER)
    except (MalformedMessage, TokenRefused, ArchiveError, TimeoutError, WebSocketDisconnect) as error:
        logger.warning("media stream refused: {}", error or f"no start message within {START_TIMEOUT_S} s")
        await close(socket, POLICY_VIOLATION)
    else:
        await close(socket, NORMAL)


async def close(socket: WebSocket, code: int = NORMAL) -> None:
    """Whatever state it is in."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
        await socket.close(code)


async def _read_start(socket: WebSocket) -> wire.StartBody:
    """The stream's start message; `connected` may come before it. Raises MalformedMessage."""
    for _ in range(2):
        message = wire.from_carrier(await _receive_text(socket))
        if isinstance(message, wire.Start):
            return message.start
    raise MalformedMessage("the stream did not begin with a start message")


async def _receive_text(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None:
        raise MalformedMessage("media stream message is binary; expected JSON text")
    return str(text)
