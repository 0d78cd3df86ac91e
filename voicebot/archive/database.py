"""The database behind the archive: how it is opened, how a transaction begins, how its schema is brought up to date.

It is a SQLite file in the archive's folder, or a PostgreSQL database that a URL names; everything above sees the same.

To write the next revision after a change to models/tables.py:

    with database.engine.execution_options(writes=True).begin() as connection:
        alembic.command.revision(migrations(connection, database.keys), message="what changes", autogenerate=True)
"""

import contextlib
import errno
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import Session

from models.errors import ArchiveAltered, ArchiveUnavailable, UsageError
from models.tables import Row
from voicebot.archive.anchor import write_anchor
from voicebot.archive.faults import Place, explained
from voicebot.archive.keyring import Keyring
from voicebot.archive.master_key import MasterKeySource

DATABASE_FILE = "archive.sqlite3"
BUSY_TIMEOUT_MS = 10_000
"""How long a write waits for the one before it; a write itself takes milliseconds."""
CONNECT_TIMEOUT_S = 10

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    # With NORMAL a power cut may take back the last commits, and with them a dial that has been made: the candidate
    # would be called twice.
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",  # what is erased is gone from the file, not only from its tables
)
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x766F696365
"""Any number, the same in every process: PostgreSQL lets one of them migrate at a time."""
_URL_MEND = "VOICEBOT_DATABASE_URL cannot be used: write it as postgresql://user:password@host:5432/database"
T = TypeVar("T")


class Transaction(Session):
    """A session whose rows can be sealed and opened."""

    keys: Keyring
    anchor: str | None = None
    """The last audit entry of this transaction."""

    def seal(self, table: type[Row], key: Sequence[object], value: Any) -> bytes:
        """`value` as sealed JSON for the row of `table` with the primary key `key`."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return self.keys.seal(plain, place(table, key))

    def opened(self, row: Row, kind: TypeAdapter[T]) -> T:
        """The value in the row's document. Errors: ArchiveAltered."""
        plain = self.opened_json(row)
        try:
            return kind.validate_json(plain)
        except ValidationError as error:
            raise ArchiveAltered(
                f"{row.__tablename__} in the archive holds what this voicebot does not know: upgrade voicebot"
            ) from error

    def opened_json(self, row: Row) -> bytes:
        sealed: Any = row  # one of `SEALED`, which all have a document
        return self.keys.open(sealed.document, place(type(row), inspect(type(row)).primary_key_from_instance(row)))

    def reseal(self, row: Row) -> bytes:
        """The row's document, sealed with the newest key."""
        where = place(type(row), inspect(type(row)).primary_key_from_instance(row))
        return self.keys.seal(self.opened_json(row), where)

    def insert_new(self, table: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
        """Adds those rows whose primary key, or other unique value, is not there yet."""
        if rows:
            self.connection().execute(self._insert_new(table), rows)

    def insert_if_new(self, table: type[Row], row: Mapping[str, object]) -> bool:
        """The same for one row; whether it was added."""
        added = self.connection().execute(self._insert_new(table), row, execution_options={"preserve_rowcount": True})
        return added.rowcount == 1

    def _insert_new(self, table: type[Row]) -> sqlite.Insert | postgresql.Insert:
        dialect = sqlite if self.get_bind().dialect.name == "sqlite" else postgresql
        insert: sqlite.Insert | postgresql.Insert = dialect.insert(Row.metadata.tables[str(table.__tablename__)])
        return insert.on_conflict_do_nothing()


def place(table: type[Row], key: Sequence[object]) -> str:
    """What a seal is bound to."""
    return "/".join((str(table.__tablename__), *map(str, key)))


class _Joined(threading.local):
    transaction: Transaction | None = None


class Database:
    """For all threads of the process. `open_database` makes one."""

    def __init__(self, folder: Path, engine: Engine, keys: Keyring) -> None:
        self.folder = folder
        self.engine = engine
        self.keys = keys
        self.where = Place(folder, None if engine.dialect.name == "sqlite" else engine.url)
        self._joined = _Joined()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Everything read is as it was at one moment."""
        if self._joined.transaction is not None:
            yield self._joined.transaction
            return
        with self._transaction(self.engine.execution_options(**self._snapshot), for_writing=False) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """It has happened wholly, and survives a power cut, or not at all."""
        if self._joined.transaction is not None:
            with self._joined.transaction.begin_nested():
                yield self._joined.transaction
            return
        with self._transaction(self.engine.execution_options(writes=True), for_writing=True) as transaction:
            yield transaction
        if transaction.anchor is not None:
            write_anchor(self.folder, transaction.anchor)

    @contextmanager
    def together(self) -> Iterator[Transaction]:
        """All that this thread reads and writes meanwhile is part of one transaction."""
        with self.writing() as transaction:
            self._joined.transaction = transaction
            try:
                yield transaction
            finally:
                self._joined.transaction = None

    @contextmanager
    def _transaction(self, engine: Engine, for_writing: bool) -> Iterator[Transaction]:
        with explained(self.where), Transaction(engine, expire_on_commit=False) as transaction, transaction.begin():
            transaction.keys = self.keys
            self.keys.refresh(transaction.connection(), for_writing)
            yield transaction

    @property
    def _snapshot(self) -> dict[str, Any]:
        return {} if self.embedded else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @property
    def embedded(self) -> bool:
        """Whether the database is the SQLite file in the archive's folder."""
        return self.where.server is None

    @property
    def path(self) -> Path:
        """Of the SQLite file."""
        return self.folder / DATABASE_FILE

    def forget(self) -> None:
        """Takes what was just deleted out of the write-ahead log too, unless somebody reads at this very moment."""
        if self.embedded:
            with contextlib.suppress(SQLAlchemyError), self.engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        self.engine.dispose()


def open_database(folder: Path, url: str | None, source: MasterKeySource) -> Database:
    """The archive's database, created or migrated to this program's schema, with its keys opened.

    `url`: of a PostgreSQL database; None: the SQLite file in `folder`.
    Errors: ArchiveUnavailable, ArchiveLocked; UsageError when the URL makes no sense.
    """
    engine = _embedded(folder) if url is None else _server(url)
    database = Database(folder, engine, Keyring(source))
    try:
        with explained(database.where):
            if url is not None:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # for the recordings
            _migrate(database)
            with engine.connect() as connection, connection.begin():
                database.keys.refresh(connection, for_writing=False)
    except BaseException:
        engine.dispose()
        raise
    return database


def migrations(connection: Connection, keys: Keyring) -> Config:
    """Alembic's configuration for commands on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    return config


def _embedded(folder: Path) -> Engine:
    with explained(Place(folder)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = folder / DATABASE_FILE
        _make_private(database)
    # A failing statement's parameters are personal data: they must not reach a log.
    engine = create_engine(URL.create("sqlite", database=str(database)), hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _server(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError(_URL_MEND) from None  # the URL may hold a password
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise UsageError(_URL_MEND)
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S,
                "options": f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_MS}",
                "application_name": "voicebot",
            },
        )
    except ModuleNotFoundError:
        raise UsageError(
            "VOICEBOT_DATABASE_URL needs the PostgreSQL driver: pip install 'voicebot[postgresql]'"
        ) from None


def _make_private(database: Path) -> None:
    # An existing file is not opened here: closing it would drop the locks that SQLite holds on it in this process.
    try:
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not os.access(database, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def _prepare(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, and only before some statements: `_begin` does it instead.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and then writes fails at once if somebody else wrote in between, however long the
    # busy timeout; so one that will write takes the write lock at its start, where it waits for its turn.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(database: Database) -> None:
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(migrations(connection, database.keys))
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision == scripts.get_current_head():
        return
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ArchiveUnavailable(
            f"{database.where.archive} was written by a newer voicebot (schema {revision}): upgrade voicebot to open it"
        )
    with database.engine.execution_options(writes=True).connect() as connection:
        connection.detach()  # the settings below are for the migration alone
        if database.embedded:
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA journal_mode = WAL")  # kept in the file
            # A table that is altered by copying must not take the rows that refer to it along when the old one is
            # dropped.
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if not database.embedded:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            command.upgrade(migrations(connection, database.keys), "head")
    database.forget()
