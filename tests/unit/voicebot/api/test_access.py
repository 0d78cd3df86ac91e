"""Signing in with a browser, coming with a key, and asking too often."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from loguru import logger

from models.accounts import Role, Scope
from models.errors import TooManyAttempts
from voicebot.api.v1.rate_limit import RateLimit
from voicebot.archive.store import Archive

ADMIN = {"name": "Admin Person", "password": "four plain words here"}
Headers = Callable[..., dict[str, str]]


@pytest.fixture
def log() -> Any:
    """What is logged."""
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="TRACE")
    yield lines
    logger.remove(sink)


# Browsers


async def test_a_browser_signs_in_asks_and_signs_out(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/session", json=ADMIN, headers={"Origin": "http://voicebot.test"})
    assert answer.json()["actor"] == "admin person"
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["voicebot_session", "voicebot_device"]
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie for cookie in cookies)
    assert (await client.get("/api/v1/me")).json()["scopes"] == sorted(Scope)
    assert (await client.delete("/api/v1/session")).status_code == 403, "no page of ours asked"
    assert (await client.delete("/api/v1/session", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 204
    assert "voicebot_session" not in client.cookies
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_a_session_that_was_signed_out_is_over_also_for_who_kept_the_cookie(client: httpx.AsyncClient) -> None:
    token = (await client.post("/api/v1/session", json=ADMIN)).cookies["voicebot_session"]
    await client.delete("/api/v1/session", headers={"Origin": "http://voicebot.test"})
    answer = await client.get("/api/v1/me", headers={"Cookie": f"voicebot_session={token}"})
    assert answer.status_code == 401


async def test_behind_https_cookies_go_nowhere_else(client: httpx.AsyncClient) -> None:
    answer = await client.post("https://voicebot.test/api/v1/session", json=ADMIN)
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://voicebot.test"}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "voicebot.test"}, 403),
        ({"Origin": "", "Host": ""}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://voicebot.test.evil.test"}, 403),
        ({"Origin": "http://voicebot.test:81"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://voicebot.test"}, 403),
    ],
)
async def test_another_sites_page_changes_nothing_with_our_cookie(
    client: httpx.AsyncClient, browser: Headers, headers: dict[str, str], status: int
) -> None:
    theirs = {"Cookie": browser("admin")["Cookie"]} | headers
    body = {"label": "x", "scopes": ["jobs:read"]}
    assert (await client.post("/api/v1/keys", headers=theirs, json=body)).status_code == status
    assert (await client.get("/api/v1/keys", headers=theirs)).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_sites_page_signs_nobody_in(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/api/v1/session", json=ADMIN, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_a_form_of_another_site_is_not_json(client: httpx.AsyncClient) -> None:
    plain = {"Content-Type": "text/plain"}
    answer = await client.post("/api/v1/session", content='{"name": "a", "password": "b"}', headers=plain)
    assert answer.status_code == 422


async def test_wrong_passwords_cost_time_and_the_answer_says_how_much(
    client: httpx.AsyncClient, archive: Archive, log: list[str]
) -> None:
    wrong = ADMIN | {"password": "a password nobody logs"}
    answers = [await client.post("/api/v1/session", json=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[0].json()["detail"] == "the name or the password is wrong"
    assert answers[5].headers["retry-after"] == "1"
    assert "a password nobody logs" not in "".join(log)
    assert "dmin" not in "".join(log)
    refused = [entry for entry in archive.audit.entries(limit=6) if entry.action == "login.refused"]
    assert len(refused) == 5


async def test_a_browser_that_has_signed_in_before_is_not_held_up_by_strangers(
    client: httpx.AsyncClient, archive: Archive
) -> None:
    await client.post("/api/v1/session", json=ADMIN)
    for n in range(8):
        try:
            archive.accounts.sign_in("admin person", "wrong", datetime.now(UTC), address=f"203.0.113.{n}")
        except Exception as error:
            assert type(error).__name__ in ("SignInRefused", "TooManyAttempts")
    assert (await client.post("/api/v1/session", json=ADMIN)).status_code == 200
    client.cookies.delete("voicebot_device")
    assert (await client.post("/api/v1/session", json=ADMIN)).status_code == 429


async def test_a_new_password_needs_the_old_one_and_ends_every_session(
    client: httpx.AsyncClient, browser: Headers
) -> None:
    headers, new = browser("recruiter"), "words that nobody used before"
    path = "/api/v1/me/password"
    answer = await client.put(path, headers=headers, json={"current": "wrong", "new": new})
    assert answer.status_code == 401
    answer = await client.put(path, headers=headers, json={"current": ADMIN["password"], "new": "short"})
    assert answer.status_code == 422
    answer = await client.put(path, headers=headers, json={"current": ADMIN["password"], "new": new})
    assert answer.status_code == 204
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    again = {"name": "recruiter person", "password": new}
    assert (await client.post("/api/v1/session", json=again)).status_code == 200


# Keys


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer vb_nothing",
        "Bearer ",
        "Bearer",
        "Basic YTpi",
        "",
        "vb_nothing",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 5000,
    ],
)
async def test_what_is_no_key_is_refused_whatever_cookie_comes_with_it(
    client: httpx.AsyncClient, browser: Headers, authorization: str
) -> None:
    headers = [(b"authorization", authorization.encode("latin-1")), (b"cookie", browser("admin")["Cookie"].encode())]
    answer = await client.get("/api/v1/me", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_key_is_made_shown_once_used_and_revoked(client: httpx.AsyncClient, browser: Headers) -> None:
    headers = browser("recruiter")
    body = {"label": "ehr", "scopes": ["jobs:read", "export"], "expires_in_days": 30}
    made = await client.post("/api/v1/keys", headers=headers, json=body)
    assert made.status_code == 201
    key = {"Authorization": f"Bearer {made.json()['secret']}"}
    me = (await client.get("/api/v1/me", headers=key)).json()
    assert me == {"actor": "key:ehr", "user_id": None, "scopes": ["export", "jobs:read"], "job_ids": None}
    shown = await client.get(made.headers["location"], headers=headers)
    assert shown.json() == {name: value for name, value in made.json().items() if name != "secret"}
    assert [each["label"] for each in (await client.get("/api/v1/keys", headers=headers)).json()["items"]] == ["ehr"]
    assert (await client.get(made.headers["location"], headers=browser("assigned"))).status_code == 404
    revoked = await client.delete(made.headers["location"], headers=headers)
    assert revoked.json()["revoked_at"]
    assert (await client.get("/api/v1/me", headers=key)).status_code == 401


async def test_nobody_makes_a_key_that_may_do_more_than_they(client: httpx.AsyncClient, browser: Headers) -> None:
    body = {"label": "more", "scopes": ["interviews:read", "erase"]}
    answer = await client.post("/api/v1/keys", headers=browser("assigned"), json=body)
    assert (answer.status_code, answer.json()["detail"]) == (403, "assigned person may not do this: erase")


async def test_a_reviewers_key_sees_the_reviewers_jobs(client: httpx.AsyncClient, browser: Headers, world: Any) -> None:
    body = {"label": "mine", "scopes": ["interviews:read"]}
    made = (await client.post("/api/v1/keys", headers=browser("assigned"), json=body)).json()
    me = (await client.get("/api/v1/me", headers={"Authorization": f"Bearer {made['secret']}"})).json()
    assert me["job_ids"] == [world.ids["job_id"]]


# Users


async def test_an_admin_looks_after_accounts(client: httpx.AsyncClient, browser: Headers, world: Any) -> None:
    headers = browser("admin")
    body = {"name": "Lin 林", "role": "reviewer", "password": "正确的马电池订书钉再来几个"}
    made = await client.post("/api/v1/users", headers=headers, json=body)
    assert (made.status_code, made.json()["name"]) == (201, "Lin 林")
    assert "password" not in made.text
    place = made.headers["location"]
    assigned = await client.put(f"{place}/jobs", headers=headers, json={"job_ids": [world.ids["job_id"]]})
    assert assigned.json()["job_ids"] == [world.ids["job_id"]]
    signed_in = {"name": "lin 林", "password": body["password"]}
    theirs = (await client.post("/api/v1/session", json=signed_in)).cookies["voicebot_session"]
    changed = await client.patch(place, headers=headers, json={"role": "recruiter", "disabled": True})
    assert (changed.json()["role"], changed.json()["disabled_at"] is None) == ("recruiter", False)
    cookie = {"Cookie": f"voicebot_session={theirs}"}
    client.cookies.clear()
    assert (await client.get("/api/v1/me", headers=cookie)).status_code == 401
    changed = await client.patch(place, headers=headers, json={"disabled": False})
    assert changed.json()["disabled_at"] is None
    assert (await client.get(place, headers=headers)).json() == changed.json()
    again = await client.post("/api/v1/users", headers=headers, json=body)
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)


async def test_a_key_that_looks_after_accounts_makes_no_admin(client: httpx.AsyncClient, with_key: Headers) -> None:
    scopes = {Scope.ACCOUNTS, *_scopes(Role.REVIEWER)}
    headers = with_key(*scopes)
    body = {"name": "new", "role": "reviewer", "password": "four plain words here"}
    assert (await client.post("/api/v1/users", headers=headers, json=body)).status_code == 201
    answer = await client.post("/api/v1/users", headers=headers, json=body | {"name": "boss", "role": "admin"})
    assert answer.status_code == 403
    users = (await client.get("/api/v1/users", headers=headers)).json()["items"]
    admin = next(user for user in users if user["name"] == "admin person")
    place = f"/api/v1/users/{admin['id']}"
    for method, path, change in (
        ("PUT", f"{place}/password", {"password": "four other words here"}),
        ("PATCH", place, {"role": "reviewer"}),
        ("PATCH", place, {"disabled": True}),
        ("PUT", f"{place}/jobs", {"job_ids": []}),
    ):
        assert (await client.request(method, path, headers=headers, json=change)).status_code == 403
    new = next(user for user in users if user["name"] == "new")
    answer = await client.patch(f"/api/v1/users/{new['id']}", headers=headers, json={"role": "admin"})
    assert answer.status_code == 403


def _scopes(role: Role) -> frozenset[Scope]:
    from models.accounts import ROLE_SCOPES

    return ROLE_SCOPES[role]


async def test_an_admin_is_left_when_everybody_leaves(client: httpx.AsyncClient, browser: Headers) -> None:
    headers = browser("admin")
    users = (await client.get("/api/v1/users", headers=headers)).json()["items"]
    admins = {user["name"]: f"/api/v1/users/{user['id']}" for user in users if user["role"] == "admin"}
    answer = await client.patch(admins["expired person"], headers=headers, json={"disabled": True})
    assert answer.status_code == 200
    answer = await client.patch(admins["admin person"], headers=headers, json={"disabled": True})
    assert (answer.status_code, "nobody would be left" in answer.json()["detail"]) == (422, True)


# The audit


async def test_the_audit_is_read_page_by_page(client: httpx.AsyncClient, with_key: Headers, archive: Archive) -> None:
    headers = with_key(Scope.AUDIT_READ)
    seen: list[int] = []
    path: str | None = "/api/v1/audit?limit=7"
    while path:
        page = await client.get(path, headers=headers)
        seen += [entry["sequence"] for entry in page.json()["items"]]
        path = page.links.get("next", {}).get("url")
        assert (path is None) is (page.json()["next"] is None)
    assert seen == [entry.sequence for entry in archive.audit.entries(limit=1000)]
    assert seen[-1] == 1
    subject = archive.audit.entries()[0].subject
    page = await client.get("/api/v1/audit", params={"subject": subject}, headers=headers)
    assert {entry["subject"] for entry in page.json()["items"]} == {subject}
    for wrong in ("limit=0", "limit=501", "before=0", "before=99999999999999999999", "before=x", "limit="):
        answer = await client.get(f"/api/v1/audit?{wrong}", headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, wrong.split("=")[0])


# Asking too often


async def test_who_asks_too_often_waits_and_nobody_else(client: httpx.AsyncClient, app: Any, with_key: Headers) -> None:
    api = app.routes[-1].app
    api.state.principals, api.state.strangers = RateLimit(3), RateLimit(2)
    greedy, other = with_key(Scope.JOBS_READ), with_key(Scope.JOBS_READ)
    answers = [await client.get("/api/v1/me", headers=greedy) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=60'
    assert answers[0].headers["ratelimit"] == '"requests";r=2;t=20'
    assert 1 <= int(wait := answers[3].headers["retry-after"]) <= 20
    assert answers[3].headers["ratelimit"] == f'"requests";r=0;t={wait}'
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert (await client.get("/api/v1/me", headers=other)).status_code == 200
    strangers = [await client.get("/api/v1/me") for _ in range(3)]
    assert [answer.status_code for answer in strangers] == [401, 401, 429]
    assert (await client.post("/api/v1/session", json=ADMIN)).status_code == 429
    assert (await client.get("/api/v1/me", headers=other)).status_code == 200


def test_a_minutes_requests_come_back_evenly() -> None:
    limit = RateLimit(60)
    for n in range(60):
        assert limit.take("a", 0.0).remaining == 59 - n
    with pytest.raises(TooManyAttempts) as refused:
        limit.take("a", 0.5)
    assert refused.value.retry_after_s == 1
    assert limit.take("a", 1.0).reset_s == 60
    assert limit.take("b", 1.0).remaining == 59
    assert limit.take("a", 1000.0).remaining == 59


def test_strangers_do_not_fill_the_memory() -> None:
    limit = RateLimit(60)
    for n in range(30_000):
        limit.take(str(n), n / 100)
    assert len(limit._left) <= 16_000
