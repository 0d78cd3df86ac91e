"""A backup is taken while others write, restored into a new place, and is what it was."""

import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.call import Candidate
from models.errors import ArchiveError, ArchiveLocked
from models.interview import FlowRef
from voicebot.archive.backup import back_up, restore
from voicebot.archive.master_key import MasterKeySource
from voicebot.archive.store import Archive, open_archive

Hold = Callable[..., Any]


@pytest.fixture
def key(archive: Archive) -> MasterKeySource:
    return MasterKeySource(archive.folder / "archive.key")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> str | None:
    """Restored into either database, whichever it came from."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgresql").new_database()


def test_a_restored_backup_is_what_it_was(
    archive: Archive,
    hold: Hold,
    candidate: Candidate,
    flow: FlowRef,
    now: datetime,
    key: MasterKeySource,
    new_url: str | None,
    tmp_path: Path,
) -> None:
    held = hold(candidate, "kubernetes", "结算系统")
    archive.rotate_key("mia")
    before = archive.interview(held.interview_id)
    assert back_up(archive.database, tmp_path / "backup", "mia", now) == 1
    hold(candidate, "later", minutes=1)

    checked = restore(tmp_path / "backup", tmp_path / "new", new_url, key)
    assert checked.problems == ()
    assert (checked.interviews, checked.recordings) == (1, 1)
    with open_archive(tmp_path / "new", database_url=new_url, key_file=key.file) as restored:
        assert [restored.interview(i.id) for i in restored.interviews()] == [before]
        assert restored.transcripts.search("结算").hits
        with restored.open_recording(held.attempt_id) as reader:
            assert reader.read()[44:] == held.audio
        again = restored.schedule_interview(candidate, flow, {}, now)
        attempt_id = restored.begin_attempt(again, now)
        assert restored.redeem_attempt(attempt_id, now).candidate == candidate
        assert restored.verify().sound


def test_a_backup_is_whole_though_others_write_and_erase(
    archive: Archive, hold: Hold, candidate: Candidate, key: MasterKeySource, now: datetime, tmp_path: Path
) -> None:
    done = threading.Event()

    def work() -> None:
        n = 0
        while not done.is_set():
            n += 1
            hold(Candidate(f"w-{n}", "W", f"+1415555{n:04}"), "said", minutes=n)
            if n % 2:
                archive.privacy.erase(f"w-{n}", "mia", now)

    for n in range(3):
        hold(Candidate(f"k-{n}", "K", f"+1416555{n:04}"), "kept")
    thread = threading.Thread(target=work)
    thread.start()
    try:
        for n in range(3):
            back_up(archive.database, tmp_path / f"b{n}", "mia", now)
    finally:
        done.set()
        thread.join()
    for n in range(3):
        assert restore(tmp_path / f"b{n}", tmp_path / f"new{n}", None, key).problems == ()


def test_a_backup_without_its_key_is_one_clear_error(
    archive: Archive, held: Any, now: datetime, tmp_path: Path
) -> None:
    back_up(archive.database, tmp_path / "backup", "mia", now)
    assert not (tmp_path / "backup" / "archive.key").exists()
    with pytest.raises(ArchiveLocked, match="put that key there, then restore again"):
        restore(tmp_path / "backup", tmp_path / "new", None, MasterKeySource(tmp_path / "new" / "archive.key"))
    assert not (tmp_path / "new").exists()


def test_an_altered_backup_is_found(
    archive: Archive, held: Any, key: MasterKeySource, now: datetime, tmp_path: Path
) -> None:
    back_up(archive.database, tmp_path / "backup", "mia", now)
    [recording] = (tmp_path / "backup" / "recordings").rglob("*.vbr")
    recording.write_bytes(recording.read_bytes()[:-1] + b"x")
    assert "has been altered" in restore(tmp_path / "backup", tmp_path / "new", None, key).problems[0]


def test_nothing_is_written_over(
    archive: Archive, held: Any, key: MasterKeySource, now: datetime, tmp_path: Path
) -> None:
    back_up(archive.database, tmp_path / "backup", "mia", now)
    with pytest.raises(ArchiveError, match="is there already: name a new folder"):
        back_up(archive.database, tmp_path / "backup", "mia", now)
    with pytest.raises(ArchiveError, match="there is an archive in .* already"):
        restore(tmp_path / "backup", archive.folder, None, key)
    with pytest.raises(ArchiveError, match="is not a backup"):
        restore(tmp_path / "nothing", tmp_path / "new", None, key)


def test_a_server_that_holds_another_archive_is_left_alone(
    archive: Archive, held: Any, key: MasterKeySource, now: datetime, tmp_path: Path, database_url: str | None
) -> None:
    if database_url is None:
        pytest.skip("SQLite is a file of its own")
    back_up(archive.database, tmp_path / "backup", "mia", now)
    shutil.rmtree(archive.folder / "recordings")
    with pytest.raises(ArchiveError, match="is not empty: restore into a new one"):
        restore(tmp_path / "backup", tmp_path / "new", database_url, key)
    assert archive.interviews()
