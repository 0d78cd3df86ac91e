"""The real application over a real archive; only the speech models are not there."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from dialog_flows import loader
from models.accounts import Role, Scope
from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Evidence, FlowRef, Score, Scorecard, SkillKind, SkillTag
from models.invitation import WishKind
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot import wiring
from voicebot.api.app import create_app
from voicebot.archive import passwords
from voicebot.archive.store import Archive, open_archive
from voicebot.live_calls import LiveCalls
from voicebot.settings import Settings

FLOW = Path(__file__).parents[3] / "flows" / "short.yaml"
WORDS = "four plain words here"
SITE = "http://voicebot.test"


@dataclass
class World:
    """An archive with somebody of every role, two jobs with an interview each, and the ids of it all."""

    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    """By the name that a route's path has for it."""
    users: dict[str, str] = field(default_factory=dict)
    """Names, by who they are in the table of roles. Everybody's password is WORDS."""
    sessions: dict[str, str] = field(default_factory=dict)
    link: str = ""
    """What a candidate has."""


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once; tests use a copy of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
        world = World(tmp_path_factory.mktemp("world") / "archive")
        now = datetime.now(UTC)
        with open_archive(world.folder) as archive:
            _fill(world, archive, now)
    return world


def _fill(world: World, archive: Archive, now: datetime) -> None:
    published = loader.load(FLOW)
    flow = published.ref
    archive.flows.publish(flow, published.title, published.language, published.published_text, now)
    for suffix in ("", "_elsewhere"):
        job = archive.jobs.file(f"Engineer{suffix}", "Berlin", now, flow_id=flow.id)
        candidate = Candidate(f"c{suffix}", "Ann Lee", f"+1415555012{len(suffix)}")
        interview_id, attempt_id = _hold(archive, candidate, flow, job.id, now - timedelta(hours=1))
        person = archive.people.find(candidate.id)
        ids = {"job_id": job.id, "interview_id": interview_id, "attempt_id": attempt_id, "person_id": person.id}
        world.ids |= {name + suffix: value for name, value in ids.items()} | {f"candidate_id{suffix}": candidate.id}
    people = {
        "admin": Role.ADMIN,
        "recruiter": Role.RECRUITER,
        "assigned": Role.REVIEWER,
        "unassigned": Role.REVIEWER,
        "expired": Role.ADMIN,
    }
    accounts = archive.accounts
    for who, role in people.items():
        user = accounts.create_user(f"{who} person", role, WORDS, "cli:op", now)
        world.users[who] = user.name
        if who == "assigned":
            accounts.assign(user.id, [world.ids["job_id"]], "cli:op", now)
        signed_in = now - timedelta(minutes=31) if who == "expired" else now
        world.sessions[who] = accounts.sign_in(user.name, WORDS, signed_in)
    world.ids["user_id"] = accounts.create_user("somebody", Role.REVIEWER, WORDS, "cli:op", now).id
    key, _ = accounts.create_key("somebody's", {Scope.JOBS_READ}, "somebody", now)
    webhook, _ = archive.webhooks.create("https://127.0.0.1/", ["interview.ended"], "cli:op", now)
    archive.webhooks.replay_since(webhook.id, now - timedelta(days=1), "cli:op", now)
    world.ids |= {"webhook_id": webhook.id, "sequence": str(archive.webhooks.deliveries(webhook.id)[0].sequence)}
    world.link, _ = archive.invitations.issue("c", "cli:op", now, timedelta(days=1))
    world.ids["token"] = world.link
    world.ids["wish_id"] = archive.invitations.ask(world.link, WishKind.CORRECTION, "My name is Anne.", now).id
    world.ids |= {"key_id": key.id, "flow_id": flow.id, "digest": flow.digest}


def _hold(archive: Archive, candidate: Candidate, flow: FlowRef, job_id: str, at: datetime) -> tuple[str, str]:
    interview_id = archive.schedule_interview(
        candidate, flow, {"company": "Acme", "candidate.name": "Ann"}, at, job_id=job_id
    )
    attempt_id = archive.begin_attempt(interview_id, at)
    archive.redeem_attempt(attempt_id, at)
    said = TranscriptLine(Speaker.CANDIDATE, "I ran kubernetes for three years", 1000, 1900, "q1", "answer")
    part = AnswerPart(Utterance(said.text, said.start_ms, said.end_ms))
    state = DialogState(answers=(Answer("q1", "What have you built?", (part,)),))
    archive.record(attempt_id, [TranscriptLine(Speaker.INTERVIEWER, "What have you built?", 0, 900), said], state, at)
    writer = archive.recording_writer(attempt_id, at)
    writer.append(bytes(16_000), bytes(16_000))
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {"duration_ms": 1000}, writer.close(), at)
    score = Score("q1", "communication", "Communication", 1.0, 3.0, (Evidence(said.text, 1000, 1900, "says how", 0.9),))
    skill = SkillTag("Kubernetes", SkillKind.TOOL, "kubernetes", "q1", 1000, 1900, 3.0)
    archive.file_scorecard(interview_id, Scorecard((score,), 3.0, 1.0, (skill,), "points 1"), at)
    return interview_id, attempt_id


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing a password costs next to nothing."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def world(filled: World, tmp_path: Path) -> World:
    shutil.copytree(filled.folder, tmp_path / "archive")
    return World(tmp_path / "archive", dict(filled.ids), dict(filled.users), dict(filled.sessions), filled.link)


@pytest.fixture
def archive(world: World) -> Iterator[Archive]:
    with open_archive(world.folder) as opened:
        yield opened


@pytest.fixture
def settings(world: World) -> Settings:
    return Settings(
        home=world.folder,
        cache=world.folder / "cache",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=SecretStr("0" * 32),
        twilio_caller_id="+14155550100",
        public_url="https://calls.example.com",
        api_requests_per_minute=10_000,
        api_strangers_per_minute=10_000,
    )


@pytest.fixture
def app(archive: Archive, settings: Settings) -> FastAPI:
    """What `voicebot serve` serves."""
    parts: Any = SimpleNamespace(archive=archive, settings=settings, live_calls=LiveCalls(1), token_secret=b"secret")
    return create_app(parts, twilio=wiring.twilio(settings))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, or a program, at 198.51.100.1."""
    wire = httpx.ASGITransport(app, raise_app_exceptions=False, client=("198.51.100.1", 50_000))
    async with httpx.AsyncClient(transport=wire, base_url=SITE) as opened:
        yield opened


@pytest.fixture
def with_key(archive: Archive) -> Callable[..., dict[str, str]]:
    """The headers of a program with a new key of these scopes."""
    made = iter(range(1000))

    def headers(*scopes: Scope) -> dict[str, str]:
        _, secret = archive.accounts.create_key(f"key {next(made)}", scopes, "cli:op", datetime.now(UTC))
        return {"Authorization": f"Bearer {secret}"}

    return headers


@pytest.fixture
def browser(world: World) -> Callable[[str], dict[str, str]]:
    """The headers of a browser in which somebody (`admin`, `recruiter` ...) is signed in."""
    return lambda who: {"Cookie": f"voicebot_session={world.sessions[who]}", "Origin": SITE}
