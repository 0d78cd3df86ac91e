from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.call import Candidate
from models.interview import FlowRef
from voicebot.archive.store import Archive, open_archive

FLOW = FlowRef("backend_engineer", 3, "ab" * 32)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 31, 23, 59, 59, 123456, tzinfo=UTC)


@pytest.fixture
def candidate() -> Candidate:
    return Candidate("c-1", "Ann Lee", "+14155550123")


@pytest.fixture
def flow() -> FlowRef:
    return FLOW


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        opened.file_flow(FLOW, "Backend engineer", "en", "title: Backend engineer\n")
        yield opened


@pytest.fixture
def interview_id(archive: Archive, candidate: Candidate, flow: FlowRef, now: datetime) -> str:
    return archive.schedule_interview(candidate, flow, {"company": "Acme"}, now)


@pytest.fixture
def attempt_id(archive: Archive, interview_id: str, now: datetime) -> str:
    """An attempt whose media has connected."""
    attempt = archive.begin_attempt(interview_id, now)
    archive.redeem_attempt(attempt, now)
    return attempt
