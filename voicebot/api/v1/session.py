"""Signing in with a browser, and out."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from models.accounts import Principal
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import LONGEST, Body, Password
from voicebot.api.v1.me import Me
from voicebot.archive.sign_in import ABSOLUTE
from voicebot.archive.store import Archive

router = APIRouter(prefix="/session", tags=["session"])
_DEVICE_LIFE_S = 180 * 24 * 3600


class Credentials(Body):
    name: str = Field(max_length=LONGEST, examples=["mia"])
    password: Password


@router.post(
    "",
    operation_id="signIn",
    summary="Sign in with name and password",
    dependencies=[Depends(access.count_stranger)],
)
def sign_in(body: Credentials, request: Request, response: Response, archive: access.TheArchive, now: access.Now) -> Me:
    """Sets the cookie `voicebot_session`. It is good for 12 hours, and for 30 minutes after the last request.

    Wrong passwords cost time: 429 says in `Retry-After` how many seconds.
    """
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        access.refuse_foreign(request)
    return Me.of(enter(request, response, archive, body.name, body.password.get_secret_value(), now))


@router.delete("", status_code=204, operation_id="signOut", summary="Sign out")
def sign_out(request: Request, response: Response, archive: access.TheArchive, now: access.Now) -> None:
    if token := request.cookies.get(access.SESSION_COOKIE):
        access.refuse_foreign(request)
        archive.accounts.sign_out(token, now)
    response.delete_cookie(access.SESSION_COOKIE)


def enter(request: Request, response: Response, archive: Archive, name: str, password: str, at: datetime) -> Principal:
    """Signs somebody in, and gives their browser its cookies. Errors: SignInRefused, TooManyAttempts."""
    accounts, device = archive.accounts, request.cookies.get(access.DEVICE_COOKIE, "")
    token = accounts.sign_in(name, password, at, address=access.address(request), device=device)
    principal = accounts.signed_in(token, at)
    assert principal.user_id
    cookies = {
        access.SESSION_COOKIE: (token, int(ABSOLUTE.total_seconds())),
        access.DEVICE_COOKIE: (accounts.known_device(principal.user_id), _DEVICE_LIFE_S),
    }
    for cookie, (value, life_s) in cookies.items():
        secure = request.url.scheme == "https"
        response.set_cookie(cookie, value, max_age=life_s, httponly=True, samesite="lax", secure=secure)
    return principal
