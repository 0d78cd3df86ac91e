"""How long each class of data is kept: what is past its time, and its removal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import Retention
from models.tables import (
    AttemptRow,
    HoldRow,
    InterviewRow,
    PersonRow,
    RecordingRow,
    ScorecardRow,
    UtteranceRow,
)
from voicebot.archive import audit, filing, removal
from voicebot.archive.database import Database
from voicebot.archive.faults import explained


@dataclass(frozen=True, slots=True)
class Due:
    """Ids of what is past its retention: interviews, and people."""

    recordings: tuple[str, ...]
    transcripts: tuple[str, ...]
    scores: tuple[str, ...]
    people: tuple[str, ...]


def due(database: Database, kept: Retention, at: datetime) -> Due:
    recorded = select(RecordingRow.attempt_id).join(AttemptRow).where(AttemptRow.interview_id == InterviewRow.id)
    spoken = select(UtteranceRow.attempt_id).join(AttemptRow).where(AttemptRow.interview_id == InterviewRow.id)
    scored = select(ScorecardRow.interview_id).where(ScorecardRow.interview_id == InterviewRow.id)
    quoted = scored.where(col(ScorecardRow.document).is_not(None))
    with database.reading() as session:

        def past(days: int | None, has: ColumnElement[bool]) -> tuple[str, ...]:
            return () if days is None else tuple(session.exec(_over(at - timedelta(days=days)).where(has)))

        return Due(
            recordings=past(kept.recordings, recorded.exists()),
            transcripts=past(kept.transcripts, spoken.exists() | quoted.exists()),
            scores=past(kept.scores, scored.exists()),
            people=()
            if kept.people is None
            else tuple(session.exec(_nobodys_interest(at - timedelta(days=kept.people)))),
        )


def remove(database: Database, due: Due, actor: str, at: datetime) -> None:
    """Interview by interview, so that calls go on in between. People are erased by `Privacy`."""
    classes = {
        "recordings": (due.recordings, removal.recordings),
        "transcripts": (due.transcripts, removal.words),
        "scores": (due.scores, removal.scores),
    }
    paths: list[str] = []
    for name, (interview_ids, forget) in classes.items():
        for interview_id in interview_ids:
            with database.writing() as session:
                paths += forget(session, [interview_id])
                audit.append(session, at, actor, "retain", interview_id, removed=name)
                for attempt in session.exec(select(AttemptRow).where(AttemptRow.interview_id == interview_id)):
                    filing.vouch_for_attempt(session, attempt, again=True)
                filing.vouch_for_scorecards(session, interview_id, at, again=True)
    unlink(database, paths)


def unlink(database: Database, paths: Iterable[str]) -> None:
    with explained(database.folder):
        for path in paths:
            (database.folder / path).unlink(missing_ok=True)
    database.forget()


def _over(limit: datetime) -> SelectOfScalar[str]:
    """Interviews of candidates, not on hold, in which nothing has happened since `limit`."""
    since = select(AttemptRow.id).where(
        AttemptRow.interview_id == InterviewRow.id,
        col(AttemptRow.ended_at).is_(None) | (col(AttemptRow.ended_at) >= limit),
    )
    return select(InterviewRow.id).join(PersonRow).where(InterviewRow.created_at < limit, *_not_kept(), ~since.exists())


def _nobodys_interest(limit: datetime) -> SelectOfScalar[str]:
    """Candidates, not on hold, with whom nothing has happened since `limit`."""
    going_on = select(InterviewRow.id).where(
        InterviewRow.person_id == PersonRow.id, col(InterviewRow.id).not_in(_over(limit))
    )
    return select(PersonRow.id).where(PersonRow.created_at < limit, *_not_kept(), ~going_on.exists())


def _not_kept() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    held = select(HoldRow.person_id).where(col(HoldRow.released_at).is_(None))
    return col(PersonRow.employee_since).is_(None), col(PersonRow.id).not_in(held)
