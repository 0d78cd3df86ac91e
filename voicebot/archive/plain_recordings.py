"""Recordings of a voicebot that did not encrypt yet: each is encrypted when the archive is first opened after."""

from loguru import logger
from sqlmodel import select

from models.errors import ArchiveError
from models.tables import RecordingRow
from voicebot.archive import filing
from voicebot.archive.database import Database
from voicebot.archive.faults import explained
from voicebot.archive.recordings import SUFFIX, encrypt_wav, new_key, repair


def encrypt_all(database: Database) -> None:
    """Safe to be stopped at any moment, and to be started again. Errors: ArchiveUnavailable."""
    with database.reading() as session:
        plain = session.exec(select(RecordingRow.attempt_id).where(RecordingRow.state == "plain")).all()
    for attempt_id in plain:
        try:
            _encrypt(database, attempt_id)
        except ArchiveError as error:
            logger.bind(attempt_id=attempt_id).error("a recording could not be encrypted: {}", error)
    if plain:
        logger.warning("{} recordings of an older voicebot have been encrypted", len(plain))


def _encrypt(database: Database, attempt_id: str) -> None:
    with database.writing() as session:
        row = session.get_one(RecordingRow, attempt_id, with_for_update=True)
        if row.state != "plain":  # another process was faster
            return
        if row.document is None:  # kept before the file is written: what it seals could not be opened else
            row.document = filing.sealed_key(session, attempt_id, new_key())
        key, plain_path = filing.opened_key(session, row), row.path
    source, path = database.folder / plain_path, plain_path.removesuffix(".wav") + SUFFIX
    with explained(database.folder):
        there = source.exists()
    if there:
        recording = encrypt_wav(source, database.folder, path, key)
    elif (database.folder / path).exists():
        recording = repair(database.folder, path, key)  # encrypted before, and stopped before it was filed
    else:
        recording = None
    with explained(database.folder):
        source.unlink(missing_ok=True)
    with database.writing() as session:
        row = session.get_one(RecordingRow, attempt_id, with_for_update=True)
        if recording is None:
            session.delete(row)
            return
        ended = row.sha256 != ""
        row.path, row.duration_ms, row.state = recording.path, recording.duration_ms, "closed" if ended else "open"
        row.sha256 = recording.sha256 if ended else ""
