"""What programs, and the console, ask: /api/v1. It needs the archive and no speech models.

A resource is a module with a `router`; here it is one line. `access.allowed(Scope.X)` guards each of its endpoints, and
the table of tests/unit/voicebot/api/test_roles.py says who gets in.
"""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from voicebot.api.v1 import (
    audit,
    candidates,
    description,
    flows,
    imports,
    interviews,
    jobs,
    keys,
    links,
    me,
    problems,
    recordings,
    reviews,
    searches,
    session,
    users,
    webhooks,
    wishes,
)  # fmt: skip
from voicebot.api.v1.rate_limit import RateLimit
from voicebot.api.v1.shell import Shell
from voicebot.archive.store import Archive
from voicebot.settings import Settings

PREFIX = "/api/v1"
LARGER = {"/candidates/import": imports.MOST_BYTES, **dict.fromkeys(("/flows", "/flows/lint"), flows.MOST_BYTES)}
"""Paths, without the prefix, whose bodies may have so many bytes."""
_RESOURCES = (
    *(session, me, users, keys, audit),
    *(jobs, imports, candidates, links, wishes, interviews, reviews, searches, recordings, flows, webhooks),
)
ROUTERS = tuple(each.router for each in _RESOURCES)


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
