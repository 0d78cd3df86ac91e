"""The openings that people are interviewed for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, select

from models.archive import Job
from models.errors import NotInArchive
from models.tables import JobRow
from voicebot.archive import mapping
from voicebot.archive.database import Database


@dataclass(frozen=True, slots=True)
class Jobs:
    database: Database

    def file(self, title: str, location: str, at: datetime, *, flow_id: str | None = None) -> Job:
        """A new opening. `flow_id`: the flow that its candidates are asked."""
        with self.database.writing() as session:
            row = JobRow(id=uuid4().hex, title=title, location=location, flow_id=flow_id, created_at=at)
            session.add(row)
            return mapping.job(row)

    def find(self, job_id: str) -> Job:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            row = session.get(JobRow, job_id)
            if row is None:
                raise NotInArchive(f"there is no job {job_id!r}: file it first")
            return mapping.job(row)

    def list(self, limit: int = 50, *, open_only: bool = False) -> tuple[Job, ...]:
        """Newest first."""
        query = select(JobRow).order_by(col(JobRow.created_at).desc(), col(JobRow.id)).limit(limit)
        if open_only:
            query = query.where(col(JobRow.closed_at).is_(None))
        with self.database.reading() as session:
            return tuple(map(mapping.job, session.exec(query)))

    def close(self, job_id: str, at: datetime) -> Job:
        """Nobody is interviewed for it any more. Errors: NotInArchive."""
        with self.database.writing() as session:
            row = session.get(JobRow, job_id)
            if row is None:
                raise NotInArchive(f"there is no job {job_id!r}: file it first")
            row.closed_at = at
            return mapping.job(row)
