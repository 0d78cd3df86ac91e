"""Records as JSON, and everything about one person as a file: times in ISO 8601 (UTC), enumerations as their text."""

import hashlib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from pydantic import TypeAdapter
from sqlmodel import col, select

from models.archive import AuditEntry, Consent, InterviewSummary, Person, Review, SearchPage, Verification
from models.errors import ArchiveError
from models.interview import InterviewRecord
from models.invitation import Wish
from models.tables import AttemptRow, AuditRow, InterviewRow, RecordingRow
from voicebot.archive import audit, filing, mapping, people, records, reviews, wishes
from voicebot.archive.database import Database, Transaction
from voicebot.archive.faults import explained
from voicebot.archive.recordings import RecordingReader

_RECORD = TypeAdapter(InterviewRecord)
_SUMMARY = TypeAdapter(InterviewSummary)
_PERSON = TypeAdapter(Person)
_CONSENTS = TypeAdapter(tuple[Consent, ...])
_REVIEW = TypeAdapter(Review)
_WISHES = TypeAdapter(tuple[Wish, ...])
_ENTRIES = TypeAdapter(tuple[AuditEntry, ...])
_PAGE = TypeAdapter(SearchPage)
_VERIFICATION = TypeAdapter(Verification)
_BLOCK_BYTES = 1 << 20


def record_to_json(record: InterviewRecord) -> dict[str, Any]:
    """The fields of InterviewRecord under their own names; each answer also has its whole `text`, and each line of the
    candidate `reply_ms`: how long they waited for the interviewer's voice."""
    exported: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    for entry, answer in zip(exported["answers"], record.answers, strict=True):
        entry["text"] = answer.text
    for index, entry in enumerate(exported["transcript"]):
        entry["reply_ms"] = record.reply_ms(index)
    return exported


def summary_to_json(summary: InterviewSummary) -> dict[str, Any]:
    """The fields of InterviewSummary under their own names."""
    exported: dict[str, Any] = _SUMMARY.dump_python(summary, mode="json")
    return exported


def page_to_json(page: SearchPage) -> dict[str, Any]:
    exported: dict[str, Any] = _PAGE.dump_python(page, mode="json")
    return exported


def verification_to_json(checked: Verification) -> dict[str, Any]:
    exported: dict[str, Any] = _VERIFICATION.dump_python(checked, mode="json")
    return {"sound": checked.sound} | exported


def write_audio(reader: RecordingReader, target: Path) -> None:
    """Writes the recording as a WAV file for its owner alone. Errors: ArchiveError when `target` exists."""
    with explained(target.parent):
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise ArchiveError(f"{target} is there already: name a new file") from None
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(reader, file, _BLOCK_BYTES)


def export_person(database: Database, who: str, target: Path, actor: str, at: datetime) -> Person:
    """Writes everything on file about one person into the new file `target`, as `write_person` does.

    Errors: NotInArchive; ArchiveError when `target` exists.
    """
    partial = target.with_name(target.name + ".partial")
    if target.exists():
        raise ArchiveError(f"{target} is there already: name a new file")
    with explained(target.parent):
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                person = write_person(database, who, file, actor, at)
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
    return person


def write_person(database: Database, who: str, file: IO[bytes], actor: str, at: datetime) -> Person:
    """Writes everything on file about one person as a zip: `person.json`, each recording as a WAV file, and
    `SHA256SUMS` over them (GDPR articles 15 and 20, PIPL article 45). Errors: NotInArchive.
    """
    with database.writing() as session:
        person_id = people.found(session, who).id
        audit.append(session, at, actor, "export", person_id)
    with database.reading() as session:
        row = people.found(session, person_id)
        person = mapping.person(session, row)
        content = _everything(session, person)
        audio = _recordings(session, person_id)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        sums = [_member(archive, "person.json", json.dumps(content, ensure_ascii=False, indent=2).encode())]
        for name, path, key in audio:
            with RecordingReader(database.folder, path, key) as reader:
                sums.append(_member(archive, name, reader))
        archive.writestr("SHA256SUMS", "".join(sums))
    return person


def _everything(session: Transaction, person: Person) -> dict[str, Any]:
    interviews = session.exec(
        select(InterviewRow).where(InterviewRow.person_id == person.id).order_by(col(InterviewRow.created_at))
    ).all()
    subjects = [person.id, *(interview.id for interview in interviews)]
    entries = session.exec(select(AuditRow).where(col(AuditRow.subject).in_(subjects)).order_by(col(AuditRow.sequence)))
    return {
        "person": _PERSON.dump_python(person, mode="json"),
        "consents": _CONSENTS.dump_python(people.consents(session, person.id), mode="json"),
        "wishes": _WISHES.dump_python(wishes.of(session, person.id), mode="json"),
        "interviews": [
            record_to_json(records.record(session, interview.id))
            | {"review": _REVIEW.dump_python(reviews.review(session, interview.id), mode="json")}
            for interview in interviews
        ],
        "audit": _ENTRIES.dump_python(tuple(audit.entry(session, row) for row in entries), mode="json"),
    }


def _recordings(session: Transaction, person_id: str) -> list[tuple[str, str, bytes]]:
    """Of each recording the name in the export, the path in the archive, and the key."""
    rows = session.exec(
        select(RecordingRow, AttemptRow.interview_id)
        .join(AttemptRow, col(AttemptRow.id) == RecordingRow.attempt_id)
        .join(InterviewRow, col(InterviewRow.id) == AttemptRow.interview_id)
        .where(InterviewRow.person_id == person_id, RecordingRow.state != "open")
        .order_by(col(AttemptRow.dialled_at))
    )
    return [
        (f"recordings/{interview_id[:8]}-{row.attempt_id[:8]}.wav", row.path, filing.opened_key(session, row))
        for row, interview_id in rows
    ]


def _member(archive: ZipFile, name: str, content: bytes | RecordingReader) -> str:
    """Adds a file; its line for SHA256SUMS."""
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        if isinstance(content, bytes):
            digest.update(content)
            file.write(content)
        else:
            while block := content.read(_BLOCK_BYTES):
                digest.update(block)
                file.write(block)
    return f"{digest.hexdigest()}  {name}\n"
