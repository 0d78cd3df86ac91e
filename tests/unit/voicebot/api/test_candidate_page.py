"""A candidate's own page, as a browser without scripts sees it."""

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from dialog_flows import loader
from models.accounts import Scope
from models.call import Candidate
from models.errors import OptedOut
from models.invitation import WishKind
from voicebot.api.candidate.routes import MOST_BYTES, MOST_WORDS
from voicebot.api.candidate.wording import WORDING, language
from voicebot.archive.store import Archive
from voicebot.archive.wishes import MOST_WAITING

Keys = Callable[..., dict[str, str]]
FLOW = loader.load(Path(__file__).parents[3] / "flows" / "short.yaml").ref


@pytest.fixture
def page(world: Any) -> str:
    return f"/c/{world.link}"


class Reader(HTMLParser):
    """What a page says, and what its first form would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.text = unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def hidden(self) -> dict[str, str | None]:
        return {str(a["name"]): a["value"] for tag, a in self.tags if tag == "input" and a["type"] == "hidden"}

    def buttons(self) -> list[str | None]:
        return [a["value"] for tag, a in self.tags if tag == "button"]


async def read(client: httpx.AsyncClient, page: str, **headers: str) -> Reader:
    answer = await client.get(page, headers=headers)
    assert answer.status_code == 200
    return Reader(answer.text)


async def press(client: httpx.AsyncClient, page: str, do: str, **fields: str | None) -> httpx.Response:
    return await client.post(page, data={"do": do, **fields}, follow_redirects=True)


# Reading


async def test_it_says_who_calls_that_it_is_an_ai_and_what_is_kept(client: httpx.AsyncClient, page: str) -> None:
    shown = (await read(client, page)).text
    for said in ("Acme", "Engineer", "Ann Lee", "an AI", "recorded", "0120", "What is kept", "not agreed"):
        assert said in shown, said
    assert "+1415555" not in shown, "whoever else sees the page does not get the number"


async def test_it_speaks_the_browser_s_language_or_the_chosen_one(client: httpx.AsyncClient, page: str) -> None:
    assert "人工智能" in (await read(client, page, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})).text
    assert "人工智能" in (await read(client, page + "?lang=zh")).text
    english = await read(client, page + "?lang=en", **{"Accept-Language": "zh"})
    assert "an AI" in english.text
    assert ("html", {"lang": "en"}) in english.tags


@pytest.mark.parametrize(
    ("asked", "accepted", "spoken"),
    [
        (None, "", "en"),
        (None, "fr-FR, zh-TW;q=0.5", "zh"),
        (None, "en;q=0.3, zh;q=0.9", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "*", "en"),
        (None, "zh;q=high, ;;;, q=,", "en"),
        ("zh", "en", "zh"),
        ("klingon", "zh", "zh"),
    ],
)
def test_which_language(asked: str | None, accepted: str, spoken: str) -> None:
    assert language(asked, accepted) == spoken


def test_both_languages_say_the_same() -> None:
    assert WORDING["en"].keys() == WORDING["zh"].keys()
    for key, english in WORDING["en"].items():
        fields = [
            {name for _, name, _, _ in Formatter().parse(text)} - {None} for text in (english, WORDING["zh"][key])
        ]
        assert fields[0] == fields[1], key


async def test_reading_changes_nothing(client: httpx.AsyncClient, page: str, archive: Archive, world: Any) -> None:
    before = archive.audit.entries(limit=1)
    for address in (page, page + "?done=agree", page + "?do=stop", page + "?lang=zh&done=<script>"):
        await read(client, address)
    assert archive.audit.entries(limit=1) == before


async def test_no_script_runs_and_no_other_host_is_asked(client: httpx.AsyncClient, page: str) -> None:
    answer = await client.get(page)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    tags = Reader(answer.text).tags
    assert not [tag for tag, _ in tags if tag in ("script", "img", "link", "iframe")]
    assert not [value for _, attributes in tags for value in attributes.values() if value and "//" in value]


async def test_it_can_be_used_without_eyes_and_on_a_phone(client: httpx.AsyncClient, page: str) -> None:
    shown = await read(client, page)
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in shown.tags
    names = [tag for tag, _ in shown.tags]
    assert names.count("h1") == names.count("main") == 1
    boxes = [at for at, (tag, a) in enumerate(shown.tags) if tag == "input" and a["type"] == "checkbox"]
    assert all(shown.tags[at - 1][0] == "label" for at in boxes)
    done = await read(client, page + "?done=withdraw")
    assert ("p", {"class": "said", "role": "status"}) in done.tags


# Doing


async def test_consent_is_filed_as_it_was_shown(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any
) -> None:
    shown = await read(client, page)
    answer = await press(client, page, "agree", **shown.hidden())
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    (consent,) = archive.people.consents(world.ids["person_id"])
    assert (consent.purpose, consent.source, consent.number) == ("call", "link", "+14155550120")
    assert consent.text in shown.text
    assert datetime.now(UTC) - consent.given_at < timedelta(minutes=1)
    assert archive.audit.entries(world.ids["person_id"])[0].actor == "candidate"
    again = await read(client, page)
    assert consent.text in again.text
    assert "agree" not in again.buttons()

    await press(client, page, "withdraw")
    (withdrawn,) = archive.people.consents(world.ids["person_id"])
    assert withdrawn.withdrawn_at is not None
    assert "agree" in (await read(client, page)).buttons()


async def test_who_has_another_number_now_is_asked_about_that_one(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any
) -> None:
    await press(client, page, "agree", **(await read(client, page)).hidden())
    known = archive.people.with_id(world.ids["person_id"]).candidate
    archive.people.file(replace(known, phone="+14155550199"), datetime.now(UTC))
    shown = await read(client, page)
    assert "agree" in shown.buttons()
    await press(client, page, "agree", **shown.hidden())
    archive.people.require_call_consent("+14155550199")
    assert "agree" not in (await read(client, page)).buttons()


async def test_recording_is_a_consent_of_its_own(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any
) -> None:
    shown = await read(client, page + "?lang=zh")
    await press(client, page + "?lang=zh", "agree", recording="yes", **shown.hidden())
    consents = archive.people.consents(world.ids["person_id"])
    assert sorted(each.purpose for each in consents) == ["call", "recording"]
    assert all(each.text in shown.text for each in consents)


@pytest.mark.parametrize("shown", [None, "", "0" * 32, "of another language"])
async def test_a_text_that_was_not_shown_is_not_agreed_to(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any, shown: str | None
) -> None:
    if shown == "of another language":
        shown = (await read(client, page + "?lang=zh")).hidden()["shown"]
    answer = await press(client, page + "?lang=en", "agree", shown=shown)
    assert answer.status_code == 409
    assert "read it again" in answer.text
    assert archive.people.consents(world.ids["person_id"]) == ()


async def test_never_again_is_for_good(client: httpx.AsyncClient, page: str, archive: Archive, world: Any) -> None:
    shown = await read(client, page)
    answer = await press(client, page, "stop")
    assert "not called again" in answer.text
    entry = archive.audit.entries(world.ids["person_id"])[0]
    assert (entry.action, entry.actor) == ("opt_out", "candidate")
    with pytest.raises(OptedOut):
        archive.schedule_interview(Candidate("c", "Ann Lee", "+14155550120"), FLOW, {}, datetime.now(UTC))
    assert "agree" not in (await read(client, page)).buttons()
    assert (await press(client, page, "agree", **shown.hidden())).status_code == 409
    assert archive.people.consents(world.ids["person_id"]) == ()


async def test_a_copy_has_everything_on_file(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any
) -> None:
    answer = await press(client, page, "copy")
    assert answer.headers["content-disposition"] == 'attachment; filename="voicebot-data.zip"'
    assert answer.headers["cache-control"] == "no-store"
    with ZipFile(io.BytesIO(answer.content)) as copy:
        content = json.loads(copy.read("person.json"))
        recordings = [name for name in copy.namelist() if name.endswith(".wav")]
    assert content["person"]["candidate"]["name"] == "Ann Lee"
    assert content["interviews"][0]["transcript"][1]["text"].startswith("I ran kubernetes")
    assert len(recordings) == 1
    entry = archive.audit.entries(world.ids["person_id"])[0]
    assert (entry.action, entry.actor) == ("export", "candidate")


@pytest.mark.parametrize("kind", WishKind)
@pytest.mark.parametrize("words", ["", "Ich heiße Anne,\r\nnicht Ann. 我叫安。"])
async def test_what_they_ask_for_waits_for_a_person(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any, kind: WishKind, words: str
) -> None:
    before = archive.wishes.count()
    answer = await press(client, page, kind.value, words=words)
    assert "Acme has been told" in answer.text
    wish = archive.wishes.list(1)[0]
    assert (wish.kind, wish.words, wish.candidate.name) == (kind, words, "Ann Lee")
    assert (wish.person_id, wish.interview_id) == (world.ids["person_id"], world.ids["interview_id"])
    entry = archive.audit.entries(world.ids["person_id"])[0]
    assert (entry.action, entry.actor, entry.details["what"]) == ("ask", "candidate", kind)
    assert archive.people.find("c"), "nothing is erased before a person has looked"
    await press(client, page, kind.value, words=words)
    assert archive.wishes.count() == before + 1, "pressed twice, it is one wish"


async def test_what_they_write_has_an_end_and_what_they_ask_for_too(
    client: httpx.AsyncClient, page: str, archive: Archive
) -> None:
    assert (await press(client, page, "correction", words="字" * MOST_WORDS)).status_code == 200
    assert len(archive.wishes.list(1)[0].words) == MOST_WORDS
    answers = [await press(client, page, "objection", words=f"To {n}.") for n in range(MOST_WAITING)]
    assert {answer.status_code for answer in answers[: MOST_WAITING - 2]} == {200}
    assert {answer.status_code for answer in answers[MOST_WAITING - 2 :]} == {409}
    assert "Nothing has been changed" in answers[-1].text
    assert archive.wishes.count() == MOST_WAITING


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"do=erase", "application/x-www-form-urlencoded"),
        (b"do=__class__", "application/x-www-form-urlencoded"),
        (b"do=stop" + b"&a=b" * 50, "application/x-www-form-urlencoded"),
        (b"do=stop&a=" + b"b" * MOST_BYTES, "application/x-www-form-urlencoded"),
        (b"\xff\xfe do=stop", "application/x-www-form-urlencoded"),
        (b'{"do": "stop"}', "application/json"),
    ],
)
async def test_a_form_that_is_not_ours_does_nothing(
    client: httpx.AsyncClient, page: str, archive: Archive, world: Any, content: bytes, kind: str
) -> None:
    before = archive.audit.entries(limit=1)
    answer = await client.post(page, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "Nothing has been changed" in answer.text
    assert archive.audit.entries(limit=1) == before


async def test_what_people_are_called_is_shown_and_never_run(
    client: httpx.AsyncClient, archive: Archive, world: Any
) -> None:
    now = datetime.now(UTC)
    evil = "<script>alert(1)</script>\"'&{{7*7}}{name}"
    job = archive.jobs.file(evil, "Berlin", now)
    candidate = Candidate("evil", evil, "+14155550<b>")
    archive.schedule_interview(candidate, FLOW, {"company": evil}, now, job_id=job.id)
    token, _ = archive.invitations.issue("evil", "mia", now, timedelta(days=1))
    answer = await client.get(f"/c/{token}")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<b>" not in answer.text
    assert evil in Reader(answer.text).text


# The link


async def test_recruiters_give_the_link_out(
    client: httpx.AsyncClient, with_key: Keys, archive: Archive, world: Any
) -> None:
    key = with_key(Scope.CANDIDATES_WRITE)
    for who in (world.ids["person_id"], "c"):
        made = await client.post(f"/api/v1/candidates/{who}/link", headers=key, json={"days": 2})
        assert made.status_code == 201
        url = made.json()["url"]
        assert re.fullmatch(r"https://calls\.example\.com/c/[A-Za-z0-9_-]{48}", url)
        assert (await client.get(url.removeprefix("https://calls.example.com"))).status_code == 200
    assert archive.audit.entries(world.ids["person_id"])[0].action == "link"
    assert (await client.post("/api/v1/candidates/nobody/link", headers=key)).status_code == 404
    for days in (0, 91, "x", None):
        refused = await client.post("/api/v1/candidates/c/link", headers=key, json={"days": days})
        assert refused.status_code == 422


@pytest.mark.parametrize("do", ["GET", "agree", "stop", "copy", "erasure"])
async def test_a_link_that_is_over_says_so(client: httpx.AsyncClient, archive: Archive, do: str) -> None:
    then = datetime.now(UTC) - timedelta(days=3)
    token, _ = archive.invitations.issue("c", "mia", then, timedelta(days=2))
    page = f"/c/{token}"
    answer = await (client.get(page) if do == "GET" else press(client, page, do))
    assert answer.status_code == 410
    assert "no longer works" in answer.text
    assert "Ann" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_an_erased_person_s_link_says_no_more_than_one_that_is_over(
    client: httpx.AsyncClient, archive: Archive, page: str, world: Any
) -> None:
    archive.privacy.erase("c", "mia", datetime.now(UTC))
    then = datetime.now(UTC) - timedelta(days=3)
    over, _ = archive.invitations.issue("c_elsewhere", "mia", then, timedelta(days=2))
    erased, expired = await client.get(page), await client.get(f"/c/{over}")
    assert (erased.status_code, erased.text) == (expired.status_code, expired.text)


async def test_a_forged_or_altered_link_opens_nothing(client: httpx.AsyncClient, page: str, world: Any) -> None:
    token = page.removeprefix("/c/")
    altered = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, 48, 5)]
    raw = base64.urlsafe_b64decode(token)
    later = raw[:16] + (int.from_bytes(raw[16:20], "big") + 86_400).to_bytes(4, "big") + raw[20:]
    other = bytes.fromhex(world.ids["person_id_elsewhere"]) + raw[16:]
    nobody = bytes(16) + raw[16:]
    forged = [base64.urlsafe_b64encode(each).decode() for each in (later, other, nobody, bytes(36))]
    odd = ["x", token[:-1], token + "A", token + "==", "..", "%00", "é", "a" * 5000, world.ids["person_id"]]
    pages = set()
    for each in (*altered, *forged, *odd):
        answer = await client.get(f"/c/{each}")
        assert answer.status_code == 404, each
        if each != "..":
            pages.add(answer.text)
    assert len(pages) == 1, "each says the same"
    assert "does not work" in pages.pop()
    assert (await press(client, f"/c/{altered[0]}", "stop")).status_code == 404


async def test_a_guesser_is_slowed_down(archive: Archive, settings: Any) -> None:
    from fastapi import FastAPI

    from voicebot.api.candidate.routes import router

    app = FastAPI()
    app.include_router(router(archive, settings.model_copy(update={"api_strangers_per_minute": 5})))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://voicebot.test") as client:
        answers = [await client.get(f"/c/guess{n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Too many requests" in answers[-1].text
