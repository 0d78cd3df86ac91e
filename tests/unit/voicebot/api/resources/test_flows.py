"""Flows: checked, published, read."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

FLOWS = Path(__file__).parents[4] / "flows"
TEXT = (FLOWS / "short.yaml").read_text()
ALONE = TEXT.replace("also_in: [zh]\n", "")


@pytest.fixture
def sister() -> str:
    [found] = [
        path for path in FLOWS.rglob("*.yaml") if "language: zh" in path.read_text() and "id: short" in path.read_text()
    ]
    return found.read_text()


def test_a_flow_is_published_and_read(client: TestClient) -> None:
    made = client.post("/flows", json={"text": ALONE})
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert client.post("/flows", json={"text": ALONE}).status_code == 200, "again"
    changed = client.post("/flows", json={"text": ALONE.replace("A short call", "Another")})
    assert (changed.status_code, "raise `version`" in changed.json()["detail"]) == (409, True)
    second = client.post("/flows", json={"text": ALONE.replace("version: 1", "version: 2")})
    assert second.status_code == 201
    assert [each["version"] for each in client.get("/flows/short").json()["items"]] == [2, 1]
    assert [each["version"] for each in client.get("/flows").json()["items"]] == [2]
    text = client.get("/flows/short/text", params={"version": 1})
    assert (text.text, text.headers["content-type"].partition(";")[0]) == (ALONE, "application/yaml")
    assert client.get("/flows/short/text", headers={"If-None-Match": text.headers["etag"]}).status_code == 200
    again = client.get("/flows/short/text", params={"version": 1}, headers={"If-None-Match": text.headers["etag"]})
    assert again.status_code == 304


def test_a_flow_in_two_languages_is_published_with_its_sister(client: TestClient, sister: str) -> None:
    assert client.post("/flows", json={"text": TEXT, "sisters": {"zh": sister}}).status_code == 201
    alone = client.post("/flows/lint", json={"text": TEXT}).json()
    assert (alone["ok"], "send its text too" in alone["problems"][0]["message"]) == (False, True)
    wrong = client.post(
        "/flows/lint", json={"text": TEXT, "sisters": {"zh": sister.replace("id: project", "id: other")}}
    )
    assert wrong.json()["ok"] is False
    assert {each["file"] for each in wrong.json()["problems"]} == {"flow.zh"}


def test_problems_have_their_places(client: TestClient) -> None:
    wrong = ALONE.replace("expects: open", "expect: open")
    [problem, *_] = client.post("/flows/lint", json={"text": wrong}).json()["problems"]
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "expect: open" in text)
    assert (problem["line"], problem["severity"], "expects" in problem["message"]) == (line, "error", True)
    refused = client.post("/flows", json={"text": wrong})
    assert (refused.status_code, refused.json()["errors"][0]["line"]) == (422, line)
    assert client.post("/flows/lint", json={"text": ALONE}).json()["ok"] is True


@pytest.mark.parametrize("text", ["x", "- 1\n- 2", "{", "a: &a [*a]", "\x00", "[" * 10_000, "id: ' OR 1=1 --", "🧑"])
def test_a_text_that_is_no_flow(client: TestClient, text: str) -> None:
    linted = client.post("/flows/lint", json={"text": text})
    assert (linted.status_code, linted.json()["ok"]) == (200, False)
    assert client.post("/flows", json={"text": text}).status_code == 422


def test_no_such_flow(client: TestClient, flow: Any) -> None:
    for path in (
        "/flows/unheard",
        "/flows/unheard/text",
        "/flows/' OR 1=1 --",
        "/flows/short/text?version=9",
        "/flows/short/text?language=zh",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get("/flows/short/text?version=0").status_code == 422


def test_flows_have_pages(client: TestClient) -> None:
    for name in ("alpha", "beta", "gamma"):
        client.post("/flows", json={"text": ALONE.replace("id: short", f"id: {name}")})
    first = client.get("/flows", params={"limit": 2}).json()
    second = client.get("/flows", params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["id"] for each in (*first["items"], *second["items"])] == ["alpha", "beta", "gamma"]
    assert second["next"] is None
