"""A test call from the console, without a browser: who gets at it, and what is left of it. Nothing is."""

import asyncio
import contextlib
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from media_streams import MediaStream
from person import Person
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dialog_flows import loader
from models.accounts import Role
from models.call import Disposition
from models.errors import InvalidFlow, NoFreeSlot
from models.speech import Speaker
from telephony.loopback import Hook
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.archive import passwords
from voicebot.archive.store import open_archive
from voicebot.console import flow_call
from voicebot.live_calls import LiveCalls
from voicebot.trial import Trial

PASSWORD = "a quiet harbour at dawn"
SAYS = {
    "May I record our conversation?": "Yes, that is fine.",
    "Am I speaking with Ravi?": "Yes, speaking.",
    "Is now a good time?": "Yes, it is.",
    "Please tell me about a project that you finished.": "I finished a search engine. It is forty percent faster.",
    "When could you start?": "On the first of March.",
    "Do you have any questions for us?": "No, thank you.",
}


@pytest.fixture(scope="module")
def flow(short_flow):
    """In English alone, whose voice is quick."""
    return loader.parse(short_flow.source.text.replace("also_in: [zh]\n", ""), "flow")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An archive with people who may write flows and who may not. Yields it, and everybody's session."""
    now = datetime.now(UTC)
    with (
        pytest.MonkeyPatch.context() as patch,
        open_archive(tmp_path_factory.mktemp("office") / "home") as archive,
    ):
        patch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
        for name, role in (("Ravi", Role.RECRUITER), ("Ann", Role.ADMIN), ("Rosa", Role.REVIEWER)):
            archive.accounts.create_user(name, role, PASSWORD, "test", now)
        sessions = {name: archive.accounts.sign_in(name, PASSWORD, now) for name in ("Ravi", "Ann", "Rosa")}
        sessions["gone"] = archive.accounts.sign_in("Ravi", PASSWORD, now - timedelta(days=1))
        yield archive, sessions


@pytest.fixture
def parts(parts, monkeypatch, tmp_path):
    """With one slot, and a place of its own for what calls leave while they last."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return replace(parts, live_calls=LiveCalls(most=1))


@pytest.fixture
async def console(office):
    """The console's route for streams, and the gateway's own beside it. Yields their URL's beginning."""
    app = FastAPI()
    app.state.archive = office[0]
    app.add_api_websocket_route(flow_call.STREAMS + "{call_id}", flow_call.media)
    async with serving(app, listen("127.0.0.1", 0)) as address:
        yield f"ws://{address}"


class Recruiter:
    """Ravi with a page: holds a test call, and has its stream's address, token and headers once it rings."""

    def __init__(self, parts, flow, office, console):
        archive, sessions = office
        self.trial = Trial(flow, "Ravi")
        self.url = f"{console}{flow_call.STREAMS}{self.trial.id}"
        self.headers = {"Origin": console.replace("ws", "http"), "Cookie": f"voicebot_session={sessions['Ravi']}"}
        self.token = asyncio.get_running_loop().create_future()
        users = {user.name: user.id for user in archive.accounts.users()}
        flow_call.CALLS[self.trial.id] = self.trial, users["Ravi"]
        self.holding = asyncio.create_task(self.trial.hold(parts, self.token.set_result))

    async def picks_up(self, person):
        """Returns the stream when it is over."""
        stream = MediaStream(person, {"token": await self.token})
        await stream.run(self.url, headers=self.headers)
        return stream


@pytest.fixture
async def recruiter(parts, flow, office, console):
    who = Recruiter(parts, flow, office, console)
    yield who
    who.holding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await who.holding
    del flow_call.CALLS[who.trial.id]


@pytest.fixture
async def person(parts, recruiter, monkeypatch):
    """Answers everything; is told the lines as the page is."""
    answers = {line: (await parts.voice("en").speak(said)).pcm for line, said in SAYS.items()}
    person = Person(answers)
    line_began = recruiter.trial.line_began
    monkeypatch.setattr(recruiter.trial, "line_began", lambda *line: (line_began(*line), person.line_began(*line)))
    return person


def left_behind(tmp_path):
    return sorted(path.name for path in Path(tmp_path).iterdir() if path.name.startswith("voicebot-"))


async def test_a_flow_is_tried_out_from_the_first_word_to_the_score(parts, recruiter, person, tmp_path):
    before = len(parts.archive.interviews())
    trial = recruiter.trial
    await recruiter.token
    assert trial.rendered == trial.to_render > len(SAYS)
    assert len(left_behind(tmp_path)) == 1, "an archive of its own while it lasts"
    await recruiter.picks_up(person)
    await recruiter.holding
    assert trial.record.disposition is Disposition.COMPLETED
    said = [(line.meaning, line.text) for line in trial.lines if line.speaker is Speaker.CANDIDATE]
    assert len(said) == len(SAYS)
    assert said[0][0] == "yes"
    assert "search engine" in said[3][1]
    asked = [line.text for line in trial.lines if line.speaker is Speaker.INTERVIEWER]
    assert asked[0].startswith("Hello, this is an AI calling from")
    assert [line for line in asked if line in SAYS] == list(SAYS)
    assert trial.record.scorecard.scores
    assert {"project", "first_day", "candidate_questions", "closing"} <= set(trial.path)
    assert len(parts.archive.interviews()) == before
    assert left_behind(tmp_path) == []
    assert len(parts.live_calls) == 0


async def test_who_leaves_in_mid_call_has_hung_up(parts, recruiter, person, tmp_path):
    def leaves(heard, stays=person.exchange):
        return Hook.DOWN if "When could you start?" in person.lines else stays(heard)

    person.exchange = leaves
    await recruiter.picks_up(person)
    await recruiter.holding
    record = recruiter.trial.record
    assert record.disposition is Disposition.DROPPED
    assert "search engine" in record.answers[0].text
    assert record.scorecard is not None
    assert left_behind(tmp_path) == []


async def test_nobody_else_gets_at_a_call(parts, recruiter, office, console):
    _, sessions = office
    await recruiter.token
    origin = {"Origin": recruiter.headers["Origin"]}
    strangers = [
        origin,
        *(origin | {"Cookie": f"voicebot_session={sessions[who]}"} for who in ("Ann", "Rosa", "gone")),
        origin | {"Cookie": "voicebot_session=forged"},
        recruiter.headers | {"Origin": "https://evil.example"},
        {"Cookie": recruiter.headers["Cookie"]},
        recruiter.headers | {"Sec-Fetch-Site": "cross-site"},
    ]
    for headers in strangers:
        assert await refused(recruiter.url, headers) == 403
    assert await refused(f"{console}{flow_call.STREAMS}{'0' * 32}", recruiter.headers) == 403
    assert recruiter.trial.lines == []
    assert len(parts.live_calls) == 1, "the call still rings"


async def refused(url, headers):
    with pytest.raises(InvalidStatus) as error:
        async with connect(url, additional_headers=headers, origin=None):
            pass
    return error.value.response.status_code


async def test_a_call_is_picked_up_once(parts, recruiter, person):
    first = asyncio.create_task(recruiter.picks_up(person))
    while not person.lines:
        await asyncio.sleep(0.1)
    assert await refused(recruiter.url, recruiter.headers) == 403
    assert not first.done()
    recruiter.holding.cancel()
    await first


async def test_the_gateway_takes_none_and_a_call_takes_no_other_token(parts, recruiter, person):
    async with serving(create_app(parts, api=False), listen("127.0.0.1", 0)) as address:
        elsewhere = MediaStream(person, {"token": await recruiter.token})
        await elsewhere.run(f"ws://{address}/media")
    assert elsewhere.close_code == 1008
    assert not person.lines
    forged = MediaStream(person, {"token": "forged.9999999999.0000"})
    await forged.run(recruiter.url, headers=recruiter.headers)
    assert forged.close_code == 1008
    await recruiter.holding
    assert recruiter.trial.record.disposition is Disposition.FAILED


async def test_it_counts_as_one_of_the_calls_that_the_process_may_hold(parts, recruiter, flow):
    await recruiter.token
    with pytest.raises(NoFreeSlot, match="VOICEBOT_MAX_CALLS"):
        await Trial(flow, "Ann").hold(parts, print)
    assert len(parts.live_calls) == 1


@pytest.mark.parametrize("after_s", [0, 0.001, None], ids=["at once", "while the archive opens", "while it rings"])
async def test_who_gives_up_before_it_rings_leaves_nothing(parts, recruiter, tmp_path, after_s):
    await (recruiter.token if after_s is None else asyncio.sleep(after_s))
    recruiter.holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await recruiter.holding
    assert left_behind(tmp_path) == []
    assert len(parts.live_calls) == 0


async def test_nobody_picks_up(parts, recruiter):
    await recruiter.holding
    assert recruiter.trial.record.disposition is Disposition.NO_ANSWER


async def test_a_flow_that_wants_to_be_told_more_says_what(parts, flow, tmp_path):
    flow = flow.model_copy(update={"variables": {"candidate.name": None, "team": None}, "closing": "Bye, {team}."})
    with pytest.raises(InvalidFlow, match="team"):
        await Trial(flow, "Ravi").hold(parts, print)
    assert left_behind(tmp_path) == []
