import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect

from models.call import Candidate
from models.errors import ArchiveUnavailable, UsageError
from models.interview import FlowRef
from models.tables import Row
from voicebot.archive.database import DATABASE_FILE, Database, open_database
from voicebot.archive.master_key import KEY_FILE, MasterKeySource
from voicebot.archive.store import Archive, open_archive


def opened(folder: Path, url: str | None = None) -> Database:
    return open_database(folder, url, MasterKeySource(folder / KEY_FILE))


@contextmanager
def connected(folder: Path, url: str | None = None) -> Iterator[Connection]:
    database = opened(folder, url)
    with database.engine.execution_options(writes=True).begin() as connection:
        yield connection
    database.close()


@contextmanager
def plain_sqlite(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database as any other program would open it."""
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        yield connection


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path, database_url: str | None) -> None:
    with connected(tmp_path, database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
        built = inspect(connection)
        for table in Row.metadata.sorted_tables:
            checks = {check["name"] for check in built.get_check_constraints(table.name)}
            assert checks == {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            keys = {
                (tuple(k["constrained_columns"]), k["options"].get("ondelete"))
                for k in built.get_foreign_keys(table.name)
            }
            assert keys == {(tuple(c.column_keys), c.ondelete) for c in table.foreign_key_constraints}
            assert built.get_pk_constraint(table.name)["constrained_columns"] == list(table.primary_key.columns.keys())


def test_the_database_survives_a_power_cut_and_checks_references(tmp_path: Path) -> None:
    with connected(tmp_path) as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


def test_only_its_owner_may_read_the_archive(tmp_path: Path) -> None:
    with connected(tmp_path / "new" / "archive"):
        files = list((tmp_path / "new" / "archive").iterdir())
        assert {file.name for file in files} >= {DATABASE_FILE, KEY_FILE}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "new" / "archive").stat().st_mode) == 0o700


def test_a_path_with_signs_that_mean_something_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "50% of 面试 ?#&;"
    open_archive(folder).close()
    assert (folder / DATABASE_FILE).stat().st_size > 0


def test_many_may_open_a_new_archive_at_once(reopened: Callable[[], Archive]) -> None:
    with ThreadPoolExecutor(8) as pool:
        archives = list(pool.map(lambda _: reopened(), range(8)))
    for archive in archives:
        assert archive.interviews() == ()
        archive.close()


# What cannot be opened says what to mend


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"all work and no play " * 1000)
    with pytest.raises(ArchiveUnavailable, match="is not a database: move it away or restore it"):
        open_archive(tmp_path)
    assert (tmp_path / DATABASE_FILE).read_bytes() == b"all work and no play " * 1000


def test_a_damaged_database(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    database = tmp_path / DATABASE_FILE
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    database.write_bytes(content)
    with (
        pytest.raises(ArchiveUnavailable, match="is damaged: restore it from a backup"),
        open_archive(tmp_path) as archive,
    ):
        archive.interviews()


def test_a_database_of_a_newer_voicebot(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    with plain_sqlite(tmp_path) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ArchiveUnavailable, match=r"newer voicebot \(schema 9999\): upgrade voicebot"):
        open_archive(tmp_path)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    file = tmp_path / "archive"
    file.write_text("mine")
    with pytest.raises(ArchiveUnavailable, match="is a file: set VOICEBOT_HOME"):
        open_archive(file)
    with pytest.raises(ArchiveUnavailable, match="lies under a file: set VOICEBOT_HOME"):
        open_archive(file / "deeper")
    assert file.read_text() == "mine"


def test_a_folder_where_the_database_should_be(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).mkdir()
    with pytest.raises(ArchiveUnavailable, match="cannot be opened: it must be a file"):
        open_archive(tmp_path)


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/d", "not a url secret", "sqlite:///secret", "postgresql+asyncpg://secret/d"]
)
def test_a_url_that_cannot_be_used(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="VOICEBOT_DATABASE_URL cannot be used: write it as postgresql://") as caught:
        open_archive(tmp_path, database_url=url)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(
        ArchiveUnavailable, match="'d' on 127.0.0.1 cannot be reached: start PostgreSQL, or mend"
    ) as caught:
        open_archive(tmp_path, database_url="postgresql://u:secret@127.0.0.1:9/d")
    assert "secret" not in str(caught.value)


def test_a_database_that_the_server_does_not_have(tmp_path: Path, postgresql: Any) -> None:
    url = postgresql.new_database().replace("@/t", "@/nothing")
    with pytest.raises(ArchiveUnavailable, match="does not exist: make it with `createdb`"):
        open_archive(tmp_path, database_url=url)


def test_a_server_that_goes_away_and_comes_back(
    tmp_path: Path, postgresql: Any, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    with open_archive(tmp_path, database_url=postgresql.new_database()) as archive:
        archive.flows.file(flow, "F", "en", "")
        kept = archive.schedule_interview(candidate, flow, {}, now)
        postgresql.stop()
        with pytest.raises(ArchiveUnavailable, match="cannot be reached: .* what was filed before is safe"):
            archive.schedule_interview(candidate, flow, {}, now)
        postgresql.start()
        assert [interview.id for interview in archive.interviews()] == [kept]
        archive.schedule_interview(candidate, flow, {}, now)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_somebody_else_holds(
    archive: Archive, interview_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.archive.database._PRAGMAS", ("PRAGMA busy_timeout = 1",))
    with open_archive(archive.folder) as impatient, plain_sqlite(archive.folder) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveUnavailable, match="is locked by another program: end that program"):
            impatient.begin_attempt(interview_id, impatient.interviews()[0].created_at)
        other.rollback()
        impatient.begin_attempt(interview_id, impatient.interviews()[0].created_at)


def test_an_error_tells_no_personal_data(archive: Archive, candidate: Candidate, flow: FlowRef, now: datetime) -> None:
    with archive.database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE people RENAME TO folk")
    with pytest.raises(ArchiveUnavailable) as caught:
        archive.schedule_interview(candidate, flow, {}, now)
    told = f"{caught.value} {caught.value.__cause__}"
    assert candidate.name not in told
    assert candidate.phone not in told
