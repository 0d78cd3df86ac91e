"""What programs, and the console, ask: /api/v1. It needs the archive and no speech models.

A resource is a module with a `router`; here it is one line. `access.allowed(Scope.X)` guards each of its endpoints, and
the tables in tests/unit/voicebot/api/roles say who gets in.
"""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from voicebot.api.v1 import audit, description, keys, links, me, problems, session, users, webhooks
from voicebot.api.v1.rate_limit import RateLimit
from voicebot.api.v1.shell import Shell
from voicebot.archive.store import Archive
from voicebot.settings import Settings

PREFIX = "/api/v1"
LARGER: dict[str, int] = {}
"""Paths, without the prefix, whose bodies may have so many bytes."""
ROUTERS = (
    session.router,
    me.router,
    users.router,
    keys.router,
    audit.router,
    webhooks.router,
    links.router,
)


def create_api(archive: Archive, settings: Settings) -> FastAPI:
    """To be mounted at `PREFIX`."""
    api = FastAPI(
        title="voicebot",
        version=version("voicebot"),
        summary="Phone interviews: whom to call, what was said, what it is worth, and what people decided.",
        docs_url=None,
        redoc_url=None,
        responses=problems.RESPONSES,
        middleware=[Middleware(Shell, larger=LARGER)],
    )
    api.state.archive = archive
    api.state.settings = settings
    api.state.principals = RateLimit(settings.api_requests_per_minute)
    api.state.strangers = RateLimit(settings.api_strangers_per_minute)
    api.state.routers = ROUTERS
    problems.install(api)
    for router in ROUTERS:
        api.include_router(router)
    description.complete(api, ROUTERS)
    return api
