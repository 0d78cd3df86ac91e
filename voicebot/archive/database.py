"""The SQLite file behind the archive: how it is opened, how a transaction begins, how its schema is brought up to date.

To write the next revision after a change to models/tables.py, with an engine from `open_database`:

    with engine.begin() as connection:
        alembic.command.revision(migrations(connection), message="what changes", autogenerate=True)
"""

import errno
import os
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event

from models.errors import ArchiveUnavailable
from voicebot.archive.faults import explained

DATABASE_FILE = "archive.sqlite3"
BUSY_TIMEOUT_MS = 10_000
"""How long a write waits for the one before it; a write itself takes milliseconds."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    # With NORMAL a power cut may take back the last commits, and with them a dial that has been made: the candidate
    # would be called twice.
    "PRAGMA synchronous = FULL",
)
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(folder: Path) -> Engine:
    """The archive's database in `folder`, created or migrated to this program's schema.

    `engine.execution_options(writes=True)` gives connections whose transactions may write.

    Errors: ArchiveUnavailable.
    """
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = folder / DATABASE_FILE
        _make_private(database)
        # A failing statement's parameters are personal data: they must not reach a log.
        engine = create_engine(URL.create("sqlite", database=str(database)), hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        try:
            _migrate(engine, folder)
        except BaseException:
            engine.dispose()
            raise
    return engine


def migrations(connection: Connection) -> Config:
    """Alembic's configuration for commands on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


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


def _migrate(engine: Engine, folder: Path) -> None:
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(migrations(connection))
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision == scripts.get_current_head():
        return
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ArchiveUnavailable(
            f"the archive in {folder} was written by a newer voicebot (schema {revision}): upgrade voicebot to open it"
        )
    with engine.execution_options(writes=True).connect() as connection:
        connection.detach()  # the settings below are for the migration alone
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA journal_mode = WAL")  # kept in the file
        # A table that is altered by copying must not take the rows that refer to it along when the old one is dropped.
        driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            command.upgrade(migrations(connection), "head")
