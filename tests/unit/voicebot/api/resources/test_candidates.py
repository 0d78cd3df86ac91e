"""Candidates: filed one by one or as a list, asked for their consent, exported, held, erased."""

import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from models.accounts import Scope
from models.archive import Job
from voicebot.archive.store import Archive

ANN = {"id": "a-17", "name": "Ann Lee", "phone": "(415) 555-0123", "email": "ann@example.org"}
LIST = "id,name,phone\n1,Ann,+14155550123\n2,Bo,nothing\n3,Cy,+14155550125\n"
CSV = {"Content-Type": "text/csv"}


def test_a_candidate_is_filed_and_brought_up_to_date_by_ones_own_id(client: TestClient) -> None:
    made = client.post("/candidates", json=ANN)
    assert (made.status_code, made.json()["phone"]) == (201, "+14155550123")
    again = client.post("/candidates", json=ANN | {"name": "Ann Lee-Smith", "email": None})
    assert (again.status_code, again.json()["name"]) == (200, "Ann Lee-Smith")
    assert again.json()["email"] == "ann@example.org", "what is not given stays"
    place = made.headers["location"].removeprefix("/api/v1")
    assert client.get(place).json() == again.json() | {"consents": [], "opted_out": False, "on_hold": False}
    assert "a-17" not in place


@pytest.mark.parametrize("phone", ["nothing", "12", "+1", "1" * 100])
def test_a_number_that_is_none_is_refused(client: TestClient, phone: str) -> None:
    refused = client.post("/candidates", json=ANN | {"phone": phone})
    assert (refused.status_code, "not a telephone number" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"name": "lee"}, ["a-17"]),
        ({"name": "LEE ann"}, ["a-17"]),
        ({"name": "陈"}, ["b-2"]),
        ({"phone": "+1 415 555 0123"}, ["a-17"]),
        ({"id": "b-2"}, ["b-2"]),
        ({"id": "b-2", "name": "lee"}, []),
        ({"name": "' OR 1=1 --"}, []),
        ({}, []),
    ],
)
def test_people_are_found_by_name_number_and_id(client: TestClient, wanted: dict[str, str], found: list[str]) -> None:
    client.post("/candidates", json=ANN)
    client.post("/candidates", json={"id": "b-2", "name": "陈博", "phone": "+8613812345678"})
    assert [each["id"] for each in client.post("/candidates/search", json=wanted).json()["items"]] == found
    assert [each["id"] for each in client.get("/candidates").json()["items"]] == ["b-2", "a-17"]


def test_consents_have_their_text_number_source_and_time(client: TestClient, archive: Archive) -> None:
    person = client.post("/candidates", json=ANN).json()["person_id"]
    given = {
        "purpose": "call",
        "text": "You may call me.\nAt noon.",
        "source": "form",
        "given_at": "2026-03-31T09:30:00Z",
    }
    filed = client.post(f"/candidates/{person}/consents", json=given)
    assert filed.status_code == 201
    assert filed.json() | given == filed.json()
    assert filed.json()["number"] == "+14155550123"
    assert archive.audit.entries(person)[0].actor == "key:tests"
    withdrawn = client.post(f"/candidates/{person}/consents/withdraw", json={"purpose": "call"})
    assert withdrawn.json()["items"][0]["withdrawn_at"]
    assert client.get(f"/candidates/{person}/consents").json() == withdrawn.json()
    naive = client.post(f"/candidates/{person}/consents", json=given | {"given_at": "2026-03-31T09:30:00"})
    assert naive.status_code == 422


def test_who_opted_out_is_not_scheduled(client: TestClient, job: Job) -> None:
    person = client.post("/candidates", json=ANN).json()["person_id"]
    assert client.post(f"/candidates/{person}/opt-out").status_code == 204
    assert client.get(f"/candidates/{person}").json()["opted_out"] is True
    refused = client.post("/interviews", json={"person_id": person, "job_id": job.id})
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/docs#opted-out")


def test_everything_on_file_is_a_zip(client: TestClient, held: Any) -> None:
    person = client.get("/candidates").json()["items"][0]["person_id"]
    export = client.get(f"/candidates/{person}/export")
    assert (export.headers["content-type"], export.headers["content-length"]) == (
        "application/zip", str(len(export.content)),
    )  # fmt: skip
    with ZipFile(io.BytesIO(export.content)) as file:
        assert json.loads(file.read("person.json"))["person"]["candidate"]["name"] == "Ann Lee"
        assert any(name.endswith(".wav") for name in file.namelist())


def test_a_hold_stops_an_erasure(client: TestClient, held: Any, with_scopes: Callable[..., TestClient]) -> None:
    person = client.get("/candidates").json()["items"][0]["person_id"]
    assert client.post(f"/candidates/{person}/holds", json={"reason": "case 2026-17"}).status_code == 201
    assert client.get(f"/candidates/{person}").json()["on_hold"] is True
    refused = client.delete(f"/candidates/{person}")
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/docs#on-hold")
    assert client.delete(f"/candidates/{person}/holds").json() == {"holds": 1}
    assert with_scopes(Scope.CANDIDATES_WRITE).delete(f"/candidates/{person}").status_code == 403
    assert client.delete(f"/candidates/{person}").json() == {"interviews": 1, "recordings": 1}
    assert client.get(f"/candidates/{person}").status_code == 404
    assert client.get(f"/interviews/{held.interview_id}").status_code == 404


@pytest.mark.parametrize("path", ["", "/consents", "/export"])
def test_an_address_names_people_by_the_archive_s_id_alone(client: TestClient, path: str) -> None:
    client.post("/candidates", json=ANN)
    for who in ("a-17", "+14155550123", "0" * 32, "' OR 1=1 --"):
        assert client.get(f"/candidates/{who}{path}").status_code == 404


# Lists


def test_a_bad_row_does_not_stop_the_good_ones(client: TestClient) -> None:
    report = client.post("/candidates/import", content=LIST, headers=CSV).json()
    assert (report["filed"], report["created"], report["refused"]) == (True, 2, 1)
    assert [(row["line"], row["became"]) for row in report["rows"]] == [(2, "created"), (3, None), (4, "created")]
    [error] = report["rows"][1]["errors"]
    assert (error["column"], "'nothing' is not a telephone number" in error["detail"]) == ("phone", True)
    again = client.post(
        "/candidates/import", content=LIST.replace("Cy", "Cyril").replace("nothing", "+14155550124"), headers=CSV
    )
    assert [row["became"] for row in again.json()["rows"]] == ["unchanged", "created", "updated"]
    assert {each["name"] for each in client.get("/candidates").json()["items"]} == {"Ann", "Bo", "Cyril"}
    [found] = client.post("/candidates/search", json={"name": "cyril"}).json()["items"]
    assert found["id"] == "3"
    assert client.post("/candidates/search", json={"name": "cy"}).json()["items"] == []


@pytest.mark.parametrize("how", ["dry_run", "all_or_nothing"])
def test_nothing_is_filed(client: TestClient, how: str) -> None:
    report = client.post("/candidates/import", params={how: True}, content=LIST, headers=CSV).json()
    assert (report["filed"], report["created"], report["refused"]) == (False, 2, 1)
    assert report["rows"][0]["person_id"] is None
    assert client.get("/candidates").json()["items"] == []


def test_all_or_nothing_files_all_when_all_are_good(client: TestClient) -> None:
    good = LIST.replace("nothing", "+14155550124")
    report = client.post("/candidates/import", params={"all_or_nothing": True}, content=good, headers=CSV).json()
    assert (report["filed"], report["created"]) == (True, 3)


def test_a_list_has_a_type_a_size_and_a_region(client: TestClient) -> None:
    assert client.post("/candidates/import", content=LIST).status_code == 415
    assert client.post("/candidates/import", headers=CSV).status_code == 422
    large = client.post("/candidates/import", content=b"x" * 5_000_001, headers=CSV)
    assert large.status_code == 413
    chinese = "编号,姓名,手机\n1,陈博,13812345678\n".encode("gb18030")
    report = client.post("/candidates/import", params={"region": "CN"}, content=chinese, headers=CSV).json()
    assert report["created"] == 1
    assert client.get("/candidates").json()["items"][0]["phone"] == "+8613812345678"
    wrong = client.post("/candidates/import", content=b"id,name\n1,Ann\n", headers=CSV)
    assert (wrong.status_code, wrong.json()["errors"][0]["line"]) == (422, 1)


def test_a_list_as_json(client: TestClient) -> None:
    report = client.post("/candidates/import", json=[ANN, {"id": "2"}, ANN]).json()
    assert [row["became"] for row in report["rows"]] == ["created", None, None]
    assert {each["column"] for each in report["rows"][1]["errors"]} == {"name", "phone"}
    assert "line 1 already" in report["rows"][2]["errors"][0]["detail"]


def test_a_thousand_rows_are_one_import(client: TestClient, archive: Archive) -> None:
    content = "id,name,phone\n" + "".join(f"{n},Name{n} Family,+1415555{n:04}\n" for n in range(1000))
    report = client.post("/candidates/import", content=content, headers=CSV | {"Idempotency-Key": "k"})
    assert report.json()["created"] == 1000
    assert (
        client.post("/candidates/import", content=content, headers=CSV | {"Idempotency-Key": "k"}).json()
        == report.json()
    )
    assert archive.audit.entries(limit=1)[0].details == {"created": 1000}
    assert archive.verify().sound
