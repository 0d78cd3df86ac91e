"""`voicebot archive` as an operator uses it: one clear line for what must be mended, and nothing personal in it."""

import json
import sys
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loguru import logger

from models.call import Candidate, Disposition
from models.dialog import DialogState
from models.interview import FlowRef, Score, Scorecard, SkillKind, SkillTag
from models.speech import Speaker, TranscriptLine
from voicebot import cli
from voicebot.archive.store import open_archive

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FLOW = FlowRef("f", 1, "ab" * 32)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    logger.remove()  # the log of the command before went to a stderr that is gone
    return tmp_path / "home"


@pytest.fixture
def voicebot(home, monkeypatch, capsys):
    """Runs one command line. Returns exit code, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["voicebot", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def interview_id(home):
    """Of an interview that is on file, with two calls that were recorded."""
    with open_archive(home) as archive:
        archive.flows.file(FLOW, "Backend", "en", "")
        interview_id = archive.schedule_interview(Candidate("c", "Ann Lee", "+14155550123"), FLOW, {}, NOW)
        for disposition in (Disposition.DROPPED, Disposition.COMPLETED):
            attempt_id = archive.begin_attempt(interview_id, NOW)
            archive.redeem_attempt(attempt_id, NOW)
            line = TranscriptLine(Speaker.CANDIDATE, "I run kubernetes 微服务", 0, 900)
            archive.record(attempt_id, [line], DialogState(), NOW)
            writer = archive.recording_writer(attempt_id, NOW)
            writer.append(bytes(16_000), b"\1" * 16_000)
            archive.end_attempt(attempt_id, disposition, {}, writer.close(), NOW)
        tag = SkillTag("Kubernetes", SkillKind.TOOL, "kubernetes", "q", 0, 900, 4.0)
        score = Score("q", "communication", "Communication", 1.0, 4.5)
        archive.file_scorecard(interview_id, Scorecard((score,), 4.5, 1.0, (tag,), "s"))
    return interview_id


def test_show_says_how_to_hear_the_recording(voicebot, interview_id, tmp_path):
    code, out, _ = voicebot("archive", "show", interview_id[:6])
    assert code == 0
    assert f"voicebot archive audio {interview_id[:8]} interview.wav" in out
    code, out, _ = voicebot("archive", "audio", interview_id[:8], tmp_path / "heard.wav")
    files = [tmp_path / "heard-1.wav", tmp_path / "heard-2.wav"]
    assert (code, out.split()) == (0, [str(file) for file in files])
    with wave.open(str(files[1])) as audio:
        assert audio.readframes(audio.getnframes()) == b"\0\0\1\1" * 8000
    code, _, err = voicebot("archive", "audio", interview_id[:8], tmp_path / "heard.wav")
    assert code == 2
    assert "is there already: name a new file" in err


@pytest.mark.parametrize("query", ["Kubernetes", "微服务", '"run kubernetes"'])
def test_search_shows_who_said_it_and_when(voicebot, interview_id, query):
    code, out, _ = voicebot("archive", "search", query)
    assert code == 0
    assert "Ann Lee" in out
    assert "0:00  candidate    I run kubernetes 微服务" in out
    found = json.loads(voicebot("archive", "search", query, "--json")[1])
    assert [hit["interview"]["id"] for hit in found["hits"]] == [interview_id]


def test_search_that_finds_nothing_or_means_nothing(voicebot, interview_id):
    assert voicebot("archive", "search", "cobol")[:2] == (0, "Nobody said that.\n")
    code, _, err = voicebot("archive", "search", "?!")
    assert (code, err.count("\n")) == (2, 1)
    assert "no word to search for" in err


def test_skills(voicebot, interview_id):
    code, out, _ = voicebot("archive", "skills", "Kubernetes, >= 3 years, communication >= 4")
    assert code == 0
    assert interview_id[:8] in out
    assert voicebot("archive", "skills", "Kubernetes >= 9 years")[1] == "Nobody showed all of that.\n"
    code, _, err = voicebot("archive", "skills", "Kubernetes >= 3 apples")
    assert code == 2
    assert "write it like: Kubernetes, >= 3 years, communication >= 4" in err


def test_a_person_is_held_exported_and_erased(voicebot, interview_id, tmp_path):
    assert voicebot("archive", "hold", "+14155550123")[0] == 2, "without a reason"
    assert voicebot("archive", "hold", "+14155550123", "--reason", "case 17")[0] == 0
    assert "case 17" in voicebot("archive", "hold")[1]
    code, _, err = voicebot("archive", "erase", "+14155550123", "--yes")
    assert code == 2
    assert "a legal hold stands on this person" in err
    assert voicebot("archive", "hold", "+14155550123", "--release")[1] == "Holds released: 1\n"
    assert voicebot("archive", "export", "+14155550123", tmp_path / "ann.zip")[0] == 0
    assert (tmp_path / "ann.zip").stat().st_size > 0
    code, out, _ = voicebot("archive", "erase", "+14155550123", "--yes")
    assert (code, out) == (0, "Erased: 1 interviews, 2 recordings. Backups still have them.\n")
    code, _, err = voicebot("archive", "erase", "+14155550123", "--yes")
    assert code == 2
    assert "nobody in the archive has this id or number" in err
    assert voicebot("archive", "verify")[0] == 0


def test_retention_is_set_by_the_environment(voicebot, interview_id, monkeypatch):
    assert "Would remove: the recordings of 0" in voicebot("archive", "retain", "--dry-run")[1]
    monkeypatch.setenv("VOICEBOT_KEEP_RECORDINGS_DAYS", "30")
    assert "Would remove: the recordings of 1 interviews" in voicebot("archive", "retain", "--dry-run")[1]
    assert "Removed: the recordings of 1 interviews" in voicebot("archive", "retain")[1]
    monkeypatch.setenv("VOICEBOT_KEEP_RECORDINGS_DAYS", "0")
    code, _, err = voicebot("archive", "retain")
    assert code == 2
    assert "VOICEBOT_KEEP_RECORDINGS_DAYS='0' cannot be used" in err


def test_verify_tells_what_was_altered_and_exits_with_2(voicebot, interview_id, home):
    code, out, _ = voicebot("archive", "verify")
    assert code == 0
    assert "as they were filed" in out
    head = out.split()[-1]
    assert voicebot("archive", "verify", "--anchor", head)[0] == 0
    assert voicebot("archive", "verify", "--anchor", "7:ab")[0] == 2
    next((home / "recordings").rglob("*.vbr")).write_bytes(b"VBREC\0\1\n")
    code, out, err = voicebot("archive", "verify", "--json")
    assert code == 2
    assert not json.loads(out)["sound"]
    assert "The archive is not as it was filed" in err


def test_backup_rotate_and_restore(voicebot, interview_id, home, tmp_path, monkeypatch):
    assert voicebot("archive", "rotate-key")[0] == 0
    code, out, _ = voicebot("archive", "backup", tmp_path / "backup")
    assert code == 0
    assert f"It opens only with the key in {home / 'archive.key'}" in out
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "new"))
    code, _, err = voicebot("archive", "restore", tmp_path / "backup")
    assert code == 2
    assert "put that key there, then restore again" in err
    monkeypatch.setenv("VOICEBOT_ARCHIVE_KEY_FILE", str(home / "archive.key"))
    code, out, _ = voicebot("archive", "restore", tmp_path / "backup")
    assert code == 0
    assert "as they were filed" in out
    assert "Ann Lee" in voicebot("archive", "list")[1]


def test_a_wrong_key_and_a_wrong_url_are_one_clear_line(voicebot, interview_id, monkeypatch):
    monkeypatch.setenv("VOICEBOT_ARCHIVE_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    code, _, err = voicebot("archive", "list")
    assert (code, err.count("\n")) == (2, 1)
    assert "the key in VOICEBOT_ARCHIVE_KEY is not the one of this archive" in err
    monkeypatch.setenv("VOICEBOT_DATABASE_URL", "mysql://root:hunter2@db/x")
    code, _, err = voicebot("archive", "list")
    assert (code, err.count("\n")) == (2, 1)
    assert "VOICEBOT_DATABASE_URL cannot be used" in err
    assert "hunter2" not in err


def test_it_says_who_listened(voicebot, interview_id, home, tmp_path):
    voicebot("archive", "audio", interview_id, tmp_path / "heard.wav")
    with open_archive(home) as archive:
        entry = archive.audit.entries(limit=1)[0]
    assert (entry.action, entry.subject, entry.actor[:4]) == ("play", interview_id, "cli:")
    assert Path(tmp_path / "heard-1.wav").stat().st_mode & 0o777 == 0o600
