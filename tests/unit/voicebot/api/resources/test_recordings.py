"""Recordings: in parts, as players ask, audited once a listening; and links that play one of them for a while."""

import io
import wave
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from voicebot.api.v1 import access
from voicebot.archive.store import Archive

SIZE = 44 + 32_000
"""One second of two channels."""


def plays(archive: Archive, interview_id: str) -> list[str]:
    return [entry.actor for entry in archive.audit.entries(interview_id) if entry.action == "play"]


def test_a_recording_is_a_wav_file(client: TestClient, held: Any) -> None:
    whole = client.get(f"/recordings/{held.attempt_id}")
    assert (whole.status_code, whole.headers["accept-ranges"], whole.headers["content-type"]) == (
        200,
        "bytes",
        "audio/wav",
    )
    assert int(whole.headers["content-length"]) == len(whole.content) == SIZE
    with wave.open(io.BytesIO(whole.content)) as audio:
        assert audio.readframes(audio.getnframes()) == held.audio


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, SIZE)),
        ("bytes=40-99", (40, 100)),
        ("bytes=1000-999999", (1000, SIZE)),
        ("bytes=-100", (SIZE - 100, SIZE)),
        ("bytes=-999999", (0, SIZE)),
        (f"BYTES={SIZE - 1}-{SIZE}", (SIZE - 1, SIZE)),
        (f"bytes={SIZE}-", None),
        (f"bytes={10**17}-", None),
        ("bytes=-0", None),
    ],
)
def test_a_part_of_it(client: TestClient, held: Any, asked: str, part: tuple[int, int] | None) -> None:
    whole = client.get(f"/recordings/{held.attempt_id}").content
    answer = client.get(f"/recordings/{held.attempt_id}", headers={"Range": asked})
    if part is None:
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
        assert answer.headers["content-type"] == "application/problem+json"
        return
    start, end = part
    assert (answer.status_code, answer.content) == (206, whole[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize(
    "asked", ["bytes=5-4", "bytes=-", "bytes=a-b", "seconds=0-1", "bytes=0-1,5-6", "", "bytes=" + "9" * 40 + "-"]
)
def test_a_range_that_makes_no_sense_is_left_alone(client: TestClient, held: Any, asked: str) -> None:
    answer = client.get(f"/recordings/{held.attempt_id}", headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


def test_a_part_is_only_of_the_recording_that_one_has(client: TestClient, held: Any) -> None:
    etag = client.get(f"/recordings/{held.attempt_id}").headers["etag"]
    for if_range, status in ((etag, 206), ('"another"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": if_range}
        assert client.get(f"/recordings/{held.attempt_id}", headers=headers).status_code == status


def test_a_listening_is_one_entry_of_the_audit(
    client: TestClient, archive: Archive, held: Any, api: FastAPI, now: datetime
) -> None:
    for start in (0, 100, 200):
        client.get(f"/recordings/{held.attempt_id}", headers={"Range": f"bytes={start}-{start + 9}"})
    assert plays(archive, held.interview_id) == ["key:tests"]
    inner = next(route.app for route in api.routes if getattr(route, "path", "") == "/api/v1")
    inner.dependency_overrides[access.now] = lambda: now + timedelta(hours=1)
    client.get(f"/recordings/{held.attempt_id}", headers={"Range": "bytes=500-509"})
    assert plays(archive, held.interview_id) == ["key:tests"] * 2


@pytest.mark.parametrize("attempt_id", ["0" * 32, "..%2F..%2Farchive.key", "' OR 1=1 --"])
def test_no_such_recording(client: TestClient, attempt_id: str) -> None:
    assert client.get(f"/recordings/{attempt_id}").status_code == 404
    assert client.post(f"/recordings/{attempt_id}/link", json={}).status_code == 404


# Links


def followed(api: FastAPI, url: str, **headers: str) -> Any:
    """By somebody who has not signed in."""
    return TestClient(api, "http://localhost").get(url.removeprefix("http://localhost"), headers=headers)


def test_a_link_plays_one_recording_without_signing_in(
    client: TestClient, api: FastAPI, archive: Archive, held: Any
) -> None:
    link = client.post(f"/recordings/{held.attempt_id}/link", json={"minutes": 5})
    assert link.status_code == 201
    part = followed(api, link.json()["url"], Range="bytes=0-99")
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["cross-origin-resource-policy"] == "cross-origin"
    played, made = (entry for entry in archive.audit.entries(held.interview_id, limit=2))
    assert (made.action, made.actor) == ("link", "key:tests")
    assert (played.action, played.actor) == ("play", f"link:{made.details['link']}")


def test_an_altered_link_is_refused(client: TestClient, api: FastAPI, archive: Archive, held: Any) -> None:
    url = client.post(f"/recordings/{held.attempt_id}/link", json={}).json()["url"]
    place, _, token = url.rpartition("/")
    attempt_id, name, expires, signature = token.split(".")
    for forged in (
        f"{'0' * 32}.{name}.{expires}.{signature}",
        f"{attempt_id}.{name}.{int(expires) + 1}.{signature}",
        f"{attempt_id}.{name}.{expires}.{signature[:-1]}",
        f"{attempt_id}.{name}.{expires}.{'0' * 64}",
        f"{attempt_id}.{name}.{expires}",
        signature, "...", "é", "%00", "' OR 1=1 --",
        f"{attempt_id}.{archive.signature('link', attempt_id)[::-1]}",
    ):  # fmt: skip
        refused = followed(api, f"{place}/{forged}")
        assert (refused.status_code, "was not made here" in refused.json()["detail"]) == (404, True), forged
    assert plays(archive, held.interview_id) == []


def test_a_link_s_time_is_over(client: TestClient, api: FastAPI, held: Any, now: datetime) -> None:
    url = client.post(f"/recordings/{held.attempt_id}/link", json={"minutes": 5}).json()["url"]
    inner = next(route.app for route in api.routes if getattr(route, "path", "") == "/api/v1")
    inner.dependency_overrides[access.now] = lambda: now + timedelta(minutes=6)
    refused = followed(api, url)
    assert (refused.status_code, "time is over" in refused.json()["detail"]) == (410, True)


def test_a_link_to_somebody_who_was_erased(client: TestClient, api: FastAPI, held: Any) -> None:
    url = client.post(f"/recordings/{held.attempt_id}/link", json={}).json()["url"]
    person = client.get("/candidates").json()["items"][0]["person_id"]
    client.delete(f"/candidates/{person}")
    assert followed(api, url).status_code == 404


@pytest.mark.parametrize("minutes", [0, 61, -1, "x", None])
def test_a_link_is_good_for_minutes(client: TestClient, held: Any, minutes: object) -> None:
    assert client.post(f"/recordings/{held.attempt_id}/link", json={"minutes": minutes}).status_code == 422
