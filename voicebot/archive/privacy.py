"""Holding and erasing: what law and people ask of a file about a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import col, select

from models.archive import Hold, Removed, Retention
from models.errors import ArchiveError, OnHold
from models.tables import AttemptRow, HoldRow, InterviewRow, TombstoneRow
from voicebot.archive import audit, mapping, removal, retention
from voicebot.archive.database import Database
from voicebot.archive.people import found


@dataclass(frozen=True, slots=True)
class Privacy:
    """Whoever is meant by `who` is named by the archive's id, the candidate's id, or a phone number."""

    database: Database

    def hold(self, who: str, reason: str, actor: str, at: datetime) -> Hold:
        """From now on nothing of this person is erased. Errors: NotInArchive."""
        with self.database.writing() as session:
            person = found(session, who)
            row = HoldRow(id=uuid4().hex, person_id=person.id, placed_at=at, document=b"")
            row.document = session.seal(HoldRow, (row.id,), {"author": actor, "reason": reason})
            session.add(row)
            audit.append(session, at, actor, "hold", person.id, hold=row.id)
            return mapping.hold(session, row)

    def release(self, who: str, actor: str, at: datetime) -> int:
        """Ends every hold on this person; how many there were. Errors: NotInArchive."""
        with self.database.writing() as session:
            person = found(session, who)
            standing = select(HoldRow).where(HoldRow.person_id == person.id, col(HoldRow.released_at).is_(None))
            rows = session.exec(standing).all()
            for row in rows:
                row.released_at = at
                audit.append(session, at, actor, "release", person.id, hold=row.id)
            return len(rows)

    def holds(self, person_id: str | None = None) -> tuple[Hold, ...]:
        """Those that stand, oldest first; on one person, or on all."""
        standing = select(HoldRow).where(col(HoldRow.released_at).is_(None))
        standing = standing.order_by(col(HoldRow.placed_at), col(HoldRow.id))
        if person_id is not None:
            standing = standing.where(HoldRow.person_id == person_id)
        with self.database.reading() as session:
            return tuple(mapping.hold(session, row) for row in session.exec(standing))

    def erase(self, who: str, actor: str, at: datetime) -> Removed:
        """Removes everything about this person but a tombstone and, if they opted out, the block of their number.

        Errors: NotInArchive; OnHold; ArchiveError while a call with them is under way.
        """
        with self.database.writing() as session:
            person = found(session, who)
            standing = select(HoldRow.id).where(HoldRow.person_id == person.id, col(HoldRow.released_at).is_(None))
            if session.exec(standing).first() is not None:
                raise OnHold(
                    "a legal hold stands on this person, so nothing is erased: "
                    "`voicebot archive hold --release` ends it, if you may"
                )
            theirs = InterviewRow.person_id == person.id
            calls = select(AttemptRow.id).join(InterviewRow).where(theirs, col(AttemptRow.ended_at).is_(None))
            if session.exec(calls).first() is not None:
                raise ArchiveError("a call with this person is under way: wait for its end, then erase")
            interviews = session.exec(select(func.count()).select_from(InterviewRow).where(theirs)).one()
            person_id = person.id
            paths = removal.person(session, person)
            session.add(TombstoneRow(person_id=person_id, at=at, interviews=interviews, recordings=len(paths)))
            audit.append(session, at, actor, "erase", person_id, interviews=interviews, recordings=len(paths))
        retention.unlink(self.database, paths)
        return Removed(recordings=len(paths), transcripts=interviews, scores=interviews, people=1)

    def retain(self, kept: Retention, actor: str, at: datetime, *, dry_run: bool = False) -> Removed:
        """Removes what is past its retention; how much that was, or would be with `dry_run`.

        Days count from the end of an interview's last call. Employees and people on hold are left alone.
        """
        due = retention.due(self.database, kept, at)
        if not dry_run:
            retention.remove(self.database, due, actor, at)
            for person_id in due.people:
                self.erase(person_id, actor, at)
        return Removed(len(due.recordings), len(due.transcripts), len(due.scores), len(due.people))

    def tombstones(self) -> Sequence[str]:
        """The ids of people who were erased, oldest first."""
        with self.database.reading() as session:
            oldest = select(TombstoneRow.person_id).order_by(col(TombstoneRow.at), col(TombstoneRow.person_id))
            return session.exec(oldest).all()
