"""In and out: the sign-in page, the page that makes the first admin, the language."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, html, ui

from models.errors import SignInRefused, TooManyAttempts, UsageError
from voicebot.api.v1.access import SESSION_COOKIE
from voicebot.api.v1.bodies import LONGEST
from voicebot.api.v1.session import enter
from voicebot.console import forms
from voicebot.console.frame import bare_page
from voicebot.console.texts import LANGUAGES
from voicebot.console.visit import (
    LANGUAGE_COOKIE,
    SEE_OTHER,
    Viewing,
    archive_of,
    from_our_own_page,
    local_path,
    sign_in_path,
)

YEAR_S = 365 * 24 * 3600
PROBLEMS = ("refused", "wait", "password", "link")
"""What a page may be told to say, as the text `sign_in.problem_ID`."""
Next = Annotated[str, Query(alias="next", max_length=2000)]


@ui.page("/sign-in")
def sign_in(seen: Viewing, next: Next = "/", problem: str = "", wait_s: int = 0) -> None:
    with bare_page(seen, seen.say("sign_in.title")):
        _problem(seen, problem, wait_s)
        with html.form(action="/sign-in", method="post").classes("form"):
            html.input_(type="hidden", name="next", value=local_path(next))
            forms.text("name", seen.say("sign_in.name"), required=True, autocomplete="username", autofocus=True)
            forms.text(
                "password",
                seen.say("sign_in.password"),
                kind="password",
                required=True,
                autocomplete="current-password",
            )
            html.button(seen.say("sign_in.go"), type="submit").classes("button")


@app.post("/sign-in", dependencies=[Depends(from_our_own_page)])
def take_sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=LONGEST)],
    password: Annotated[str, Form(max_length=LONGEST)],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    back = sign_in_path(local_path(next))
    return _entered(request, name, password, local_path(next), refused=back)


@app.post("/sign-out", dependencies=[Depends(from_our_own_page)])
def sign_out(request: Request) -> Response:
    archive_of(request).accounts.sign_out(request.cookies.get(SESSION_COOKIE, ""), datetime.now(UTC))
    response = RedirectResponse("/sign-in", SEE_OTHER)
    response.delete_cookie(SESSION_COOKIE)
    return response


@app.get("/language/{language}")
def choose_language(language: str, next: Next = "/") -> Response:
    if language not in LANGUAGES:
        raise HTTPException(404)
    response = RedirectResponse(local_path(next), SEE_OTHER)
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax")
    return response


def _no_users(request: Request) -> None:
    """The set-up page is gone for good once there is a user."""
    if archive_of(request).accounts.has_users():
        raise HTTPException(410)


@ui.page("/set-up", dependencies=[Depends(_no_users)])
def set_up(seen: Viewing, token: str = "", problem: str = "") -> None:
    with bare_page(seen, seen.say("set_up.title")):
        html.p(seen.say("set_up.about"))
        _problem(seen, problem, 0)
        with html.form(action="/set-up", method="post").classes("form"):
            html.input_(type="hidden", name="token", value=token)
            forms.text("name", seen.say("sign_in.name"), required=True, autocomplete="username", autofocus=True)
            forms.text(
                "password", seen.say("set_up.password"), kind="password", required=True, autocomplete="new-password"
            )
            html.p(seen.say("set_up.rule")).classes("muted")
            html.button(seen.say("set_up.go"), type="submit").classes("button")


@app.post("/set-up", dependencies=[Depends(from_our_own_page), Depends(_no_users)])
def take_set_up(
    request: Request,
    token: Annotated[str, Form(max_length=200)],
    name: Annotated[str, Form(max_length=LONGEST)],
    password: Annotated[str, Form(max_length=LONGEST)],
) -> Response:
    accounts, now = archive_of(request).accounts, datetime.now(UTC)
    try:
        accounts.create_first_admin(token, name, password, now)
    except SignInRefused:
        return _with("/set-up", "link")
    except UsageError:
        return _with(f"/set-up?token={token}" if token.replace(".", "").isalnum() else "/set-up", "password")
    return _entered(request, name, password, "/", refused="/sign-in")


def _entered(request: Request, name: str, password: str, path: str, *, refused: str) -> Response:
    response = RedirectResponse(path, SEE_OTHER)
    try:
        enter(request, response, archive_of(request), name, password, datetime.now(UTC))
    except SignInRefused:
        return _with(refused, "refused")
    except TooManyAttempts as error:
        return _with(refused, f"wait&wait_s={error.retry_after_s}")
    return response


def _with(path: str, problem: str) -> Response:
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}problem={problem}", SEE_OTHER)


def _problem(seen: Viewing, problem: str, wait_s: int) -> None:
    if problem in PROBLEMS:
        html.p(seen.say(f"sign_in.problem_{problem}", seconds=wait_s), role="alert").classes("problem")
