"""Every route of the application with everybody who could ask for it.

Each file in roles/ has a list of rows, and each row is a route:

    route:   method and path; WS for a websocket
    scope:   what it needs; a key with this scope alone (`key`) gets in, one with all the others (`other_key`) does not
    may:     who gets in, of admin, recruiter, assigned, unassigned (reviewers), key, other_key
    hidden:  for whom what they ask for does not exist: 404
    but:     statuses of those who are treated otherwise
    status:  of who gets in, 200 otherwise
    body:    JSON; query: parameters; headers: more of them. "$n" is another number for each request, "$job_id" and
             the like are the ids of conftest.World, as they are in paths
    path:    other values for the path than those ids
    public:  the same for everybody
    token:   it needs a token of its own, which other tests are about

Who is known and may not gets 403. A candidate with a link, nobody, and a session that has ended get 401.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from starlette.routing import Mount, Route, WebSocketRoute

from models.accounts import Scope

KNOWN = ("unassigned", "assigned", "recruiter", "admin", "key", "other_key")
STRANGERS = ("link", "nobody", "expired")
FIELDS = {"route", "scope", "may", "hidden", "but", "status", "body", "query", "headers", "path", "public", "token"}
ROWS: list[dict[str, Any]] = [
    row for file in sorted(Path(__file__).parent.glob("roles/*.yaml")) for row in yaml.safe_load(file.read_text())
]
_number = count()


def routes(of: Any, prefix: str = "") -> Iterator[str]:
    """Every route as a row names it."""
    for route in of:
        if hasattr(route, "original_router"):  # a router that FastAPI has included, whose routes have their prefix
            yield from routes(route.original_router.routes, prefix)
        elif isinstance(route, Mount):
            yield from routes(route.routes, prefix + route.path)
        elif isinstance(route, WebSocketRoute):
            yield f"WS {prefix}{route.path}"
        elif isinstance(route, Route):
            yield from (f"{method} {prefix}{route.path}" for method in (route.methods or set()) - {"HEAD"})
        else:
            raise AssertionError(f"a kind of route that this walk does not know: {route!r}")


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    rows = [row["route"] for row in ROWS]
    assert sorted(rows) == sorted(set(routes(app.routes)))
    assert {field for row in ROWS for field in row} <= FIELDS


def expected(row: dict[str, Any], who: str) -> int:
    status: int = row.get("status", 200)
    if who in row.get("but", {}):
        return int(row["but"][who])
    if row.get("public") or who in row["may"] or (who == "key" and "scope" in row):
        return status
    if who in STRANGERS:
        return 401
    return 404 if who in row.get("hidden", ()) else 403


def filled_in(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled_in(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, names) for each in value]
    return Template(value).substitute(names) if isinstance(value, str) else value


@pytest.mark.parametrize("row", [pytest.param(row, id=row["route"]) for row in ROWS if not row.get("token")])
async def test_who_gets_in(row: dict[str, Any], client: httpx.AsyncClient, world: Any, archive: Any) -> None:
    needs = row.get("scope")
    scopes = {"key": {Scope(needs) if needs else Scope.JOBS_READ}, "other_key": set(Scope) - {needs}}
    headers = {who: {"Cookie": f"voicebot_session={token}"} for who, token in world.sessions.items()}
    for who, each in scopes.items():
        _, secret = archive.accounts.create_key(who, each, "cli:op", datetime.now(UTC))
        headers[who] = {"Authorization": f"Bearer {secret}"}
    headers |= {"link": {"Authorization": f"Bearer {world.link}"}, "nobody": {}}
    method, path = row["route"].split()
    got = {}
    for who in (*STRANGERS, "other_key", *KNOWN[:-1]):  # who may do least goes first: some rows change something
        names = world.ids | {"n": str(next(_number))}
        asked = client.build_request(
            method,
            path.format_map(names | row.get("path", {})),
            headers={"Origin": "http://voicebot.test"} | headers[who] | filled_in(row.get("headers", {}), names),
            params=filled_in(row.get("query"), names),
            json=filled_in(row.get("body"), names),
        )
        client.cookies.clear()
        got[who] = (await client.send(asked)).status_code
    assert got == {who: expected(row, who) for who in got}


async def test_what_is_refused_is_refused_before_the_body_is_looked_at(
    client: httpx.AsyncClient, with_key: Callable[..., dict[str, str]]
) -> None:
    """A body that makes no sense tells nobody whether a route is there for them."""
    for headers, status in (({}, 401), (with_key(Scope.JOBS_READ), 403), (with_key(Scope.ACCOUNTS), 422)):
        answer = await client.post("/api/v1/users", headers=headers, json={"role": "emperor"})
        assert answer.status_code == status
