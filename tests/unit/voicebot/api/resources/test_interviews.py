"""Interviews: scheduled, listed, looked at, heard, reviewed; and who sees which."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.accounts import Scope
from models.archive import Job
from models.call import Candidate, Disposition
from models.interview import SkillKind, SkillTag
from voicebot.archive.store import Archive

Hold = Callable[..., Any]
RUST = SkillTag("Rust", SkillKind.TOOL, "rust", "q1", 0, 1, 7.0)


@pytest.fixture
def person(client: TestClient, ann: Candidate) -> str:
    made = client.post("/candidates", json={"id": ann.id, "name": ann.name, "phone": ann.phone})
    return str(made.json()["person_id"])


# Scheduling


def test_an_interview_is_scheduled_for_a_job(client: TestClient, archive: Archive, person: str, job: Job) -> None:
    asked = {"person_id": person, "job_id": job.id, "variables": {"team": "payments"}, "match_score": 81.5}
    made = client.post("/interviews", json=asked)
    assert (made.status_code, made.json()["status"], made.json()["flow"]["id"]) == (201, "scheduled", "short")
    variables = archive.variables(made.json()["id"])
    assert variables["candidate.match_score"] == "81.5"
    assert (variables["job.title"], variables["candidate.name"], variables["team"]) == (
        job.title,
        "Ann Lee",
        "payments",
    )
    read = client.get(made.headers["location"].removeprefix("/api/v1")).json()
    assert (read["attempts"], read["scorecard"], read["review"]["revision"]) == ([], None, 0)
    assert archive.audit.entries(made.json()["id"])[0].actor == "key:tests"


def test_an_interview_is_scheduled_with_a_flow_of_its_own(client: TestClient, person: str, flow: Any) -> None:
    chosen = {"id": flow.id, "version": flow.version, "language": "en"}
    assert client.post("/interviews", json={"person_id": person, "flow": chosen}).status_code == 201


def test_what_cannot_be_scheduled_says_why(
    client: TestClient, archive: Archive, person: str, job: Job, now: datetime
) -> None:
    flowless = archive.jobs.file("No flow", "", now)
    closed = archive.jobs.close(archive.jobs.file("Closed", "", now, flow_id=job.flow_id).id, now)
    for body, status, words in [
        ({"person_id": person, "job_id": flowless.id}, 409, "names no flow"),
        ({"person_id": person, "job_id": closed.id}, 409, "is closed"),
        ({"person_id": person, "job_id": "0" * 32}, 404, "no job"),
        ({"person_id": "0" * 32, "job_id": job.id}, 404, "nobody"),
        ({"person_id": person, "flow": {"id": "unheard"}}, 409, "publish it first"),
        ({"person_id": person, "flow": {"id": "short", "version": 9}}, 409, "no such version 9"),
        ({"person_id": person}, 422, "name a job, or a flow"),
        ({"person_id": person, "job_id": job.id, "match_score": 101}, 422, "less than or equal to 100"),
        ({"person_id": person, "job_id": job.id, "variables": {"A b": "x"}}, 422, "variables"),
    ]:
        refused = client.post("/interviews", json=body)
        assert (refused.status_code, words in refused.text) == (status, True), (body, refused.text)


# Lists


def test_a_list_has_what_is_asked_for(
    client: TestClient, hold: Hold, archive: Archive, ann: Candidate, job: Job, now: datetime
) -> None:
    bo = Candidate("b-2", "Bo", "+14155550124")
    first = hold(ann, "x", job_id=job.id, score=4.5, skills=(RUST,), recorded=False).interview_id
    second = hold(bo, "y", minutes=10, score=2.0, disposition=Disposition.DROPPED, recorded=False).interview_id
    third = hold(bo, "z", minutes=20, score=None, job_id=job.id, recorded=False).interview_id
    archive.begin_attempt(third, now)
    person = archive.people.find("b-2").id
    middle = (now - timedelta(minutes=55)).isoformat()
    for asked, found in [
        ({}, [third, second, first]),
        ({"job": job.id}, [third, first]),
        ({"person": person}, [third, second]),
        ({"disposition": "dropped"}, [second]),
        ({"disposition": "busy"}, []),
        ({"status": "ended"}, [third, second, first]),
        ({"status": "scheduled"}, []),
        ({"score_from": 4}, [first]),
        ({"score_to": 4}, [second]),
        ({"score_from": 1, "score_to": 5}, [second, first]),
        ({"skill": "RUST"}, [first]),
        ({"skill": "rust >= 1 year, communication >= 4"}, [first]),
        ({"stage": "waiting"}, [third, second, first]),
        ({"stage": "decided"}, []),
        ({"skill": "' OR 1=1 --"}, []),
        ({"since": middle}, [third, second]),
        ({"before": middle}, [first]),
        ({"job": job.id, "score_from": 4, "skill": "rust", "status": "ended"}, [first]),
    ]:
        page = client.get("/interviews", params=asked).json()
        assert [each["id"] for each in page["items"]] == found, asked
    for wrong in (
        *({"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"score_from": 0}, {"status": "odd"}),
        *({"stage": "odd"}, {"skill": ">= 3"}, {"skill": ""}),
    ):
        assert client.get("/interviews", params=wrong).status_code == 422, wrong


def test_pages_of_interviews_leave_none_out(client: TestClient, hold: Hold, ann: Candidate) -> None:
    ids = [hold(ann, "x", minutes=n // 3, recorded=False).interview_id for n in range(8)]
    found, cursor = [], None
    while True:
        page = client.get(
            "/interviews", params={"limit": 3, "status": "ended"} | ({"cursor": cursor} if cursor else {})
        )
        found += [each["id"] for each in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(ids)


def test_what_is_under_way_is_so_called(
    client: TestClient, archive: Archive, person: str, job: Job, now: datetime
) -> None:
    interview = client.post("/interviews", json={"person_id": person, "job_id": job.id}).json()["id"]
    assert client.get("/interviews", params={"status": "scheduled"}).json()["items"][0]["id"] == interview
    archive.begin_attempt(interview, now)
    [listed] = client.get("/interviews", params={"status": "under_way"}).json()["items"]
    assert (listed["id"], listed["status"]) == (interview, "under_way")


# One of them


def test_one_interview_has_everything(client: TestClient, held: Any) -> None:
    read = client.get(f"/interviews/{held.interview_id}")
    whole = read.json()
    assert whole["candidate"]["name"] == "Ann Lee"
    assert whole["answers"][0]["text"].startswith("I steered")
    [attempt] = whole["attempts"]
    assert (attempt["id"], attempt["recorded_ms"]) == (held.attempt_id, 1000)
    assert [line["speaker"] for line in attempt["transcript"]] == ["interviewer", "candidate", "candidate"]
    assert whole["scorecard"]["scores"][0]["evidence"][0]["quote"] in attempt["transcript"][1]["text"]
    again = client.get(f"/interviews/{held.interview_id}", headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304


def test_names_and_numbers_are_for_who_may_see_them(client: TestClient, with_scopes: Any, held: Any) -> None:
    program = with_scopes(Scope.INTERVIEWS_READ)
    for answer in (
        program.get("/interviews").json()["items"][0],
        program.get(f"/interviews/{held.interview_id}").json(),
    ):
        who = answer["candidate"]
        assert who["person_id"]
        assert (who["id"], who["phone"]) == (None, None)
        assert who["name"], "it is said in the call"


def test_a_report_says_what_the_scores_mean(client: TestClient, held: Any, person: str, job: Job) -> None:
    report = client.get(f"/interviews/{held.interview_id}/report")
    assert report.status_code == 200
    assert {"dimensions", "strengths", "gaps", "suggestions", "questions"} <= report.json().keys()
    unscored = client.post("/interviews", json={"person_id": person, "job_id": job.id}).json()["id"]
    assert client.get(f"/interviews/{unscored}/report").status_code == 404


# Review


def test_of_two_reviewers_none_loses_anything(client: TestClient, held: Any) -> None:
    place = f"/interviews/{held.interview_id}/review"
    seen = client.get(place).headers["etag"]
    score = {"question_id": "q1", "criterion_id": "communication", "value": 4.5, "reason": "Heard it.\n真的"}
    assert client.post(f"{place}/overrides", json=score).status_code == 428
    first = client.post(f"{place}/overrides", json=score, headers={"If-Match": seen})
    assert (first.status_code, first.json()["author"]) == (201, "key:tests")
    second = client.post(f"{place}/overrides", json=score | {"value": 1}, headers={"If-Match": seen})
    assert (second.status_code, second.json()["type"]) == (412, "/api/v1/docs#changed")
    decision = {"text": "Go on", "decision": "advance"}
    assert client.post(f"{place}/notes", json=decision, headers={"If-Match": seen}).status_code == 412
    go_on = first.headers["etag"]
    assert client.get(place).headers["etag"] == go_on
    assert client.post(f"{place}/notes", json={"text": "only a note"}).status_code == 201
    review = client.get(place)
    assert review.headers["etag"] != go_on
    assert client.post(f"{place}/notes", json=decision, headers={"If-Match": review.headers["etag"]}).status_code == 201
    whole = client.get(f"/interviews/{held.interview_id}").json()["review"]
    assert [each["value"] for each in whole["overrides"]] == [4.5]
    assert [each["decision"] for each in whole["notes"]] == [None, "advance"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"value": 5.5}, 422),
        ({"value": 0}, 422),
        ({"value": "high"}, 422),
        ({"reason": ""}, 422),
        ({"reason": "\x07"}, 422),
        ({"criterion_id": "' OR 1=1 --"}, 409),
        ({"value": None}, 201),
    ],
)
def test_a_score_is_on_the_scale_and_has_a_reason(
    client: TestClient, held: Any, change: dict[str, Any], status: int
) -> None:
    score = {"question_id": "q1", "criterion_id": "communication", "value": 4.5, "reason": "Why"} | change
    sent = client.post(f"/interviews/{held.interview_id}/review/overrides", json=score, headers={"If-Match": "*"})
    assert sent.status_code == status, sent.text


# Search


def test_interviews_are_found_by_what_was_said_and_shown(client: TestClient, held: Any) -> None:
    for q in ("quarterdeck", '"quarterdeck of kubernetes"', "结算"):
        [hit] = client.get("/search/transcripts", params={"q": q}).json()["items"]
        assert hit["interview"]["id"] == held.interview_id
        assert len(hit["lines"]) == 1
    assert client.get("/search/transcripts", params={"q": "neversaid"}).json() == {"items": [], "next": None}
    for q in ("Kubernetes >= 3 years, communication >= 3", "kubernetes"):
        assert [each["id"] for each in client.get("/search/skills", params={"q": q}).json()["items"]] == [
            held.interview_id
        ]
    assert client.get("/search/skills", params={"q": "Kubernetes >= 4 years"}).json()["items"] == []
    assert client.get("/search/skills/names").json() == {"items": ["Kubernetes"]}
    for path in ("transcripts", "skills"):
        for wrong in ("", "…", "x" * 501):
            refused = client.get(f"/search/{path}", params={"q": wrong})
            assert refused.status_code in (200, 422), wrong
        assert client.get(f"/search/{path}").status_code == 422


# Who sees which


def test_other_jobs_interviews_do_not_exist_for_a_reviewer(
    client: TestClient, reviewer: TestClient, hold: Hold, held: Any, ann: Candidate
) -> None:
    other = hold(ann, "another kubernetes of mine", minutes=9, skills=(RUST,))
    assert [each["id"] for each in reviewer.get("/interviews").json()["items"]] == [held.interview_id]
    assert len(client.get("/interviews").json()["items"]) == 2
    found = reviewer.get("/search/transcripts", params={"q": "kubernetes"}).json()["items"]
    assert [each["interview"]["id"] for each in found] == [held.interview_id]
    assert reviewer.get("/search/skills", params={"q": "rust"}).json()["items"] == []
    assert reviewer.get("/search/skills/names").json() == {"items": ["Kubernetes"]}
    for path in (
        f"/interviews/{other.interview_id}", f"/interviews/{other.interview_id}/review",
        f"/interviews/{other.interview_id}/report", f"/recordings/{other.attempt_id}",
    ):  # fmt: skip
        assert reviewer.get(path).status_code == 404, path
        assert (
            reviewer.get(
                path.replace(other.interview_id, held.interview_id).replace(other.attempt_id, held.attempt_id)
            ).status_code
            == 200
        )
    for path, body in (
        (f"/interviews/{other.interview_id}/review/notes", {"text": "x"}),
        (f"/recordings/{other.attempt_id}/link", {}),
    ):
        assert reviewer.post(path, json=body).status_code == 404
    assert reviewer.post(f"/interviews/{held.interview_id}/review/notes", json={"text": "x"}).json()["author"] == "rae"
    assert reviewer.get("/candidates").status_code == 403
