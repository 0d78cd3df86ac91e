"""What a failing disk or database means to the person who must mend it."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from models.errors import ArchiveError, ArchiveUnavailable

_DISK_FULL = "the disk under {place} is full: free some space, then try again; what was filed before is safe"
_READ_ONLY = (
    "{place} cannot be written: let the user that runs voicebot write to it, or set VOICEBOT_HOME to another folder"
)
_UNUSABLE = "{place} cannot be used ({reason}): set VOICEBOT_HOME to a folder that can be made and written"

_DATABASE_FAULTS = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_BUSY: "the archive in {place} is locked by another program: end that program, then try again",
    sqlite3.SQLITE_LOCKED: "the archive in {place} is locked by another program: end that program, then try again",
    sqlite3.SQLITE_NOTADB: "{place}/archive.sqlite3 is not a database: move it away or restore it from a backup",
    sqlite3.SQLITE_CORRUPT: "{place}/archive.sqlite3 is damaged: restore it from a backup",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "{place}/archive.sqlite3 cannot be opened: it must be a file in a folder, both writable",
    sqlite3.SQLITE_IOERR: "the disk under {place} failed to read or write: check that it has space and is healthy",
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


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Raises what the database or the file system throws as an ArchiveError that says what to mend.

    `place` is the archive's folder.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _from_database(error, place) from error
    except sqlite3.Error as error:
        raise _from_sqlite(error, place) from error
    except (UnicodeError, OverflowError) as error:
        raise _from_value(error) from error
    except OSError as error:
        message = _FILE_FAULTS.get(error.errno or 0, _UNUSABLE)
        reason = error.strerror or "no reason given"
        raise ArchiveUnavailable(message.format(place=place, reason=reason)) from error


def _from_database(error: SQLAlchemyError, place: Path) -> ArchiveError:
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, place)
    if isinstance(cause, ValueError | TypeError):
        return _from_value(cause)
    return ArchiveUnavailable(f"the archive in {place} cannot be used: {type(error).__name__}")


def _from_sqlite(error: sqlite3.Error, place: Path) -> ArchiveError:
    if isinstance(error, sqlite3.IntegrityError):
        return ArchiveError(f"this contradicts what the archive in {place} holds already: {error}")
    primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    message = _DATABASE_FAULTS.get(primary_code)
    if message is None:
        return ArchiveUnavailable(f"the archive in {place} cannot be used: {error}")
    return ArchiveUnavailable(message.format(place=place))


def _from_value(error: Exception) -> ArchiveError:
    if isinstance(error, UnicodeError):
        return ArchiveError("a text for the archive is not Unicode (half a surrogate pair): decode it anew")
    return ArchiveError(f"the archive cannot keep this: {error}")
