"""Error pages: what went wrong and what to do, in the visitor's language, without a trace of the program's insides."""

import traceback
from uuid import uuid4

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from loguru import logger
from nicegui import Client, html, ui
from nicegui import app as console
from starlette.exceptions import HTTPException

from models.errors import ArchiveUnavailable, NotAllowed, NotInArchive, SignInRefused, VoicebotError
from voicebot.console.frame import bare_page
from voicebot.console.visit import SEE_OTHER, View, sign_in_path, view

KNOWN = (403, 404, 410, 413, 429, 503)
"""Those with words of their own, `error.title_N` and `error.next_N`."""


def handle() -> None:
    """From now on every error of the console is one of these pages."""
    console.add_exception_handler(404, _http)  # in place of NiceGUI's own
    console.add_exception_handler(HTTPException, _http)
    console.add_exception_handler(RequestValidationError, _unreadable)
    console.add_exception_handler(VoicebotError, _voicebot)
    console.add_exception_handler(Exception, _unforeseen)
    console.on_page_exception(_while_drawn)


def error_page(request: Request, status: int, *, incident: str = "") -> Response:
    with Client(ui.page(""), request=request) as client:
        _content(view(request), status, incident)
    return client.build_response(request, status)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == SEE_OTHER:
        return Response(status_code=SEE_OTHER, headers=error.headers)
    response = error_page(request, error.status_code)
    response.headers.update(error.headers or {})
    return response


def _unreadable(request: Request, error: Exception) -> Response:
    return error_page(request, 400)


def _voicebot(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInRefused):
        return Response(status_code=SEE_OTHER, headers={"location": sign_in_path(view(request).path)})
    if isinstance(error, NotInArchive):
        return error_page(request, 404)
    if isinstance(error, NotAllowed):
        return error_page(request, 403)
    if isinstance(error, ArchiveUnavailable):
        logger.error("the console cannot read the archive: {}", error)
        return error_page(request, 503)
    return _unforeseen(request, error)


def _unforeseen(request: Request, error: Exception) -> Response:
    return error_page(request, 500, incident=logged(error))


def _while_drawn(error: Exception) -> None:
    request = ui.context.client.request
    assert request is not None
    _content(view(request), 500, logged(error))


def logged(error: Exception) -> str:
    """A number that is on the page and in the log. The error's own words may name somebody, and stay out of it."""
    incident = uuid4().hex[:8]
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{place[0].filename}:{place[0].lineno}" if place else "nowhere"
    logger.error("the console failed, incident {}: {} at {}", incident, type(error).__name__, where)
    return incident


def _content(seen: View, status: int, incident: str) -> None:
    known = str(status) if status in KNOWN else "500" if status >= 500 else "400"
    with bare_page(seen, seen.say(f"error.title_{known}")):
        html.p(seen.say(f"error.next_{known}"))
        if incident:
            html.p(seen.say("error.incident", incident=incident)).classes("muted")
        html.a(seen.say("error.home"), href="/").classes("button")
