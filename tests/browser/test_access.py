"""Who gets what from the console's addresses, asked without a browser."""

import contextlib
import csv
import io
import itertools
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from office import HOSTILE, NOW, PASSWORD, fill
from visitor import serving

from models.archive import Retention
from voicebot.archive.store import open_archive

EVERYBODY = ("Ann", "Ravi", "Rosa", None)
"""Admin, recruiter, a reviewer of one job, nobody."""
ROUTES = {
    # what is asked: the status for each of EVERYBODY
    "GET /": (200, 200, 200, 303),
    "GET /interviews": (200, 200, 200, 303),
    "GET /interviews.csv": (200, 200, 403, 303),
    "GET /skills": (200, 200, 200, 303),
    "GET /interviews/{maya}": (200, 200, 200, 303),
    "GET /interviews/{other_job}": (200, 200, 404, 303),
    "GET /interviews/{maya}/report": (200, 200, 200, 303),
    "GET /interviews/{other_job}/report": (200, 200, 404, 303),
    "GET /interviews/nothing": (404, 404, 404, 303),
    "GET /recordings/{maya_recording}.wav": (200, 200, 200, 303),
    "GET /recordings/{maya_recording}/outline": (200, 200, 200, 303),
    "GET /recordings/{other_recording}.wav": (200, 200, 404, 303),
    "GET /recordings/{other_recording}/outline": (200, 200, 404, 303),
    "GET /recordings/nothing.wav": (404, 404, 404, 303),
    "POST /people/{person}/export": (200, 200, 403, 303),
    "POST /people/nobody/export": (404, 404, 403, 303),
    "GET /candidates": (200, 200, 403, 303),
    "GET /candidates/{person}": (200, 200, 403, 303),
    "GET /candidates/nobody": (404, 404, 403, 303),
    "POST /candidates/import": (400, 400, 403, 303),
    "GET /flows": (200, 200, 200, 303),
    "GET /flows/nothing": (404, 404, 404, 303),
    "GET /flows/nothing/rehearse": (404, 404, 404, 303),
    "GET /flows/nothing/call": (404, 404, 403, 303),
    "GET /flows/drafts/nothing": (404, 404, 403, 303),
    "GET /flows/drafts/nothing/rehearse": (404, 404, 403, 303),
    "GET /flows/drafts/nothing/call": (404, 404, 403, 303),
    "GET /audit": (200, 403, 403, 303),
    "GET /accounts": (200, 403, 403, 303),
    "GET /settings": (200, 403, 403, 303),
    "GET /erased": (200, 200, 200, 303),
    "GET /sign-in": (200, 200, 200, 200),
    "GET /set-up": (410, 410, 410, 410),
    "POST /set-up": (410, 410, 410, 410),
    "GET /language/en": (303, 303, 303, 303),
    "GET /language/xx": (404, 404, 404, 404),
    "GET /c/{link}": (200, 200, 200, 200),  # the candidate's own page: whoever has the link
    "GET /c/forged": (404, 404, 404, 404),
    "GET /console/static/console.css": (200, 200, 200, 200),
    "GET /console/static/../mount.py": (404, 404, 404, 404),
    "GET /nothing": (404, 404, 404, 404),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    home = tmp_path_factory.mktemp("access") / "home"
    with open_archive(home) as archive:
        filled = fill(archive, home)
        person = archive.desk.find(filled.maya).interview.person_id
        other_recording = archive.interview(filled.other_job).attempts[-1].id
        link, _ = archive.invitations.issue(person, "Ann", NOW, timedelta(days=1))
    names = {name: getattr(filled, name) for name in ("maya", "maya_recording", "wang", "other_job", "hostile")}
    with serving(home) as url:
        yield url, home, names | {"person": person, "other_recording": other_recording, "link": link}


def client(url, who):
    """A browser of our own page, signed in as `who`."""
    ours = httpx.Client(base_url=url, headers={"sec-fetch-site": "same-origin"}, timeout=60)
    if who:
        answer = ours.post("/sign-in", data={"name": who, "password": PASSWORD, "next": "/interviews"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/interviews")
    return ours


@pytest.fixture(scope="module")
def clients(office):
    made = {who: client(office[0], who) for who in EVERYBODY}
    yield made
    for each in made.values():
        each.close()


@pytest.mark.parametrize("route", list(ROUTES))
def test_every_address_is_for_those_it_is_for(office, clients, route):
    _, _, names = office
    method, path = route.split()
    data = {"token": "x", "name": "x", "password": "x"} if method == "POST" else None
    found = []
    for who in EVERYBODY:
        answer = clients[who].request(method, path.format(**names), data=data)
        assert "Traceback" not in answer.text
        found.append(answer.status_code)
    assert tuple(found) == ROUTES[route]


def test_no_page_is_without_a_row():
    told = (
        "from nicegui import app; from fastapi import FastAPI; from voicebot.console.mount import mount;"
        "mount(FastAPI(), None, None);"
        "print(*(f'{method} {route.path}' for route in app.routes for method in getattr(route, 'methods', None) or ()"
        " if not route.path.startswith(('/_nicegui', '/favicon', '/docs', '/redoc', '/openapi'))), sep='\\n')"
    )
    printed = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout
    known = {re.sub(r"\{\w+\}|\bxx\b", "*", route) for route in ROUTES} | {"POST /sign-in", "POST /sign-out"}
    known |= {re.sub(r"/(en|nothing|nobody|console\.css)\b", "/*", route) for route in known}
    routes = {re.sub(r"\{[\w:]+\}", "*", line) for line in printed.splitlines() if not line.startswith("HEAD")}
    assert routes
    assert routes <= known


def test_another_sites_page_can_change_nothing(office, clients):
    _, _, names = office
    for path, data in (
        (f"/people/{names['person']}/export", {}),
        ("/sign-out", {}),
        ("/sign-in", {"name": "Ann", "password": PASSWORD}),
    ):
        foreign = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
        assert clients["Ann"].post(path, data=data, headers=foreign).status_code == 403
    assert clients["Ann"].get("/").status_code == 200


def test_a_recording_comes_in_any_piece_and_is_one_play(office, clients):
    _, home, names = office
    path, ravi = f"/recordings/{names['maya_recording']}.wav", clients["Ravi"]

    def plays():
        with open_archive(home) as archive:
            return sum(e.action == "play" and e.actor == "Ravi" for e in archive.audit.entries(names["maya"]))

    whole = ravi.get(path)
    before = plays()
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.content[:4] == b"RIFF"
    size = len(whole.content)
    for asked, start, end in (("0-99", 0, 100), ("1000-", 1000, size), ("-8", size - 8, size), ("44-44", 44, 45)):
        piece = ravi.get(path, headers={"range": f"bytes={asked}"})
        assert piece.status_code == 206
        assert piece.content == whole.content[start:end]
        assert piece.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    beyond = ravi.get(path, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert plays() == before == 1


def test_the_spreadsheet_has_what_the_list_has_and_no_formula(office, clients):
    _, home, names = office
    ravi = clients["Ravi"]
    answer = ravi.get("/interviews.csv", params={"skill": "Zendesk"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["Interview"] for row in rows} == {names["maya"], names["wang"]}
    every = ravi.get("/interviews.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(every)))
    assert len(rows) == 8
    assert HOSTILE in {row["Candidate"] for row in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    with open_archive(home) as archive:
        newest = next(entry for entry in archive.audit.entries() if entry.action == "export")
    assert (newest.actor, newest.subject) == ("Ravi", "interviews")


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "status=1%27%20OR%201=1--",
        "skill=%3E%3D",
        "from=1e999",
        "since=0001-01-01",
        "after=gone",
        "job=%F0%9F%92%A5",
        "q=" + "a" * 5000,
    ],
)
def test_a_query_of_any_kind_gets_a_page(office, clients, query):
    assert clients["Ann"].get(f"/interviews?{query}").status_code == 200


def test_a_request_that_makes_no_sense_gets_a_plain_page(office, clients):
    for asked in (
        clients["Ann"].get("/sign-in?wait_s=soon"),
        clients["Ann"].post("/sign-in", data={"name": "Ann"}),
        clients["Ann"].post("/sign-in", content=b"\xff\x00", headers={"content-type": "multipart/form-data"}),
    ):
        assert asked.status_code == 400
        assert asked.headers["content-type"].startswith("text/html")


def test_a_body_without_end_is_cut_off(office):
    with httpx.Client(base_url=office[0], headers={"sec-fetch-site": "same-origin"}, timeout=60) as stranger:
        form = {"content-type": "multipart/form-data; boundary=b"}
        head = b'--b\r\ncontent-disposition: form-data; name="name"; filename="f"\r\n\r\n'
        endless = itertools.chain([head], itertools.repeat(b"a" * 1_000_000, 1000))
        with contextlib.suppress(httpx.TransportError):  # the server may hang up while we go on
            assert stranger.post("/sign-in", content=endless, headers=form).status_code == 413


def test_a_page_is_not_framed_stored_or_lent(office, clients):
    headers = clients["Ann"].get("/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_cookie_is_the_servers_alone(office):
    url, _, _ = office
    with httpx.Client(base_url=url, headers={"sec-fetch-site": "same-origin"}) as stranger:
        answer = stranger.post("/sign-in", data={"name": "Ann", "password": PASSWORD})
        set_cookie = next(v for v in answer.headers.get_list("set-cookie") if v.startswith("voicebot_session="))
        assert "HttpOnly" in set_cookie
        assert "SameSite=lax" in set_cookie
        stranger.post("/sign-out")
        assert stranger.get("/").status_code == 303


def test_a_wrong_password_says_no_more_than_a_wrong_name(office):
    url, _, _ = office
    with httpx.Client(base_url=url, headers={"sec-fetch-site": "same-origin"}, timeout=60) as stranger:
        refused = [
            stranger.post("/sign-in", data={"name": name, "password": "wrong"}).headers["location"]
            for name in ("Ann", "Nobody")
        ]
        assert refused == ["/sign-in?problem=refused"] * 2
        for _ in range(8):
            last = stranger.post("/sign-in", data={"name": "Ravi", "password": "wrong"}).headers["location"]
        assert last.startswith("/sign-in?problem=wait&wait_s=")
        assert stranger.get(last).status_code == 200


def test_an_outline_goes_with_its_recording(office, clients):
    _, home, names = office
    path = f"/recordings/{names['maya_recording']}/outline"
    assert len(clients["Ravi"].get(path).json()["candidate"]) > 100
    with open_archive(home) as archive:
        archive.privacy.retain(Retention(recordings=1), "timer", datetime.now(UTC) + timedelta(days=3650))
    assert clients["Ravi"].get(path).status_code == 404
