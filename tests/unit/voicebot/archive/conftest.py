import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Evidence, FlowRef, Score, Scorecard, SkillKind, SkillTag
from models.invitation import Wish, WishKind
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.archive.store import Archive, open_archive

FLOW = FlowRef("backend_engineer", 3, "ab" * 32)


@dataclass(frozen=True)
class Template:
    """A new archive, to be copied: to make one takes half a second."""

    folder: Path
    url: str | None


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, templates: dict[str, Template]) -> str | None:
    """Every test that uses it, or the archive, runs on both databases. Empty, unless the test uses `archive`."""
    server = None if request.param == "sqlite" else request.getfixturevalue("postgresql")
    if "archive" not in request.fixturenames:
        return server.new_database() if server else None
    if request.param not in templates:
        made = Template(Path(tempfile.mkdtemp(dir=tmp_path.parent)), server.new_database() if server else None)
        with open_archive(made.folder, database_url=made.url) as opened:
            opened.flows.file(FLOW, "Backend engineer", "en", "title: Backend engineer\n")
        templates[request.param] = made
    template = templates[request.param]
    shutil.copytree(template.folder, tmp_path / "archive")
    return server.new_database(template.url) if server else None


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
def reopened(tmp_path: Path, database_url: str | None) -> Callable[[], Archive]:
    """Opens the archive once more, as another process would."""
    return lambda: open_archive(tmp_path / "archive", database_url=database_url)


@pytest.fixture
def archive(reopened: Callable[[], Archive]) -> Iterator[Archive]:
    with reopened() as opened:
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


@dataclass(frozen=True)
class Held:
    """An interview that was held to its end, with everything that is filed of one."""

    interview_id: str
    attempt_id: str
    candidate: Candidate
    audio: bytes
    """What a player gets to hear."""


def hold_interview(
    archive: Archive,
    candidate: Candidate,
    at: datetime,
    *said: str,
    skills: tuple[SkillTag, ...] = (),
    score: float | None = 3.0,
    disposition: Disposition = Disposition.COMPLETED,
    recorded: bool = True,
) -> Held:
    interview_id = archive.schedule_interview(candidate, FLOW, {"company": "Acme"}, at)
    attempt_id = archive.begin_attempt(interview_id, at)
    archive.redeem_attempt(attempt_id, at)
    lines = [
        TranscriptLine(Speaker.CANDIDATE, text, n * 1000, n * 1000 + 900, "q1", "answer")
        for n, text in enumerate(said, 1)
    ]
    parts = tuple(AnswerPart(Utterance(line.text, line.start_ms, line.end_ms)) for line in lines)
    state = DialogState(answers=(Answer("q1", "What have you built?", parts),))
    archive.record(attempt_id, [TranscriptLine(Speaker.INTERVIEWER, "What have you built?", 0, 900), *lines], state, at)
    recording, audio = None, b""
    if recorded:
        writer = archive.recording_writer(attempt_id, at)
        left, right = (bytes(range(n, n + 16)) * 1000 for n in (50, 150))
        writer.append(left, right)
        recording = writer.close()
        audio = b"".join(left[n : n + 2] + right[n : n + 2] for n in range(0, len(left), 2))
    ended = at + timedelta(minutes=5)
    archive.end_attempt(attempt_id, disposition, {"duration_ms": 300_000}, recording, ended)
    evidence = (Evidence(said[0], 1000, 1900, "says how", 0.9),) if said else ()
    scores = (Score("q1", "communication", "Communication", 1.0, score, evidence if score else ()),)
    archive.file_scorecard(interview_id, Scorecard(scores, score, 1.0, skills, "points 1"), ended)
    return Held(interview_id, attempt_id, candidate, audio)


@pytest.fixture
def held(archive: Archive, candidate: Candidate, now: datetime) -> Held:
    skill = SkillTag("Kubernetes", SkillKind.TOOL, "quarterdeck of kubernetes", "q1", 1000, 1900, 3.0)
    return hold_interview(
        archive, candidate, now, "I steered the quarterdeck of kubernetes", "我们重写了结算系统", skills=(skill,)
    )


@pytest.fixture
def ask(archive: Archive, now: datetime) -> Callable[..., Wish]:
    """Asks for something by a candidate's own page: `ask(candidate, kind, words="", minutes=0)`."""

    def asked(candidate: Candidate, kind: WishKind, words: str = "", minutes: float = 0) -> Wish:
        at = now + timedelta(minutes=minutes)
        token, _ = archive.invitations.issue(candidate.id, "mia", at, timedelta(days=1))
        return archive.invitations.ask(token, kind, words, at)

    return asked


@pytest.fixture
def hold(archive: Archive, now: datetime) -> Callable[..., Held]:
    """Holds an interview: `hold(candidate, *said, minutes=0, ...)`."""

    def held_at(candidate: Candidate, *said: str, minutes: float = 0, **more: Any) -> Held:
        return hold_interview(archive, candidate, now + timedelta(minutes=minutes), *said, **more)

    return held_at
