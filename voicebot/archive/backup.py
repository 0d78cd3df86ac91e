"""Backup and restore, while calls are held.

A backup is a folder: the database as one SQLite file, whichever database it came from; the recordings; the audit's
anchor. So it is also how an archive moves from SQLite to PostgreSQL, or back. Everything personal in it is as encrypted
as in the archive, and the key is not in it.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, func, select, text
from sqlalchemy.engine import URL

from models.archive import Verification
from models.errors import ArchiveError, ArchiveLocked
from models.tables import RecordingRow, Row
from voicebot.archive import audit
from voicebot.archive.anchor import ANCHOR_FILE
from voicebot.archive.database import DATABASE_FILE, Database, open_database
from voicebot.archive.faults import explained
from voicebot.archive.keyring import fingerprint
from voicebot.archive.master_key import MasterKeySource
from voicebot.archive.recordings import RECORDINGS
from voicebot.archive.verification import verify

_ROWS = 1000
_TRIES = 5
_RECORDINGS = RecordingRow.metadata.tables["recordings"]
_VERSION = "alembic_version"


def back_up(database: Database, target: Path, actor: str, at: datetime) -> int:
    """Writes the archive as it is at one moment into the new folder `target`; how many recordings there are.

    Errors: ArchiveError when `target` exists; ArchiveUnavailable.
    """
    partial = target.with_name(target.name + ".partial")
    if target.exists() or partial.exists():
        there = target if target.exists() else partial
        raise ArchiveError(f"{there} is there already: name a new folder for the backup, or delete that one")
    with database.writing() as session:
        audit.append(session, at, actor, "backup", "archive")
    with explained(target):
        partial.mkdir(mode=0o700, parents=True)
        try:
            with database.engine.connect() as connection:
                _copy_recordings(connection, database.folder, partial)
            anchor = database.folder / ANCHOR_FILE
            if anchor.exists():
                shutil.copyfile(anchor, partial / ANCHOR_FILE)
            for _ in range(_TRIES):
                kept, missing = _copy_moment(database, partial)
                if not missing:
                    break
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return len(kept)


def _copy_moment(database: Database, partial: Path) -> tuple[set[str], set[str]]:
    """The database, and the recordings that it knows; which they are, and which of them are not there.

    Somebody may be erased after the database was copied and before their recordings are: the next copy does not know
    them.
    """
    (partial / DATABASE_FILE).unlink(missing_ok=True)
    _copy_database(database, partial / DATABASE_FILE)
    copied = _sqlite(partial / DATABASE_FILE)
    with copied.connect() as connection:
        known = _copy_recordings(connection, database.folder, partial)
    copied.dispose()
    there = {file.relative_to(partial).as_posix() for file in (partial / RECORDINGS).rglob("*.*")}
    for path in there - known.keys():
        (partial / path).unlink()
    finished = {path for path, state in known.items() if state != "open"}  # a call may not have begun its file yet
    return finished & there, finished - there


def restore(source: Path, folder: Path, database_url: str | None, key: MasterKeySource) -> Verification:
    """Puts a backup in the place of a new archive, and verifies it.

    Errors: ArchiveError when there is no backup, or an archive is there already; ArchiveLocked without its key.
    """
    if not (source / DATABASE_FILE).is_file():
        raise ArchiveError(f"{source} is not a backup: name a folder that `voicebot archive backup` wrote")
    if (folder / DATABASE_FILE).exists() or (folder / RECORDINGS).exists():
        raise ArchiveError(
            f"there is an archive in {folder} already: move it away, or set VOICEBOT_HOME to a new folder"
        )
    _refuse_other_key(source / DATABASE_FILE, key)
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if database_url is None:
            _copy_file(source / DATABASE_FILE, folder / DATABASE_FILE)
            with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
    if database_url is not None:
        _fill_server(source, folder, database_url, key)
    with explained(folder):
        for path in (source / RECORDINGS).rglob("*.*"):
            _copy_file(path, folder / path.relative_to(source))
        if (source / ANCHOR_FILE).exists():
            shutil.copyfile(source / ANCHOR_FILE, folder / ANCHOR_FILE)
    database = open_database(folder, database_url, key)
    try:
        return verify(database)
    finally:
        database.close()


def _refuse_other_key(file: Path, key: MasterKeySource) -> None:
    with explained(file.parent), closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        needed = {master for (master,) in connection.execute("SELECT master FROM keys")}
    given = {fingerprint(master) for master in key.read()}
    if not needed <= given:
        raise ArchiveLocked(
            f"the backup in {file.parent} was made with the key {', '.join(sorted(needed))}, which is not in "
            f"{key.place}: put that key there, then restore again"
        )


def _copy_database(database: Database, file: Path) -> None:
    if database.embedded:
        with (
            closing(sqlite3.connect(database.path)) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
        file.chmod(0o600)
        return
    copy = _sqlite(file)
    snapshot = database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with explained(database.where), snapshot.connect() as reading, copy.begin() as writing:
        _copy_rows(reading, writing)
    copy.dispose()
    file.chmod(0o600)


def _fill_server(source: Path, folder: Path, url: str, key: MasterKeySource) -> None:
    """Copies the rows into an empty PostgreSQL database."""
    copied = _sqlite(source / DATABASE_FILE)
    database = open_database(folder, url, key)
    try:
        with explained(database.where), copied.connect() as reading, database.engine.begin() as writing:
            if writing.execute(select(func.count()).select_from(Row.metadata.tables["flows"])).scalar():
                raise ArchiveError(f"{database.where.archive} is not empty: restore into a new one (`createdb`)")
            _copy_rows(reading, writing)
    finally:
        copied.dispose()
        database.close()


def _copy_rows(reading: Connection, writing: Connection) -> None:
    tables = Row.metadata.sorted_tables
    if writing.dialect.name == "sqlite":
        Row.metadata.create_all(writing)
        (version,) = reading.execute(text(f"SELECT version_num FROM {_VERSION}")).one()
        writing.execute(text(f"CREATE TABLE {_VERSION} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        writing.execute(text(f"INSERT INTO {_VERSION} VALUES (:version)"), {"version": version})
    for table in reversed(tables):
        writing.execute(table.delete())
    for table in tables:
        for rows in _in_parts(reading, table):
            writing.execute(table.insert(), rows)
    if writing.dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('search_documents', 'number')"
        writing.execute(text(f"SELECT setval({sequence}, (SELECT max(number) FROM search_documents))"))


def _in_parts(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = reading.execution_options(yield_per=_ROWS).execute(select(table)).mappings()
    for part in found.partitions(_ROWS):
        yield [dict(row) for row in part]


def _copy_recordings(connection: Connection, folder: Path, target: Path) -> dict[str, str]:
    """Copies what is not there yet, or has grown; the state of each path that the database knows."""
    states = {row.path: row.state for row in connection.execute(select(_RECORDINGS.c.path, _RECORDINGS.c.state))}
    for path in states:
        source, copy = folder / path, target / path
        if source.exists() and (not copy.exists() or copy.stat().st_size != source.stat().st_size):
            _copy_file(source, copy)
    return states


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _sqlite(file: Path) -> Engine:
    return create_engine(URL.create("sqlite", database=str(file)), hide_parameters=True)
