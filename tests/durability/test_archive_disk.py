"""Disks that are full, too small or not ours: real ones, in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import voicebot

PREAMBLE = """
import os, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from models.call import Candidate, Disposition
from models.dialog import DialogState
from models.errors import ArchiveUnavailable
from models.interview import FlowRef
from models.speech import Speaker, TranscriptLine
from voicebot.archive.recordings import RecordingWriter, new_key, verify
from voicebot.archive.store import open_archive

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
folder = Path(sys.argv[1])

def refused(call, *words):
    try:
        call()
    except ArchiveUnavailable as error:
        assert all(word in str(error) for word in (*words, str(folder))), error
    else:
        raise AssertionError("it was not refused")

def begin(archive):
    flow = FlowRef("f", 1, "ab" * 32)
    archive.flows.file(flow, "F", "en", "")
    interview_id = archive.schedule_interview(Candidate("c", "Ann", "+1"), flow, {}, NOW)
    attempt_id = archive.begin_attempt(interview_id, NOW)
    archive.redeem_attempt(attempt_id, NOW)
    return interview_id, attempt_id

def say(archive, attempt_id, text):
    archive.record(attempt_id, [TranscriptLine(Speaker.CANDIDATE, text, 0, 1)], DialogState(asked=text), NOW)

def fill(archive, attempt_id, writer):
    "Talks and records until neither the database nor the recording takes any more; returns what each took."
    calls = {
        "said": lambda: say(archive, attempt_id, "x" * 20_000),
        "appended": lambda: writer.append(bytes(4000), bytes(4000)),
    }
    taken = dict.fromkeys(calls, 0)
    while calls:
        for name, call in list(calls.items()):
            try:
                call()
                taken[name] += 1
            except ArchiveUnavailable as error:
                assert "space" in str(error) and str(folder) in str(error), error
                del calls[name]
    assert all(taken.values()), taken
    return taken.values()

def goes_on(archive, interview_id, attempt_id, writer, said, appended):
    "There is space again: everything is there, and the call goes on."
    assert len(archive.interview(interview_id).transcript) == said
    say(archive, attempt_id, "and on")
    writer.append(bytes(4000), bytes(4000))
    recording = writer.close()
    assert recording.duration_ms == (appended + 1) * 250, (recording, appended)
    assert verify(recording, folder)
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {}, recording, NOW)
    record = archive.interview(interview_id)
    assert [line.text for line in record.transcript[said:]] == ["and on"]
    assert record.recording == recording
"""

FULL_DISK = """
os.makedirs(folder)
assert os.system(f"mount -t tmpfs -o size=2m tmpfs {folder}") == 0
archive = open_archive(folder)
interview_id, attempt_id = begin(archive)
writer = archive.recording_writer(attempt_id, NOW)
ballast = folder / "ballast"
ballast.write_bytes(bytes(200_000))
counts = fill(archive, attempt_id, writer)
refused(lambda: [say(archive, attempt_id, "y" * 20_000) for _ in range(2)], "full", "free some space")
another = "recordings/2026/03/another.vbr"
refused(lambda: RecordingWriter.open(folder, another, new_key()).append(bytes(4000), bytes(4000)), "full")
ballast.unlink()
goes_on(archive, interview_id, attempt_id, writer, *counts)
"""

SMALL_FILES = """
archive = open_archive(folder)
interview_id, attempt_id = begin(archive)
writer = archive.recording_writer(attempt_id, NOW)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
counts = fill(archive, attempt_id, writer)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
goes_on(archive, interview_id, attempt_id, writer, *counts)
"""

NOT_OURS = """
folder.mkdir()
folder.chmod(0o500)
refused(lambda: open_archive(folder), "cannot be written")
refused(lambda: open_archive(folder / "deeper"), "cannot be written")
folder.chmod(0o700)
with open_archive(folder) as archive:
    interview_id, attempt_id = begin(archive)
    folder.chmod(0o500)
    refused(lambda: archive.recording_writer(attempt_id, NOW), "cannot be written")
    folder.chmod(0o700)
    archive.recording_writer(attempt_id, NOW).close()
(folder / "archive.sqlite3").chmod(0o400)
refused(lambda: open_archive(folder), "cannot be written")
"""

LIKE_ANY_USER = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.getuid() == 0 else ()
"""Root, but bound by a file's mode."""
IN_OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount")


def run(script: str, folder: Path, *prefix: str) -> None:
    root = Path(voicebot.__file__).parent.parent
    done = subprocess.run(
        [*prefix, sys.executable, "-W", "error", "-c", PREAMBLE + script, str(folder)],
        cwd=root,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(
    not works(*IN_OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", "/mnt"),
    reason="this system lets nobody mount a small disk of their own",
)
def test_a_full_disk_loses_nothing_and_the_call_goes_on_when_there_is_space(tmp_path: Path) -> None:
    run(FULL_DISK, tmp_path / "archive", *IN_OWN_MOUNTS)


def test_a_file_size_limit_loses_nothing_and_the_call_goes_on_without_it(tmp_path: Path) -> None:
    run(SMALL_FILES, tmp_path / "archive")


@pytest.mark.skipif(not works(*LIKE_ANY_USER, "true"), reason="root may write everywhere, and setpriv is missing")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    run(NOT_OURS, tmp_path / "archive", *LIKE_ANY_USER)
