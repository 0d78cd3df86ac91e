"""Where Twilio comes in: webhooks about a call, and its media stream. Nothing is done for a request it did not sign."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket
from loguru import logger

from models.errors import MalformedMessage
from telephony.answered_by import AnsweredBy
from telephony.twilio.gateway import ANSWERED_BY_PATH, MEDIA_PATH, STATUS_PATH, TwilioGateway
from telephony.twilio.webhooks import Form, answered_by, is_genuine, status_report

MOST_BYTES = 65_536
"""A webhook has about a thousand."""
MOST_FIELDS = 200
"""A webhook has about thirty."""


def router(
    gateway: TwilioGateway,
    take_stream: Callable[[WebSocket], Awaitable[None]],
    answered: Callable[[str, AnsweredBy], None],
) -> APIRouter:
    """`take_stream` holds the call that a media stream brings; `answered` hears who picked up, by attempt id."""
    routes = APIRouter(include_in_schema=False)

    async def signed_form(request: Request) -> Form:
        fields = await _fields(request)
        query = f"?{request.url.query}" if request.url.query else ""
        _check(gateway, gateway.account.webhook_url(request.url.path + query), fields, request.headers)
        return fields

    @routes.post(STATUS_PATH + "{attempt_id}", status_code=204)
    async def status(attempt_id: str, request: Request) -> Response:
        try:
            gateway.report(attempt_id, status_report(await signed_form(request)))
        except MalformedMessage as error:
            raise HTTPException(400, str(error)) from error
        return Response(status_code=204)

    @routes.post(ANSWERED_BY_PATH + "{attempt_id}", status_code=204)
    async def who_answered(attempt_id: str, request: Request) -> Response:
        try:
            answered(attempt_id, answered_by(await signed_form(request)))
        except MalformedMessage as error:
            raise HTTPException(400, str(error)) from error
        return Response(status_code=204)

    @routes.websocket(MEDIA_PATH)
    async def media(socket: WebSocket) -> None:
        try:
            _check(gateway, gateway.account.stream_url(MEDIA_PATH), {}, socket.headers)
        except HTTPException:
            await socket.close()  # before it is accepted: the upgrade is answered with 403
            return
        await take_stream(socket)

    return routes


async def _fields(request: Request) -> Form:
    """Raises HTTPException when the body is no form of a sensible size."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"a webhook has at most {MOST_BYTES} bytes")
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "the body is not a form") from error


def _check(gateway: TwilioGateway, url: str, form: Form, headers: Mapping[str, str]) -> None:
    """Raises HTTPException 403 when this is not Twilio's."""
    if not is_genuine(gateway.account, url, form, headers):
        logger.warning("refused a request without Twilio's signature; if it was Twilio's, mend VOICEBOT_PUBLIC_URL")
        raise HTTPException(403, "not signed by Twilio for this address")
