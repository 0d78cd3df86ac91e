"""Openings, and what holds of every resource: pages, ETags, idempotency, bad input."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.accounts import Scope
from models.archive import Job
from voicebot.archive.answered import Answer
from voicebot.archive.store import Archive

HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE jobs; --',
    "%' UNION SELECT wrapped FROM keys --",
    "🧑‍💻 Инженер 工程师",
    "../../etc/passwd",
    "<script>alert(1)</script>",
]


def test_an_opening_is_filed_read_changed_and_closed(client: TestClient, flow: Any) -> None:
    made = client.post("/jobs", json={"title": "Backend engineer", "location": "Berlin", "flow_id": flow.id})
    assert made.status_code == 201
    place = made.headers["location"].removeprefix("/api/v1")
    read = client.get(place)
    assert read.json() == made.json() | {"closed_at": None}
    assert read.headers["etag"] == made.headers["etag"]
    changed = client.patch(place, json={"location": "Hamburg"}, headers={"If-Match": read.headers["etag"]})
    assert (changed.json()["title"], changed.json()["location"]) == ("Backend engineer", "Hamburg")
    assert changed.json()["flow_id"] == flow.id
    assert client.post(f"{place}/close").json()["closed_at"]
    assert client.get("/jobs", params={"open": True}).json()["items"] == []


def test_of_two_changes_the_one_that_saw_less_is_refused(client: TestClient, job: Job) -> None:
    seen = client.get(f"/jobs/{job.id}").headers["etag"]
    first = client.patch(f"/jobs/{job.id}", json={"title": "A"}, headers={"If-Match": seen})
    assert first.status_code == 200
    second = client.patch(f"/jobs/{job.id}", json={"title": "B"}, headers={"If-Match": seen})
    assert second.status_code == 412
    assert second.json()["type"].endswith("#changed")
    assert client.get(f"/jobs/{job.id}").json()["title"] == "A"
    again = client.patch(f"/jobs/{job.id}", json={"title": "B"}, headers={"If-Match": f'"x", {first.headers["etag"]}'})
    assert again.status_code == 200
    weak = client.patch(f"/jobs/{job.id}", json={"title": "C"}, headers={"If-Match": f"W/{again.headers['etag']}"})
    assert weak.status_code == 412


def test_what_one_has_already_is_not_sent_again(client: TestClient, job: Job) -> None:
    etag = client.get(f"/jobs/{job.id}").headers["etag"]
    for header in (etag, f"W/{etag}", "*", f'"other", {etag}'):
        again = client.get(f"/jobs/{job.id}", headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(f"/jobs/{job.id}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_list_goes_on_where_its_page_ended(client: TestClient, archive: Archive, now: datetime) -> None:
    ids = [archive.jobs.file(f"Job {n}", "", now + timedelta(seconds=n // 2)).id for n in range(7)]
    found: list[str] = []
    address = "/jobs?limit=3"
    while address:
        page = client.get(address)
        found += [job["id"] for job in page.json()["items"]]
        link = page.headers.get("link", "")
        assert bool(link) == (page.json()["next"] is not None)
        address = link.partition(">")[0].removeprefix("</api/v1")
    assert sorted(found) == sorted(ids)
    assert found[-1] in ids[:2]


def test_a_cursor_is_good_for_its_own_list_alone(client: TestClient, archive: Archive, now: datetime) -> None:
    for n in range(3):
        archive.jobs.file(f"Job {n}", "", now)
    cursor = client.get("/jobs?limit=1").json()["next"]
    assert client.get("/jobs", params={"cursor": cursor}).status_code == 200
    for path, wrong in [
        ("/candidates", cursor), ("/jobs?open=true", cursor), ("/jobs", cursor[:-4]), ("/jobs", "A" + cursor[1:]),
        ("/jobs", "§"), ("/jobs", "=" * 40),
    ]:  # fmt: skip
        refused = client.get(path, params={**({"open": "true"} if "open" in path else {}), "cursor": wrong})
        assert (refused.status_code, refused.json()["type"]) == (400, "/api/v1/docs#malformed")
        assert "begin again without it" in refused.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1", "1e3"])
def test_a_page_has_a_sensible_size(client: TestClient, limit: str) -> None:
    assert client.get("/jobs", params={"limit": limit}).status_code == 422


# Idempotency


def test_a_request_that_is_sent_twice_is_carried_out_once(client: TestClient) -> None:
    header = {"Idempotency-Key": "6f1c2a34"}
    first = client.post("/jobs", json={"title": "Once"}, headers=header)
    second = client.post("/jobs", json={"title": "Once"}, headers=header)
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(client.get("/jobs").json()["items"]) == 1


def test_a_key_is_for_one_request_of_one_asker(
    client: TestClient, with_scopes: Callable[..., TestClient], job: Job
) -> None:
    header = {"Idempotency-Key": "k"}
    client.post("/jobs", json={"title": "A"}, headers=header)
    other = client.post("/jobs", json={"title": "B"}, headers=header)
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)
    assert client.post("/candidates", json={}, headers=header).status_code == 422
    somebody = with_scopes(Scope.JOBS_WRITE)
    assert somebody.post("/jobs", json={"title": "B"}, headers=header).status_code == 201


def test_what_was_refused_may_be_sent_again(client: TestClient, flow: Any) -> None:
    header = {"Idempotency-Key": "k"}
    assert client.post("/jobs", json={"title": "A", "flow_id": "none"}, headers=header).status_code == 409
    assert client.post("/jobs", json={"title": "A", "flow_id": flow.id}, headers=header).status_code == 201


def test_a_key_is_forgotten_after_a_day(client: TestClient, archive: Archive, now: datetime) -> None:
    client.post("/jobs", json={"title": "A"}, headers={"Idempotency-Key": "k"})
    archive.answered.once("other", b"", now + timedelta(hours=25), lambda: Answer(204, {}, b""))
    assert "idempotency-replayed" not in client.post(
        "/jobs", json={"title": "A"}, headers={"Idempotency-Key": "k"}
    ).headers  # fmt: skip


def test_sent_while_it_is_carried_out_it_waits_for_the_answer(archive: Archive, now: datetime) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def carry_out() -> Answer:
        job = archive.jobs.file("Once", "", now)
        begun.set()
        assert goes_on.wait(10)
        return Answer(201, {}, job.id.encode())

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(archive.answered.once, "k", b"r", now, carry_out)
        assert begun.wait(10)
        second = pool.submit(archive.answered.once, "k", b"r", now, carry_out)
        goes_on.set()
        assert (first.result()[1], second.result()) == (False, (first.result()[0], True))
    assert [job.id.encode() for job in archive.jobs.list()] == [first.result()[0].body]


@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt])
def test_what_failed_half_way_was_not_done_and_may_be_sent_again(
    archive: Archive, now: datetime, failure: type[BaseException]
) -> None:
    def fails() -> Answer:
        archive.jobs.file("Half", "", now)
        raise failure

    with pytest.raises(failure):
        archive.answered.once("k", b"r", now, fails)
    assert archive.jobs.list() == ()
    done = Answer(201, {"location": "/x"}, b"done")
    assert archive.answered.once("k", b"r", now, lambda: done) == (done, False)
    assert archive.answered.once("k", b"r", now, fails) == (done, True)
    assert archive.verify().problems == ()


def test_after_an_erasure_no_answer_names_the_person(client: TestClient, archive: Archive) -> None:
    header = {"Idempotency-Key": "k"}
    body = {"id": "a-17", "name": "Zoe Plumley", "phone": "+14155550123"}
    made = client.post("/candidates", json=body, headers=header)
    assert client.delete(f"/candidates/{made.json()['person_id']}").status_code == 200
    again = client.post("/candidates", json=body, headers=header)
    assert (again.status_code, "somebody was erased" in again.json()["detail"]) == (409, True)


# Bad input


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_a_text(client: TestClient, text: str) -> None:
    made = client.post("/jobs", json={"title": text, "location": text})
    assert (made.status_code, made.json()["title"]) == (201, text)
    assert client.get(made.headers["location"].removeprefix("/api/v1")).json()["location"] == text
    assert client.get("/jobs/" + text.replace("/", "")).status_code in (404, 405)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "a\x00b"}, "#/title"),
        ({"title": "a\nb"}, "#/title"),
        ({"title": "\x1b[31m"}, "#/title"),
        ({"title": ""}, "#/title"),
        ({"title": "  "}, "#/title"),
        ({"title": "x" * 201}, "#/title"),
        ({"title": 5}, "#/title"),
        ({"title": None}, "#/title"),
        ({}, "#/title"),
        ({"title": "A", "colour": "red"}, "#/colour"),
        ({"title": "A", "flow_id": "Robert'); --"}, "#/flow_id"),
        ([], "#"),
    ],
)
def test_a_body_that_cannot_be_used_is_told_where(client: TestClient, body: object, pointer: str) -> None:
    refused = client.post("/jobs", json=body)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert pointer in [each["pointer"] for each in refused.json()["errors"]]


def test_bodies_that_are_none(client: TestClient) -> None:
    json_type = {"Content-Type": "application/json"}
    assert client.post("/jobs").status_code == 422
    for body in (b"", b"{", b"\xff\xfe", b'{"title": "\\ud800"}', b"[" * 100_000):
        refused = client.post("/jobs", content=body, headers=json_type)
        assert refused.status_code in (400, 422), body[:20]
        assert refused.headers["content-type"] == "application/problem+json"
    large = client.post("/jobs", content=b" " * 1_100_000, headers=json_type)
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")


def test_a_flow_that_is_not_published_is_no_job_s(client: TestClient) -> None:
    refused = client.post("/jobs", json={"title": "A", "flow_id": "unheard_of"})
    assert (refused.status_code, "publish it first" in refused.json()["detail"]) == (409, True)


def test_other_jobs_do_not_exist_for_a_reviewer(
    client: TestClient, reviewer: TestClient, archive: Archive, job: Job, now: datetime
) -> None:
    other = archive.jobs.file("Secret", "", now)
    assert [each["id"] for each in reviewer.get("/jobs").json()["items"]] == [job.id]
    unseen, unknown = reviewer.get(f"/jobs/{other.id}"), reviewer.get(f"/jobs/{'0' * 32}")
    assert unseen.status_code == unknown.status_code == 404
    assert unseen.text.replace(other.id, "ID") == unknown.text.replace("0" * 32, "ID")
    assert reviewer.patch(f"/jobs/{job.id}", json={}).status_code == 403
