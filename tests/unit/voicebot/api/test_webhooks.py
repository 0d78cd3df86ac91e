"""Webhooks over HTTP, as an integrator manages them."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from models.accounts import Scope

WEBHOOKS = "/api/v1/webhooks"
URL = "https://hr.example.com/voicebot"
NEW: dict[str, Any] = {"url": URL, "events": ["interview.ended", "scorecard.filed"], "description": "our EHR"}
Keys = Callable[..., dict[str, str]]


@pytest.fixture
def key(with_key: Keys) -> dict[str, str]:
    return with_key(Scope.WEBHOOKS)


async def test_a_webhook_s_secret_is_shown_once(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    made = await client.post(WEBHOOKS, headers=key, json=NEW)
    assert made.status_code == 201
    webhook = made.json()
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert {name: webhook[name] for name in NEW} == NEW
    assert (webhook["enabled"], webhook["disabled_because"]) == (True, None)
    one = await client.get(f"{WEBHOOKS}/{webhook['id']}", headers=key)
    every = await client.get(WEBHOOKS, headers=key)
    assert one.json() == webhook
    assert webhook in every.json()["items"]
    assert secret not in one.text + every.text
    fresh = await client.post(f"{WEBHOOKS}/{webhook['id']}/secret", headers=key)
    assert fresh.json()["secret"] not in ("", secret)


async def test_what_is_left_out_of_a_change_stays(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    made = (await client.post(WEBHOOKS, headers=key, json=NEW)).json()
    path = f"{WEBHOOKS}/{made['id']}"
    off = (await client.patch(path, headers=key, json={"enabled": False})).json()
    assert (off["enabled"], off["disabled_because"], off["url"]) == (False, "somebody disabled it", URL)
    on = (await client.patch(path, headers=key, json={"enabled": True, "events": []})).json()
    assert (on["enabled"], on["events"], on["description"]) == (True, [], "our EHR")
    assert (await client.delete(path, headers=key)).status_code == 204
    assert (await client.get(path, headers=key)).status_code == 404


async def test_deliveries_come_in_pages_and_can_be_sent_again(
    client: httpx.AsyncClient, key: dict[str, str], world: Any
) -> None:
    path = f"{WEBHOOKS}/{world.ids['webhook_id']}"
    first = await client.get(f"{path}/deliveries", headers=key, params={"limit": 1})
    (newest,), following = first.json()["items"], first.json()["next"]
    assert (newest["type"], newest["state"], newest["attempts"]) == ("interview.ended", "waiting", 0)
    second = await client.get(first.links["next"]["url"], headers=key)
    assert second.json()["items"][0]["sequence"] < newest["sequence"]
    assert (following, second.json()["next"]) == (str(newest["sequence"]), None)
    replayed = await client.post(f"{path}/deliveries/{newest['sequence']}/replay", headers=key)
    assert replayed.json()["event_id"] == newest["event_id"]
    since = {"since": "2020-01-01T00:00:00+08:00"}
    assert (await client.post(f"{path}/replay", headers=key, json=since)).json() == {"events": 2}
    assert (await client.get(f"{path}/deliveries", headers=key, params={"state": "dead"})).json()["items"] == []


async def test_a_ping_says_why_nothing_arrived(client: httpx.AsyncClient, key: dict[str, str], world: Any) -> None:
    answer = await client.post(f"{WEBHOOKS}/{world.ids['webhook_id']}/ping", headers=key)
    assert answer.status_code == 200
    assert (answer.json()["delivered"], answer.json()["status"]) == (False, None)
    assert "VOICEBOT_WEBHOOK_NETWORKS" in answer.json()["error"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": "http://hr.example.com/"}, "https://"),
        ({"url": "https://169.254.169.254/latest"}, "VOICEBOT_WEBHOOK_NETWORKS"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "VOICEBOT_WEBHOOK_NETWORKS"),
        ({"url": "https://hr.example.com/" + "a" * 3000}, "2000"),
        ({"url": "https://hr.example.com/\u0000"}, "ASCII"),
        ({"url": None}, "string"),
        ({"events": ["interview.startd"]}, "interview.ended"),
        ({"events": ["interview.ended"] * 100}, "at most"),
        ({"events": "interview.ended"}, "list"),
        ({"description": "x" * 201}, "200"),
        ({"secret": "whsec_mine"}, "Extra"),
    ],
)
async def test_what_cannot_be_says_what_to_mend(
    client: httpx.AsyncClient, key: dict[str, str], change: dict[str, Any], says: str
) -> None:
    answer = await client.post(WEBHOOKS, headers=key, json=NEW | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.text


@pytest.mark.parametrize("since", [0, "0", "1774915200", "2026-03-31", "2026-03-31T00:00:00", None, "yesterday, 12T"])
async def test_a_moment_needs_a_time_and_its_zone(
    client: httpx.AsyncClient, key: dict[str, str], world: Any, since: object
) -> None:
    path = f"{WEBHOOKS}/{world.ids['webhook_id']}/replay"
    assert (await client.post(path, headers=key, json={"since": since})).status_code == 422


@pytest.mark.parametrize("text", ["'; DROP TABLE webhook_endpoints; --", "\u202e\u0007", "👩‍💻 张", "%s%n{0}"])
async def test_any_text_comes_back_as_it_was(client: httpx.AsyncClient, key: dict[str, str], text: str) -> None:
    made = await client.post(WEBHOOKS, headers=key, json=NEW | {"description": text})
    assert made.json()["description"] == text


async def test_half_a_character_is_refused(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    body = json.dumps(NEW | {"description": "\ud83d"})
    answer = await client.post(WEBHOOKS, headers=key | {"Content-Type": "application/json"}, content=body)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/none", "/none/deliveries", "/none/ping", "/none/secret", "/%00", "/'%20OR%201=1"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, key: dict[str, str], path: str) -> None:
    method = "POST" if path.endswith(("ping", "secret")) else "GET"
    answer = await client.request(method, WEBHOOKS + path, headers=key)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
