"""Who looks at a page, and how they want to see it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Annotated, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Depends, HTTPException, Request
from nicegui import ui

from models.accounts import Principal, Scope
from models.errors import NotAllowed, NotInArchive, SignInRefused, VoicebotError
from voicebot.api.v1.access import SESSION_COOKIE, refuse_foreign
from voicebot.archive.store import Archive
from voicebot.console.texts import Texts, preferred
from voicebot.settings import Settings
from voicebot.wiring import Parts

LANGUAGE_COOKIE = "voicebot_language"
ZONE_COOKIE = "voicebot_zone"
SEE_OTHER = 303
MOST_JOBS = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """How somebody wants to see a page, whether they are signed in or not."""

    say: Texts
    zone: tzinfo
    path: str
    """Of the page, with its query."""

    @property
    def zone_name(self) -> str:
        """As people know it: Europe/Berlin, or UTC+02:00."""
        return getattr(self.zone, "key", None) or str(self.zone)

    def moment(self, at: datetime) -> str:
        return self.say.moment(at.astimezone(self.zone))

    def day(self, at: datetime) -> str:
        return self.say.day(at.astimezone(self.zone))


@dataclass(frozen=True, slots=True)
class Visit(View):
    """Somebody who is signed in looks at a page."""

    archive: Archive
    settings: Settings
    parts: Parts | None
    """What calls are held with; None in a process that holds none."""
    principal: Principal
    _token: str = field(repr=False)

    def may(self, scope: Scope) -> bool:
        return self.principal.may(scope)

    def now(self) -> datetime:
        """In the visitor's time zone."""
        return datetime.now(UTC).astimezone(self.zone)

    def jobs(self) -> dict[str, str]:
        """The titles of the jobs whose interviews they see, newest first, by id."""
        found = self.archive.jobs.list(MOST_JOBS)
        return {job.id: job.title for job in found if self.principal.sees(job.id)}

    async def act(self, scope: Scope, work: Callable[[Principal, datetime], T]) -> T | None:
        """Does `work` in a thread, if they are still signed in and may; says what went wrong, and gives None then.

        A VoicebotError that `work` wants to deal with itself it must catch itself.
        """
        try:
            return await asyncio.to_thread(self._checked, scope, work)
        except SignInRefused:
            ui.navigate.to(sign_in_path(self.path))
        except NotAllowed:
            ui.notify(self.say("error.not_allowed"), type="negative")
        except NotInArchive:
            ui.notify(self.say("error.gone"), type="negative")
        except VoicebotError as error:
            ui.notify(self.say("error.failed", message=self.say.error(error)), type="negative", multi_line=True)
        return None

    def _checked(self, scope: Scope, work: Callable[[Principal, datetime], T]) -> T:
        now = datetime.now(UTC)
        principal = self.archive.accounts.signed_in(self._token, now)
        if not principal.may(scope):
            raise NotAllowed(f"{principal.actor} may not do this: it needs the scope {scope}")
        return work(principal, now)


def archive_of(request: Request) -> Archive:
    archive: Archive = request.app.state.archive
    return archive


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def view(request: Request) -> View:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    accepted = request.headers.get("accept-language", "")
    language = preferred(request.cookies.get(LANGUAGE_COOKIE), accepted)
    return View(Texts(language), _zone(request.cookies.get(ZONE_COOKIE)), path)


def visit(request: Request) -> Visit:
    """Errors: HTTPException that leads to the sign-in page."""
    seen, archive, token = view(request), archive_of(request), request.cookies.get(SESSION_COOKIE, "")
    try:
        principal = archive.accounts.signed_in(token, datetime.now(UTC))
    except SignInRefused:
        back = seen.path if request.method == "GET" else "/"
        raise HTTPException(SEE_OTHER, headers={"location": sign_in_path(back)}) from None
    state = request.app.state
    return Visit(seen.say, seen.zone, seen.path, archive, state.settings, state.parts, principal, token)


def may(scope: Scope) -> Callable[[Visit], Visit]:
    """A dependency that refuses who may not do this. Errors: HTTPException 403."""

    def allowed(visit: Visiting) -> Visit:
        if not visit.may(scope):
            raise HTTPException(403)
        return visit

    return allowed


Viewing = Annotated[View, Depends(view)]
Visiting = Annotated[Visit, Depends(visit)]


def from_our_own_page(request: Request) -> None:
    """A dependency of whatever changes something: no other site's page may have sent it. Errors: HTTPException 403."""
    try:
        refuse_foreign(request)
    except NotAllowed:
        raise HTTPException(403) from None


def sign_in_path(back: str) -> str:
    return f"/sign-in?next={quote(back)}" if back != "/" else "/sign-in"


def local_path(path: str) -> str:
    """`path` when it leads to a page of ours, else the first page."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"


def _zone(name: str | None) -> tzinfo:
    """The browser's time zone, else the server's."""
    try:
        return ZoneInfo(name) if name else _SERVERS
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _SERVERS


_SERVERS = datetime.now(UTC).astimezone().tzinfo or UTC
