"""Without the key nothing personal can be read in the files; and the key can be another one tomorrow."""

import base64
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from models.archive import Decision
from models.call import Candidate
from models.errors import ArchiveAltered, ArchiveLocked
from models.interview import FlowRef
from models.tables import Row
from voicebot.archive import rotation
from voicebot.archive.master_key import MasterKeySource
from voicebot.archive.store import Archive, open_archive

Hold = Callable[..., Any]
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(32, 64))).decode()


def raw(folder: Path, url: str | None, postgresql: Any) -> bytes:
    """Every byte of database, write-ahead log and recordings; the key file is kept elsewhere, as it should be."""
    places = [folder]
    if url is not None:
        postgresql.run("psql", "-h", postgresql.folder, "-c", "CHECKPOINT", url.split("/")[3].split("?")[0])
        places.append(postgresql.folder / "data")
    files = (path for place in places for path in place.rglob("*") if path.is_file() and path.name != "archive.key")
    return b"".join(path.read_bytes() for path in files)


@pytest.fixture
def server(request: pytest.FixtureRequest, database_url: str | None) -> Any:
    return request.getfixturevalue("postgresql") if database_url else None


def test_the_files_name_nobody_and_tell_nothing(
    archive: Archive, hold: Hold, flow: FlowRef, now: datetime, database_url: str | None, server: Any
) -> None:
    zoe = Candidate("zoe.quux@example.org", "Zoe Vexworth", "+14155550177")
    said = ("My tanganyika migration", "我们重写了结算系统")
    held = hold(zoe, *said)
    archive.people.file(zoe, now, email="zoe@quux.example")
    archive.people.consent(zoe.id, "call", "Wortlaut der Einwilligung", "form", now)
    archive.reviews.override(held.interview_id, "q1", "communication", 4.0, "Mia Reviewer", "Begruendung hier", now)
    archive.reviews.note(held.interview_id, "Mia Reviewer", "Notiztext hier", now, decision=Decision.ADVANCE)
    archive.privacy.hold(zoe.id, "Aktenzeichen geheim", "Leo Counsel", now)
    archive.people.hire(zoe.id, "P-77123", "Mia Reviewer", now)
    archive.audit.append(now, "Mia Reviewer", "login", "session", address="198.51.100.77")
    archive.begin_attempt(held.interview_id, now)

    content = raw(archive.folder, database_url, server)
    assert b"Backend engineer" in content, "what is not personal may be read, so the search below does search"
    words = "zoe.quux Vexworth 4155550177 tanganyika Wortlaut Begruendung Notiztext Aktenzeichen P-77123 198.51.100.77"
    for word in (*words.split(), "Mia Reviewer", "Leo Counsel", "重写了", "结算系统", "What have you built"):
        assert word.encode() not in content, word
    for word in ("重写了结算", "Vexworth"):
        assert word.encode("utf-16-le") not in content
        assert word.encode("unicode_escape") not in content
    assert held.audio[:16] not in content
    assert base64.b64encode(held.audio[:15]) not in content
    assert base64.b64encode(zoe.name.encode()) not in content


def test_what_is_sealed_opens_nowhere_else(archive: Archive, hold: Hold, candidate: Candidate) -> None:
    """Two lines of a transcript changed places in the database."""
    held = hold(candidate, "first", "second")
    with archive.database.engine.execution_options(writes=True).begin() as connection:
        rows = connection.exec_driver_sql("SELECT sequence, document FROM utterances ORDER BY sequence").all()
        (_, a), (_, b) = rows[1], rows[2]
        table = Row.metadata.tables["utterances"]
        for sequence, document in ((1, b), (2, a)):
            connection.execute(table.update().where(table.c.sequence == sequence).values(document=document))
    with pytest.raises(ArchiveAltered, match=r"utterances/\w+/1 in the archive has been altered: restore it"):
        archive.interview(held.interview_id)


# The key


def test_a_new_archive_gets_a_key_and_says_loudly_to_back_it_up(tmp_path: Path) -> None:
    said: list[str] = []
    sink = logger.add(said.append, level="WARNING", format="{message}")
    open_archive(tmp_path / "archive").close()
    key = tmp_path / "archive" / "archive.key"
    assert len(base64.b64decode(key.read_text())) == 32
    open_archive(tmp_path / "archive").close()
    logger.remove(sink)
    [once] = said
    assert f"A KEY FOR THE ARCHIVE WAS MADE: {key}. Copy it now to a safe place" in once


def test_the_key_may_be_in_the_environment_or_in_another_file(tmp_path: Path) -> None:
    open_archive(tmp_path / "a", key=KEY).close()
    assert not (tmp_path / "a" / "archive.key").exists()
    (tmp_path / "secret").write_text(KEY)
    open_archive(tmp_path / "a", key_file=tmp_path / "secret").close()
    open_archive(tmp_path / "a", key=f"{OTHER_KEY},{KEY}").close()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (OTHER_KEY, r"the key in VOICEBOT_ARCHIVE_KEY is not the one of this archive"),
        ("", "VOICEBOT_ARCHIVE_KEY is empty"),
        ("hunter2", "does not hold a key: it must be 32 bytes in Base64"),
        (base64.b64encode(b"short").decode(), "does not hold a key: it must be 32 bytes in Base64"),
        ("钥匙", "does not hold a key"),
    ],
)
def test_a_wrong_key_is_one_clear_error(tmp_path: Path, key: str, message: str) -> None:
    open_archive(tmp_path, key=KEY).close()
    with pytest.raises(ArchiveLocked, match=message) as caught:
        open_archive(tmp_path, key=key)
    assert not key or key not in str(caught.value)


def test_a_missing_key_is_one_clear_error_and_no_new_key_is_made(
    archive: Archive, reopened: Callable[[], Archive]
) -> None:
    file = archive.folder / "archive.key"
    file.rename(archive.folder / "elsewhere")
    with pytest.raises(ArchiveLocked, match="its key is missing: put it back at .*archive.key"):
        reopened()
    assert not file.exists()
    (archive.folder / "elsewhere").rename(file)
    reopened().close()


def test_a_key_that_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveLocked, match="cannot be read .*set VOICEBOT_ARCHIVE_KEY_FILE to another file"):
        open_archive(tmp_path / "archive", key_file=tmp_path / "file" / "key")
    with pytest.raises(ArchiveLocked, match="set VOICEBOT_ARCHIVE_KEY_FILE to a file that can be written"):
        open_archive(tmp_path / "archive", key_file=Path("/proc/no/such/key"))


# Rotation


def everything(archive: Archive) -> list[Any]:
    return [archive.interview(interview.id) for interview in archive.interviews()]


def test_after_a_rotation_only_the_new_key_opens_and_everything_is_there(
    archive: Archive, hold: Hold, candidate: Candidate, reopened: Callable[[], Archive]
) -> None:
    held = hold(candidate, "kubernetes and 结算系统")
    before, old = everything(archive), (archive.folder / "archive.key").read_text()
    archive.rotate_key("mia")
    new = (archive.folder / "archive.key").read_text()
    assert (len(new.split()), new == old) == (1, False)
    with reopened() as again:
        assert everything(again) == everything(archive) == before
        assert again.transcripts.search("结算").hits[0].interview.id == held.interview_id
        assert again.people.find(candidate.phone).candidate == candidate
        with again.open_recording(held.attempt_id) as reader:
            assert reader.read()[44:] == held.audio
        assert again.verify().problems == ()
    (archive.folder / "archive.key").write_text(old)
    with pytest.raises(ArchiveLocked, match="is not the one of this archive"):
        reopened()


def test_others_work_on_while_the_key_is_rotated(
    archive: Archive, hold: Hold, candidate: Candidate, reopened: Callable[[], Archive], now: datetime
) -> None:
    done, faults = threading.Event(), list[BaseException]()

    def work(other: Archive) -> None:
        try:
            n = 0
            while not done.is_set() or n < 3:
                n += 1
                flow = other.interviews(1)[0].flow if other.interviews(1) else FlowRef("f", 1, "ab" * 32)
                interview_id = other.schedule_interview(candidate, flow, {}, now)
                assert other.interview(interview_id).candidate == candidate
        except BaseException as fault:
            faults.append(fault)

    others = [reopened() for _ in range(3)]
    hold(candidate, "before")
    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for _ in range(3):
        archive.rotate_key("mia")
    done.set()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert faults == []
    with reopened() as again:
        assert again.verify().problems == ()


@pytest.mark.parametrize("stopped_in", ["rotate_keys", "_reseal", "old_keys", "retire_keys"])
def test_a_rotation_that_was_stopped_loses_nothing_and_is_run_again(
    archive: Archive,
    hold: Hold,
    candidate: Candidate,
    reopened: Callable[[], Archive],
    monkeypatch: pytest.MonkeyPatch,
    stopped_in: str,
) -> None:
    held = hold(candidate, "kubernetes")

    def stopped(*_: object) -> Iterator[None]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotation, stopped_in, stopped)
        with pytest.raises(KeyboardInterrupt):
            archive.rotate_key("mia")
    with reopened() as again:
        assert again.interview(held.interview_id).transcript[1].text == "kubernetes"
        again.rotate_key("mia")
        assert again.interview(held.interview_id).transcript[1].text == "kubernetes"
        assert again.verify().problems == ()
    assert len((archive.folder / "archive.key").read_text().split()) == 1


def test_a_key_in_the_environment_is_rotated_by_naming_both(tmp_path: Path) -> None:
    open_archive(tmp_path, key=KEY).close()
    with open_archive(tmp_path, key=f"{OTHER_KEY},{KEY}") as archive:
        archive.rotate_key("mia")
    open_archive(tmp_path, key=OTHER_KEY).close()
    with pytest.raises(ArchiveLocked):
        open_archive(tmp_path, key=KEY)


def test_a_key_source_never_shows_its_secret() -> None:
    assert KEY not in MasterKeySource(Path("f"), KEY).place
