"""What a failing disk or database means to the person who must mend it."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from models.errors import ArchiveError, ArchiveUnavailable

_DISK_FULL = "the disk under {place} is full: free some space, then try again; what was filed before is safe"
_READ_ONLY = (
    "{place} cannot be written: let the user that runs voicebot write to it, or set VOICEBOT_HOME to another folder"
)
_UNUSABLE = "{place} cannot be used ({reason}): set VOICEBOT_HOME to a folder that can be made and written"
_LOCKED = "{archive} is locked by another program: end that program, then try again"

_SQLITE_FAULTS = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOTADB: "{place}/archive.sqlite3 is not a database: move it away or restore it from a backup",
    sqlite3.SQLITE_CORRUPT: "{place}/archive.sqlite3 is damaged: restore it from a backup",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "{place}/archive.sqlite3 cannot be opened: it must be a file in a folder, both writable",
    sqlite3.SQLITE_IOERR: "the disk under {place} failed to read or write: check that it has space and is healthy",
}
_UNREACHABLE = (
    "{server} cannot be reached: start PostgreSQL, or mend VOICEBOT_DATABASE_URL; what was filed before is safe"
)
_POSTGRESQL_FAULTS = {
    # https://www.postgresql.org/docs/current/errcodes-appendix.html; a whole code goes before its class
    "53100": "the disk under {server} is full: free some space there, then try again; what was filed before is safe",
    "53": "{server} has no room for another connection: raise its max_connections, or end other programs",
    "57": _UNREACHABLE,
    "08": _UNREACHABLE,
    "28": "{server} refuses the user in VOICEBOT_DATABASE_URL: mend its name or password",
    "3D": "{server} does not exist: make it with `createdb`, or mend VOICEBOT_DATABASE_URL",
    "42501": "{server} does not let this user make and write tables: make it the database's owner",
    "25006": "{server} is read-only, perhaps a standby: set VOICEBOT_DATABASE_URL to the primary",
    "55P03": _LOCKED,
}
_FILE_FAULTS = {
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: _DISK_FULL,
    errno.EFBIG: _DISK_FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.EEXIST: "{place} is a file: set VOICEBOT_HOME to a folder",
    errno.ENOTDIR: "{place} lies under a file: set VOICEBOT_HOME to a folder",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive is, as a message says it."""

    folder: Path
    url: URL | None = None
    """Of its database, when that is not in the folder."""

    @property
    def server(self) -> str | None:
        if self.url is None:
            return None
        return f"the PostgreSQL database {self.url.database!r} on {self.url.host or 'this machine'}"

    @property
    def archive(self) -> str:
        return self.server or f"the archive in {self.folder}"


@contextmanager
def explained(place: Place | Path) -> Iterator[None]:
    """Raises what the database or the file system throws as an ArchiveError that says what to mend.

    `place`: the archive's, or its folder where only files are concerned.
    """
    where = place if isinstance(place, Place) else Place(place)
    try:
        yield
    except SQLAlchemyError as error:
        raise _from_database(error, where) from error
    except sqlite3.Error as error:
        raise _from_sqlite(error, where) from error
    except (UnicodeError, OverflowError) as error:
        raise _from_value(error) from error
    except OSError as error:
        message = _FILE_FAULTS.get(error.errno or 0, _UNUSABLE)
        reason = error.strerror or "no reason given"
        raise ArchiveUnavailable(message.format(place=where.folder, reason=reason)) from error


def _from_database(error: SQLAlchemyError, where: Place) -> ArchiveError:
    cause: Any = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, where)
    if hasattr(cause, "sqlstate"):
        return _from_postgresql(cause, where)
    if isinstance(cause, ValueError | TypeError):
        return _from_value(cause)
    return ArchiveUnavailable(f"{where.archive} cannot be used: {type(error).__name__}")


def _from_sqlite(error: sqlite3.Error, where: Place) -> ArchiveError:
    if isinstance(error, sqlite3.IntegrityError):
        return _contradiction(where, str(error))
    primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    message = _SQLITE_FAULTS.get(primary_code)
    if message is None:
        return ArchiveUnavailable(f"{where.archive} cannot be used: {error}")
    return ArchiveUnavailable(message.format(place=where.folder, archive=where.archive))


def _from_postgresql(cause: Any, where: Place) -> ArchiveError:
    """The server's own words may quote the row, so they are not passed on."""
    code: str = cause.sqlstate or ""
    if code.startswith("23"):
        return _contradiction(where, str(cause.diag.constraint_name or code))
    if code.startswith("22") or type(cause).__name__ == "DataError":
        return ArchiveError("the archive cannot keep this: a text with a zero character, or a number too large")
    message = _POSTGRESQL_FAULTS.get(code) or _POSTGRESQL_FAULTS.get(code[:2])
    if message is None and not code:
        refused = {"password authentication": "28", "does not exist": "3D"}  # while connecting there is no code
        message = next(
            (_POSTGRESQL_FAULTS[kind] for words, kind in refused.items() if words in str(cause)), _UNREACHABLE
        )
    if message is None:
        return ArchiveUnavailable(f"{where.archive} cannot be used: PostgreSQL reports {code}")
    return ArchiveUnavailable(message.format(server=where.server, archive=where.archive))


def _contradiction(where: Place, what: str) -> ArchiveError:
    return ArchiveError(f"this contradicts what {where.archive} holds already: {what}")


def _from_value(error: Exception) -> ArchiveError:
    if isinstance(error, UnicodeError):
        return ArchiveError("a text for the archive is not Unicode (half a surrogate pair): decode it anew")
    return ArchiveError(f"the archive cannot keep this: {error}")
