"""Processes that die, or write, at the same time: real ones, killed with SIGKILL at a moment that they announce."""

import contextlib
import os
import signal
import subprocess
import sys
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import voicebot
from models.call import Candidate, Disposition
from models.dialog import DialogState
from models.interview import FlowRef
from models.speech import Speaker, TranscriptLine
from voicebot.archive.answered import Answer
from voicebot.archive.recordings import verify
from voicebot.archive.store import Archive, open_archive

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FLOW = FlowRef("f", 1, "ab" * 32)

PREAMBLE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from models.dialog import Answer, AnswerPart, DialogState
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.archive.store import open_archive

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

def step(archive, attempt_id, n):
    text = f"word {n}"
    answers = tuple(Answer(f"q{i}", "?", (AnswerPart(Utterance(f"word {i}", i, i)),)) for i in range(n + 1))
    line = TranscriptLine(Speaker.CANDIDATE, text, n, n)
    archive.record(attempt_id, [line], DialogState(position=f"q{n}", answers=answers), NOW)

archive = open_archive(Path(sys.argv[1]), database_url=os.environ.get("DATABASE_URL"))
attempt_id = sys.argv[2]
"""

DIAL = """
interview_id = attempt_id
print(archive.begin_attempt(interview_id, NOW), flush=True)
sys.stdin.readline()
"""

CALL = """
archive.redeem_attempt(attempt_id, NOW)
writer = archive.recording_writer(attempt_id, NOW)
for n in range(1_000_000):
    writer.append(b"\\x01\\x00" * 160, b"\\x02\\x00" * 160)
    step(archive, attempt_id, n)
    print(n, flush=True)
"""

WRITE = """
sys.stdin.readline()
for n in range(25):
    step(archive, attempt_id, n)
    archive.heartbeat(attempt_id, NOW)
"""

SWEEP = """
sys.stdin.readline()
print(*archive.sweep(datetime(2026, 3, 1, 12, 5, tzinfo=UTC)))
"""


def started(script: str, archive: Archive, attempt_id: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + script, str(archive.folder), attempt_id],
        cwd=Path(voicebot.__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgresql").new_database()
    monkeypatch.setenv("DATABASE_URL", url)  # of the processes that are started
    return url


@pytest.fixture
def archive(tmp_path: Path, database_url: str | None) -> Archive:
    archive = open_archive(tmp_path / "archive", database_url=database_url)
    archive.flows.file(FLOW, "F", "en", "")
    return archive


@pytest.fixture
def interview_id(archive: Archive) -> str:
    return archive.schedule_interview(Candidate("c", "Ann", "+14155550123"), FLOW, {}, NOW)


@pytest.mark.parametrize("killed_after", [0, 1, 7, 40])
def test_a_killed_call_keeps_all_that_was_said(
    archive: Archive, interview_id: str, database_url: str | None, killed_after: int
) -> None:
    attempt_id = archive.begin_attempt(interview_id, NOW)
    with started(CALL, archive, attempt_id) as call:
        assert call.stdout is not None
        for announced in call.stdout:
            if int(announced) == killed_after:
                break
        assert archive.sweep(LATER) == [], "its recording shows that it lives"
        os.kill(call.pid, signal.SIGKILL)
        committed = max([killed_after, *map(int, call.stdout.read().split())])
    assert call.returncode == -signal.SIGKILL

    with open_archive(archive.folder, database_url=database_url) as reopened:
        assert reopened.sweep(LATER) == [attempt_id]
        record = reopened.interview(interview_id)
    assert (record.disposition, record.ended_at) == (Disposition.DROPPED, NOW)
    assert len(record.transcript) in (committed + 1, committed + 2), "the last may not have been announced any more"
    assert [line.text for line in record.transcript] == [f"word {n}" for n in range(len(record.transcript))]
    assert [answer.text for answer in record.answers] == [line.text for line in record.transcript]

    assert record.recording is not None
    assert verify(record.recording, archive.folder)
    with archive.open_recording(attempt_id) as reader, wave.open(reader) as file:
        heard = file.readframes(file.getnframes())
    assert heard == b"\x01\x00\x02\x00" * (len(heard) // 4)
    assert record.recording.duration_ms >= (committed + 1) * 20
    assert archive.verify().problems == ()
    archive.close()


def test_a_dial_whose_process_was_killed_has_failed(archive: Archive, interview_id: str) -> None:
    with started(DIAL, archive, interview_id) as dialler:
        assert dialler.stdout is not None
        attempt_id = dialler.stdout.readline().strip()
        os.kill(dialler.pid, signal.SIGKILL)
    assert archive.sweep(LATER) == [attempt_id]
    assert archive.interview(interview_id).disposition is Disposition.FAILED
    archive.close()


def test_processes_that_write_at_once_lose_nothing(archive: Archive, interview_id: str) -> None:
    flow = archive.interview(interview_id).flow
    interviews = [archive.schedule_interview(Candidate("c", "Ann", "+1"), flow, {}, NOW) for _ in range(3)]
    writers = [started(WRITE, archive, archive.begin_attempt(i, NOW)) for i in interviews]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    for interview in interviews:
        assert [line.text for line in archive.interview(interview).transcript] == [f"word {n}" for n in range(25)]
    archive.close()


def test_processes_that_sweep_at_once_end_each_attempt_once(archive: Archive, interview_id: str) -> None:
    attempts = []
    for _ in range(8):
        attempt_id = archive.begin_attempt(interview_id, NOW)
        archive.redeem_attempt(attempt_id, NOW)
        archive.recording_writer(attempt_id, NOW).close()
        attempts.append(attempt_id)
    sweepers = [started(SWEEP, archive) for _ in range(3)]
    swept: list[str] = []
    for sweeper in sweepers:
        assert sweeper.stdin is not None
        sweeper.stdin.write("go\n")
        sweeper.stdin.flush()
    for sweeper in sweepers:
        swept += sweeper.communicate(timeout=60)[0].split()
        assert sweeper.returncode == 0
    assert sorted(swept) == sorted(attempts)
    archive.close()


ONCE = """
def carry_out():
    print(archive.jobs.file("Once", "", NOW).id, flush=True)
    sys.stdin.readline()

archive.answered.once("key", b"request", NOW, carry_out)
"""


def test_a_request_whose_process_was_killed_was_not_carried_out_and_is_sent_again_at_once(archive: Archive) -> None:
    def carry_out() -> Answer:
        return Answer(201, {}, archive.jobs.file("Once", "", NOW).id.encode())

    with started(ONCE, archive) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip()
        os.kill(server.pid, signal.SIGKILL)
    answer, before = archive.answered.once("key", b"request", NOW, carry_out)
    assert (answer.status, before) == (201, False)
    assert [job.id.encode() for job in archive.jobs.list()] == [answer.body]
    assert archive.answered.once("key", b"request", NOW, carry_out) == (answer, True)
    assert archive.verify().problems == ()
    archive.close()


ROTATE = """
print("begins", flush=True)
archive.rotate_key("killed")
"""


@pytest.mark.parametrize("after_ms", [0, 20, 60, 150])
def test_a_killed_rotation_leaves_an_archive_that_opens(archive: Archive, interview_id: str, after_ms: int) -> None:
    attempt_id = archive.begin_attempt(interview_id, NOW)
    lines = [TranscriptLine(Speaker.CANDIDATE, f"word {n}", n, n) for n in range(300)]
    archive.record(attempt_id, lines, DialogState(), NOW)
    with started(ROTATE, archive) as rotation:
        assert rotation.stdout is not None
        rotation.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            rotation.wait(after_ms / 1000)
        rotation.kill()
    assert archive.interview(interview_id).transcript == tuple(lines)
    archive.rotate_key("finished")
    assert archive.interview(interview_id).transcript == tuple(lines)
    assert archive.verify().problems == ()
    archive.close()
