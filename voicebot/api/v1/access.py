"""Who is asking, and whether they may."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from models.accounts import Principal, Scope
from models.errors import NotAllowed, SignInRefused, TooManyAttempts
from voicebot.api.v1.rate_limit import RateLimit
from voicebot.archive.store import Archive
from voicebot.archive.throttle import place

SESSION_COOKIE = "voicebot_session"
DEVICE_COOKIE = "voicebot_device"
_SAFE = ("GET", "HEAD", "OPTIONS")
_KEY = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="As `voicebot key add` makes it",
    bearerFormat="vb_…",
)
_SESSION = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="What signing in to the console sets"
)


def archive(request: Request) -> Archive:
    found: Archive = request.app.state.archive
    return found


def now() -> datetime:
    return datetime.now(UTC)


TheArchive = Annotated[Archive, Depends(archive)]
Now = Annotated[datetime, Depends(now)]


@dataclass(frozen=True, slots=True)
class allowed:
    """A dependency that gives whoever is asking, if they may do `scope`; None: anybody who is signed in.

    Errors: SignInRefused, NotAllowed, TooManyAttempts.
    """

    scope: Scope | None = None

    def __call__(
        self,
        request: Request,
        now: Now,
        key: Annotated[HTTPAuthorizationCredentials | None, Security(_KEY)],
        session: Annotated[str | None, Security(_SESSION)],
    ) -> Principal:
        found = _known(request, now, key, session)
        if self.scope is not None and not found.may(self.scope):
            raise NotAllowed(f"this needs the scope {self.scope}, which {found.actor} does not have")
        return found


SignedIn = Annotated[Principal, Depends(allowed())]


def address(request: Request) -> str:
    """The client's; behind a proxy on this machine, or one named in FORWARDED_ALLOW_IPS, the one it tells."""
    return request.client.host if request.client else ""


def count_stranger(request: Request) -> None:
    """Counts a request of somebody who has not proven who they are. Errors: TooManyAttempts."""
    _count(request, request.app.state.strangers, place(address(request)))


def refuse_foreign(request: HTTPConnection) -> None:
    """Errors: NotAllowed when another site's page makes the browser ask. Its cookies come along by themselves."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    host = request.headers.get("host")
    same = site == "same-origin" if site else bool(host) and origin.partition("://")[2] == host
    if not same:
        raise NotAllowed("this was asked by another site's page, or by a program with a cookie: use a key instead")


def _known(request: Request, at: datetime, key: HTTPAuthorizationCredentials | None, session: str | None) -> Principal:
    accounts = archive(request).accounts
    try:
        if "authorization" in request.headers:
            if key is None:
                raise SignInRefused("send the key as `Authorization: Bearer vb_…`")
            found = accounts.with_key(key.credentials, at)
        elif session:
            found = accounts.signed_in(session, at)
        else:
            raise SignInRefused("sign in, or send a key: `Authorization: Bearer vb_…`")
    except SignInRefused:
        count_stranger(request)
        raise
    _count(request, request.app.state.principals, found.actor)
    if key is None and request.method not in _SAFE:
        refuse_foreign(request)
    return found


def _count(request: Request, limit: RateLimit, who: str) -> None:
    try:
        request.state.rate = limit.take(who)
    except TooManyAttempts as error:
        request.state.rate = limit.exhausted(error)
        raise
