"""The openings that people are interviewed for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select

from models.archive import Job, Position
from models.errors import ChangedMeanwhile, JobClosed, NotInArchive
from models.tables import InterviewRow, JobRow
from voicebot.archive import audit, mapping
from voicebot.archive.database import Database, Transaction

Ids = Collection[str] | None
"""The jobs whose interviews somebody sees; None: every interview."""


@dataclass(frozen=True, slots=True)
class Jobs:
    database: Database

    def file(
        self, title: str, location: str, at: datetime, *, flow_id: str | None = None, actor: str = audit.MACHINE
    ) -> Job:
        """A new opening. `flow_id`: the flow that its candidates are asked."""
        with self.database.writing() as session:
            row = JobRow(id=uuid4().hex, title=title, location=location, flow_id=flow_id, created_at=at)
            session.add(row)
            audit.append(session, at, actor, "open_job", row.id)
            return mapping.job(row)

    def find(self, job_id: str) -> Job:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            return mapping.job(_found(session, job_id))

    def list(
        self,
        limit: int = 50,
        *,
        open_only: bool = False,
        after: Position | None = None,
        job_ids: frozenset[str] | None = None,
    ) -> tuple[Job, ...]:
        """Newest first. `after`: only those that follow it. `job_ids`: only these."""
        query = select(JobRow).order_by(col(JobRow.created_at).desc(), col(JobRow.id).desc()).limit(limit)
        if open_only:
            query = query.where(col(JobRow.closed_at).is_(None))
        if after is not None:
            query = query.where(tuple_(col(JobRow.created_at), col(JobRow.id)) < tuple_(after.at, after.id))
        if job_ids is not None:
            query = query.where(col(JobRow.id).in_(job_ids))
        with self.database.reading() as session:
            return tuple(map(mapping.job, session.exec(query)))

    def change(
        self, job_id: str, changes: Mapping[str, Any], actor: str, at: datetime, *, seen: Job | None = None
    ) -> Job:
        """`changes`: title, location or flow_id with their new values. `seen`: the job as it was looked at.

        Errors: NotInArchive; ChangedMeanwhile when it is not as it was seen.
        """
        with self.database.writing() as session:
            row = _found(session, job_id, lock=True)
            if seen is not None and mapping.job(row) != seen:
                raise ChangedMeanwhile("this job has changed since you saw it: read it again, then change it")
            for name, value in changes.items():
                setattr(row, name, value)
            audit.append(session, at, actor, "change_job", job_id, changed=", ".join(sorted(changes)))
            return mapping.job(row)

    def close(self, job_id: str, at: datetime, *, actor: str = audit.MACHINE) -> Job:
        """Nobody is interviewed for it any more; closed again, it stays as it was. Errors: NotInArchive."""
        with self.database.writing() as session:
            row = _found(session, job_id, lock=True)
            if row.closed_at is None:
                row.closed_at = at
                audit.append(session, at, actor, "close_job", job_id)
            return mapping.job(row)


def visible(job_ids: Ids) -> tuple[ColumnElement[bool], ...]:
    """What holds of the interviews for these jobs; None: of all there are."""
    return () if job_ids is None else (col(InterviewRow.job_id).in_(job_ids),)


def refuse_closed(session: Transaction, job_id: str) -> None:
    """Errors: NotInArchive; JobClosed."""
    if _found(session, job_id).closed_at is not None:
        raise JobClosed("this job is closed, so nobody is interviewed for it: name an open one")


def _found(session: Transaction, job_id: str, *, lock: bool = False) -> JobRow:
    row = session.get(JobRow, job_id, with_for_update=lock or None)
    if row is None:
        raise NotInArchive(f"there is no job {job_id!r}: file it first")
    return row
