"""The API over a real archive, on SQLite and on PostgreSQL."""

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dialog_flows import loader
from models.accounts import Role, Scope
from models.archive import Job
from models.call import Candidate
from models.interview import SkillKind, SkillTag
from voicebot.api import v1
from voicebot.archive.store import Archive
from voicebot.settings import Settings

_SPEC = importlib.util.spec_from_file_location(
    "archive_fixtures", Path(__file__).parents[2] / "archive" / "conftest.py"
)
assert _SPEC is not None and _SPEC.loader is not None
_ARCHIVE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_ARCHIVE)
templates, database_url, reopened, archive = (
    getattr(_ARCHIVE, name) for name in ("templates", "database_url", "reopened", "archive")
)

FLOW = Path(__file__).parents[4] / "flows" / "short.yaml"
PASSWORD = "a horse drew 7 staples"
SKILL = SkillTag("Kubernetes", SkillKind.TOOL, "kubernetes", "q1", 1000, 1900, 3.0)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def api(archive: Archive) -> FastAPI:
    app = FastAPI()
    unlimited = Settings(api_requests_per_minute=100_000, api_strangers_per_minute=100_000)
    app.mount(v1.PREFIX, v1.create_api(archive, unlimited))
    return app


@pytest.fixture
def client(api: FastAPI, archive: Archive, now: datetime) -> Iterator[TestClient]:
    """Somebody who may do everything."""
    _, secret = archive.accounts.create_key("tests", frozenset(Scope), "mia", now)
    with TestClient(api, f"http://localhost{v1.PREFIX}", headers={"Authorization": f"Bearer {secret}"}) as asking:
        yield asking


@pytest.fixture
def with_scopes(api: FastAPI, archive: Archive, now: datetime) -> Callable[..., TestClient]:
    """A program whose key has these scopes alone."""

    def made(*scopes: Scope) -> TestClient:
        _, secret = archive.accounts.create_key("few", frozenset(scopes), "mia", now)
        return TestClient(api, f"http://localhost{v1.PREFIX}", headers={"Authorization": f"Bearer {secret}"})

    return made


@pytest.fixture
def reviewer(api: FastAPI, archive: Archive, now: datetime, job: Job) -> TestClient:
    """Assigned to `job` and to no other."""
    archive.accounts.create_user("mia", Role.ADMIN, PASSWORD, "setup", now)
    user = archive.accounts.create_user("rae", Role.REVIEWER, PASSWORD, "mia", now)
    archive.accounts.assign(user.id, frozenset({job.id}), "mia", now)
    signed_in = TestClient(api, f"http://localhost{v1.PREFIX}", headers={"Origin": "http://localhost"})
    signed_in.cookies.set("voicebot_session", archive.accounts.sign_in("rae", PASSWORD, now))
    return signed_in


@pytest.fixture
def flow(archive: Archive, now: datetime) -> Any:
    published = loader.load(FLOW)
    archive.flows.publish(published.ref, published.title, published.language, published.published_text, now)
    return published


@pytest.fixture
def job(archive: Archive, now: datetime, flow: Any) -> Job:
    return archive.jobs.file("Backend engineer", "Berlin", now, flow_id=flow.id)


@pytest.fixture
def hold(archive: Archive, now: datetime, flow: Any) -> Callable[..., Any]:
    """Holds an interview by the published flow, for a job: `hold(candidate, *said, job_id=None, minutes=0, ...)`."""

    def held(candidate: Candidate, *said: str, job_id: str | None = None, minutes: float = 0, **more: Any) -> Any:
        at = now - timedelta(hours=1) + timedelta(minutes=minutes)
        schedule = archive.schedule_interview

        def for_job(who: Candidate, _: object, variables: dict[str, str], at: datetime) -> str:
            return schedule(who, flow.ref, variables | {"candidate.name": who.name}, at, job_id=job_id)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(archive, "schedule_interview", for_job)
            return _ARCHIVE.hold_interview(archive, candidate, at, *said, **more)

    return held


@pytest.fixture
def ann() -> Candidate:
    return Candidate("a-17", "Ann Lee", "+14155550123")


@pytest.fixture
def held(hold: Callable[..., Any], ann: Candidate, job: Job) -> Any:
    """A recorded, scored interview of Ann, for the job."""
    return hold(ann, "I steered the quarterdeck of kubernetes", "我们重写了结算系统", job_id=job.id, skills=(SKILL,))
