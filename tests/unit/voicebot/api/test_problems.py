"""Whatever goes wrong is told in one shape, says what to mend, and gives nothing away."""

import inspect
import json
from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from loguru import logger

from models import errors
from models.accounts import Scope
from voicebot.api.v1 import problems
from voicebot.api.v1.shell import MOST_BYTES

Headers = Callable[..., dict[str, str]]
RAISED = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    assert told["type"].startswith("/api/v1/docs#")
    return told


@pytest.mark.parametrize("error", RAISED, ids=lambda error: error.__name__)
def test_every_error_has_a_kind_that_says_whose_fault_it_is(error: type[errors.VoicebotError]) -> None:
    made = error.__new__(error)
    status = problems.kind_of(made).status
    if issubclass(error, errors.AccessError) and error is not errors.AccessError:
        assert status in (401, 403, 404, 410, 429)
    if error.retryable and error not in (errors.RecognitionFailed, errors.SynthesisFailed):
        assert status in (429, 503)


async def raising(app: Any, client: httpx.AsyncClient, error: Exception) -> httpx.Response:
    def fail() -> None:
        raise error

    app.routes[-1].app.add_api_route("/fails", fail)
    return await client.get("/api/v1/fails")


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (errors.NotInArchive("there is no job 'x'"), 404, "there is no job 'x'"),
        (errors.OptedOut("never again"), 409, "never again"),
        (errors.UsageError("half \ud83e a surrogate"), 422, "half ? a surrogate"),
        (HTTPException(412, "somebody was first"), 412, "somebody was first"),
        (HTTPException(418), 418, "i'm a teapot"),
        (HTTPException(404), 404, "not found"),
    ],
)
async def test_what_the_caller_can_mend_is_told_to_the_caller(
    app: Any, client: httpx.AsyncClient, error: Exception, status: int, detail: str
) -> None:
    told = problem(await raising(app, client, error))
    assert (told["status"], told["detail"].casefold()) == (status, detail)
    assert "id" not in told


async def test_every_problem_of_a_file_is_told_with_its_place(app: Any, client: httpx.AsyncClient) -> None:
    found = (errors.Problem("f.yaml", 3, 5, "mend this"), errors.Problem("f.yaml", 7, 1, "and that"))
    told = problem(await raising(app, client, errors.InvalidFlow(found)))
    assert told["errors"] == [
        {"detail": "mend this", "line": 3, "column": 5},
        {"detail": "and that", "line": 7, "column": 1},
    ]


@pytest.mark.parametrize(
    ("error", "status", "logged"),
    [
        (errors.ArchiveUnavailable("the disk under /srv/hr is full"), 503, "the disk under /srv/hr is full"),
        (errors.ArchiveAltered("users/1 has been altered"), 500, "users/1 has been altered"),
        (ZeroDivisionError("Ann Lee, +14155550123"), 500, "ZeroDivisionError at"),
    ],
)
async def test_what_the_operator_must_mend_is_in_the_log_and_the_caller_gets_its_id(
    app: Any, client: httpx.AsyncClient, error: Exception, status: int, logged: str
) -> None:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="TRACE")
    try:
        answer = await raising(app, client, error)
    finally:
        logger.remove(sink)
    told = problem(answer)
    assert (told["status"], told["detail"].startswith("the operator finds")) == (status, True)
    [line] = lines
    assert told["id"] == answer.headers["x-request-id"]
    assert told["id"] in line
    assert logged in line
    for personal in ("Ann Lee", "4155550123"):
        assert personal not in line + answer.text
    assert "Traceback" not in line


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 422, {"detail": "Field required", "pointer": "#"}),
        (b"{}", 422, {"detail": "Field required", "pointer": "#/label"}),
        (b"null", 422, None),
        (b"[]", 422, None),
        (
            b'{"label": 1, "scopes": ["jobs:read"]}',
            422,
            {"detail": "Input should be a valid string", "pointer": "#/label"},
        ),
        (b'{"label": "x", "scopes": ["jobs:rule"]}', 422, None),
        (b'{"label": "x", "scopes": []}', 422, None),
        (b'{"label": "' + b"x" * 2000 + b'", "scopes": ["jobs:read"]}', 422, None),
        (b'{"label": "\\u0000", "scopes": ["jobs:read"]}', 422, None),
        (b'{"label": "\\ud83e", "scopes": ["jobs:read"]}', 422, None),
        (b'{"label": "x", "scopes": ["jobs:read"], "expires_in_days": 1e400}', 422, None),
        (b'{"label": "x", "scopes": ["jobs:read"], "expires_in_days": 999999999999999}', 422, None),
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b"[" * 100_000, 400, None),
        (b'"' + "秘密".encode("gb18030"), 400, None),
    ],
)
async def test_a_body_that_makes_no_sense_says_what_to_mend(
    client: httpx.AsyncClient, browser: Headers, body: bytes, status: int, told: dict[str, str] | None
) -> None:
    headers = browser("admin") | {"Content-Type": "application/json"}
    answer = await client.post("/api/v1/keys", headers=headers, content=body)
    got = problem(answer)
    assert got["status"] == status
    if told:
        assert got["errors"][0] == told


async def test_a_password_is_never_repeated(client: httpx.AsyncClient, browser: Headers) -> None:
    for password in ("hunter22", ["hunter22"], {"hunter22": "hunter22"}, "hunter22" * 1000):
        body = {"name": "x", "role": "admin", "password": password}
        answer = await client.post("/api/v1/users", headers=browser("admin"), json=body)
        assert (answer.status_code, "hunter22" in answer.text) == (422, False)


async def test_paths_methods_and_ids_that_are_not_there(client: httpx.AsyncClient, with_key: Headers) -> None:
    headers = with_key(Scope.ACCOUNTS)
    assert problem(await client.get("/api/v1/nothing"))["status"] == 404
    answer = await client.put("/api/v1/session")
    assert (problem(answer)["status"], answer.headers["allow"]) == (405, "DELETE, POST")
    for hostile in ("none", "' OR 1=1 --", "%00", "..%2f..%2fetc", "🦜", "x" * 3000):
        told = problem(await client.get(f"/api/v1/users/{hostile}", headers=headers))
        assert told["status"] in (404, 422)


# What is around every request


async def test_every_answer_has_the_headers_that_keep_it_to_itself(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/me", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/nothing"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(app: Any) -> None:
    """Also when nobody says how large it is."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            assert taken <= MOST_BYTES + 2 * 65_536, "it is read on and on"
            yield b"x" * 65_536

    wire = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=wire, base_url="http://voicebot.test") as client:
        json_body = {"Content-Type": "application/json"}
        answer = await client.post("/api/v1/session", content=endless(), headers=json_body)
        assert problem(answer)["status"] == 413
        taken = 0
        told = json_body | {"Content-Length": str(MOST_BYTES + 1)}
        answer = await client.post("/api/v1/session", content=endless(), headers=told)
        assert problem(answer)["status"] == 413
        assert (taken, answer.headers["connection"]) == (0, "close")
        for nonsense in ("-1", "x", "１"):
            answer = await client.post(
                "/api/v1/session",
                content=endless(),
                headers=[(b"content-type", b"application/json"), (b"content-length", nonsense.encode())],
            )
            assert problem(answer)["status"] == 413


# The description


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("src", "href")]
        self.ids |= {value or "" for name, value in attrs if name == "id"}


async def test_the_page_names_every_operation_and_problem_and_asks_no_other_host(client: httpx.AsyncClient) -> None:
    page = Tags()
    page.feed((await client.get("/api/v1/docs")).text)
    described = (await client.get("/api/v1/openapi.json")).json()
    operations = {each["operationId"] for path in described["paths"].values() for each in path.values()}
    assert operations <= page.ids
    assert {kind.slug for kind in problems.ALL_KINDS} <= page.ids
    assert page.targets == ["openapi.json"]
    assert not {"script", "link", "img", "iframe"} & set(page.tags)


async def test_the_description_is_whole(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()
    assert described["servers"] == [{"url": "/api/v1"}]
    text = json.dumps(described)
    for reference in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert reference in described["components"]["schemas"], reference
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["tags"], place
            assert not operation["operationId"].endswith(f"_{method}"), f"{place}: give it an operation id"
            assert "default" in operation["responses"], place
    users = described["paths"]["/users"]["get"]
    assert (users["x-scope"], "Needs the scope `accounts`." in users["description"]) == ("accounts", True)
