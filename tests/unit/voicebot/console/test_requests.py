"""What comes in with a request, read without trust."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi import HTTPException
from starlette.requests import Request

from models.desk import InterviewFilter, Stage
from voicebot.api.v1.playing import part
from voicebot.console.spreadsheet import harmless
from voicebot.console.visit import from_our_own_page, local_path, view
from voicebot.console.wanted import wanted


def request(query="", **headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": "GET", "path": "/interviews", "query_string": query.encode(), "headers": raw}
    )


@pytest.mark.parametrize("path", ["/", "/interviews?q=a%20b", "/interviews/3f9c"])
def test_after_signing_in_one_is_led_back(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "javascript:alert(1)", "/a\r\nb"]
)
def test_nobody_is_led_to_another_site(path):
    assert local_path(path) == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "host": "hr.example"},
        {"origin": "null", "host": "hr.example"},
        {"sec_fetch_site": "cross-site", "host": "hr.example"},
        {"sec_fetch_site": "same-site", "host": "hr.example"},
        {"host": "hr.example"},
    ],
)
def test_another_sites_form_is_refused(headers):
    with pytest.raises(HTTPException) as refused:
        from_our_own_page(request(**headers))
    assert refused.value.status_code == 403


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "same-origin"}, {"origin": "https://hr.example"}])
def test_our_own_form_is_taken(headers):
    from_our_own_page(request(host="hr.example", **headers))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-", (0, 1000)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-100", (900, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=1000-", (1000, 1000)),
        ("bytes=-0", (1000, 0)),
        ("bytes=20-10", None),
        (f"bytes={'9' * 5000}-", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=²-", None),
    ],
)
def test_the_part_of_a_recording_that_is_asked_for(asked, given):
    assert part(asked, 1000) == given


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_is_never_a_formula(cell):
    assert harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are():
    assert [harmless(cell) for cell in ("Ann", "", "a=b", "3.9")] == ["Ann", "", "a=b", "3.9"]


def test_a_query_is_read_as_a_filter():
    asked = request(
        "q=on+call&job=j&status=waiting&skill=Go&from=2&to=4.5&since=2026-11-01&until=2026-11-22&after=x",
        cookie="voicebot_zone=Asia/Shanghai",
    )
    found = wanted(asked, view(asked))
    shanghai = ZoneInfo("Asia/Shanghai")
    assert found.filter == InterviewFilter(
        job_id="j",
        stage=Stage.WAITING,
        score_from=2.0,
        score_to=4.5,
        skill="Go",
        since=datetime(2026, 11, 1, tzinfo=shanghai),
        before=datetime(2026, 11, 23, tzinfo=shanghai),
    )
    assert found.text == "on call"
    assert "after" not in found.query


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=6", "score"),
        ("status=sunny", "status"),
        ("from=nan", "score"),
        ("to=five", "score"),
        ("since=yesterday", "date"),
        ("until=9999-12-31", "date"),
        ("since=2026-02-30", "date"),
    ],
)
def test_what_cannot_be_read_is_said(query, problem):
    asked = request(query)
    assert wanted(asked, view(asked)).problem == problem


def test_a_field_without_end_is_cut():
    asked = request("q=" + "a" * 100_000)
    assert len(wanted(asked, view(asked)).text) == 200


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/localtime", "Nowhere/Never", "%00", "a" * 5000])
def test_a_time_zone_that_is_none_is_the_servers(zone):
    assert view(request(cookie=f"voicebot_zone={zone}")).zone
