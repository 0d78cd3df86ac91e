"""/c/TOKEN: the token is who they are, so it is also what keeps other sites' forms out. Reading changes nothing: what
opens links in messages to look at them agrees to nothing."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from loguru import logger

from models.errors import EnoughWishes, LinkExpired, LinkRefused, OptedOut, TooManyAttempts, VoicebotError
from models.invitation import WishKind
from voicebot.api.candidate.page import HEADERS, Page, plain
from voicebot.api.candidate.wording import language
from voicebot.api.copies import copy_of
from voicebot.api.v1.access import address
from voicebot.api.v1.rate_limit import RateLimit
from voicebot.archive.invitations import CALL, CANDIDATE, RECORDING
from voicebot.archive.store import Archive
from voicebot.archive.throttle import place
from voicebot.settings import Settings

PREFIX = "/c/"
MOST_BYTES = 16_384
"""A form of this page: nearly all of it is what they write, of which a Chinese character takes nine."""
MOST_WORDS = 1000
"""Characters of what they write."""
_MOST_FIELDS = 10
_DONE = ("agree", "withdraw", "stop", *WishKind)
"""What can be done here; the page says `done_…` of it."""
_FAULTS: tuple[tuple[type[VoicebotError], int, str], ...] = (
    (LinkExpired, 410, "expired"),
    (LinkRefused, 404, "refused"),
    (TooManyAttempts, 429, "busy"),
    (OptedOut, 409, "faulty"),
    (EnoughWishes, 409, "faulty"),
    (VoicebotError, 503, "faulty"),
)


def router(archive: Archive, settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    limit = RateLimit(settings.api_strangers_per_minute)

    def answered(request: Request, act: Callable[[str], Response]) -> Response:
        """`act`, given the language; a page that says so when the link is no good or something fails."""
        spoken = language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        try:
            limit.take(place(address(request)))
            response = act(spoken)
        except VoicebotError as error:
            status, key = next((status, key) for kind, status, key in _FAULTS if isinstance(error, kind))
            if status >= 500:
                logger.error("a candidate's page failed: {}", error)
            response = HTMLResponse(plain(spoken, key), status)
            if isinstance(error, TooManyAttempts):
                response.headers["Retry-After"] = str(error.retry_after_s)
        response.headers.update(HEADERS)
        return response

    def page(token: str, spoken: str) -> Page:
        return Page(archive.invitations.open(token, datetime.now(UTC)), settings, spoken)

    @routes.get(PREFIX + "{token}")
    def show(token: str, request: Request, done: str = "") -> Response:
        said = f"done_{done}" if done in _DONE else None
        return answered(request, lambda spoken: HTMLResponse(page(token, spoken).html(said)))

    @routes.post(PREFIX + "{token}")
    async def act(token: str, request: Request) -> Response:
        form = await _form(request)

        def done(spoken: str) -> Response:
            asked, now = form.get("do", ""), datetime.now(UTC)
            shown = page(token, spoken)
            if asked == "copy":
                return copy_of(archive, shown.invitation.person.id, CANDIDATE, now, "voicebot-data.zip")
            if asked not in _DONE:
                return HTMLResponse(plain(spoken, "faulty"), 400)
            if asked == "agree":
                if form.get("shown") != shown.shown():
                    return HTMLResponse(shown.html("text_changed"), 409)
                texts = shown.texts()
                agreed = (CALL, RECORDING) if form.get("recording") == "yes" else (CALL,)
                archive.invitations.agree(token, {purpose: texts[purpose] for purpose in agreed}, now)
            elif asked == "withdraw":
                archive.invitations.withdraw(token, now)
            elif asked == "stop":
                archive.invitations.opt_out(token, now)
            else:
                archive.invitations.ask(token, WishKind(asked), form.get("words", "").strip()[:MOST_WORDS], now)
            return RedirectResponse(f"?lang={spoken}&done={asked}", 303)

        return await asyncio.to_thread(answered, request, done)

    return routes


async def _form(request: Request) -> dict[str, str]:
    """The fields, or nothing where the body is no form of a sensible size."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return {}
    try:
        fields = parse_qs(body.decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
