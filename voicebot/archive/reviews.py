"""What people make of an interview: scores over the machine's, notes, decisions. Nothing is overwritten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import col, select

from models.archive import Decision, Note, Override, Review
from models.errors import ChangedMeanwhile, NotInArchive
from models.tables import AuditRow, InterviewRow, NoteRow, OverrideRow, ScoreRow
from voicebot.archive import audit, filing, mapping, records
from voicebot.archive.database import Database, Transaction

_REVISING = ("score", "override", "decide")
"""The audit's actions that make another revision of a review."""

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reviews:
    """An interview may be named by the beginning of its id."""

    database: Database

    def override(
        self,
        interview_id: str,
        question_id: str,
        criterion_id: str,
        value: float | None,
        author: str,
        reason: str,
        at: datetime,
        *,
        seen: int | None = None,
    ) -> Override:
        """A person's score; the machine's stays on file beside it. `value`: 1.0 to 5.0, or None: not assessed.

        `seen`: the revision of the review that the person looked at. Errors: NotInArchive when there is no such
        interview, or it was not scored by this criterion; ChangedMeanwhile when there is a later revision; ArchiveError
        when the value is not on the scale.
        """
        with self.database.writing() as session:
            interview_id = records.whole_id(session, interview_id)
            _refuse_unseen(session, interview_id, seen)
            at = _after_all(session, OverrideRow, interview_id, at)
            score = _score(session, interview_id, question_id, criterion_id)
            row = OverrideRow(
                id=uuid4().hex,
                interview_id=interview_id,
                question_id=question_id,
                criterion_id=criterion_id,
                value=value,
                at=at,
                document=b"",
            )
            row.document = session.seal(OverrideRow, (row.id,), {"author": author, "reason": reason})
            session.add(row)
            session.flush()
            score.stands = value
            filing.file_what_stands(session, interview_id)
            content = filing.override_mac(session, row)
            audit.append(session, at, author, "override", interview_id, override=row.id, content=content)
            return mapping.override(session, row)

    def note(
        self,
        interview_id: str,
        author: str,
        text: str,
        at: datetime,
        *,
        decision: Decision | None = None,
        seen: int | None = None,
    ) -> Note:
        """What a person has to say; with a decision, the human review.

        Errors: NotInArchive; ChangedMeanwhile when there is a later revision of the review than `seen`.
        """
        with self.database.writing() as session:
            interview_id = records.whole_id(session, interview_id)
            _refuse_unseen(session, interview_id, seen)
            at = _after_all(session, NoteRow, interview_id, at)
            row = NoteRow(
                id=uuid4().hex,
                interview_id=interview_id,
                decision=decision.value if decision else None,
                at=at,
                document=b"",
            )
            row.document = session.seal(NoteRow, (row.id,), {"author": author, "text": text})
            session.add(row)
            session.flush()
            content = filing.note_mac(session, row)
            action = "decide" if decision else "note"
            audit.append(session, at, author, action, interview_id, note=row.id, content=content)
            return mapping.note(session, row)

    def of(self, interview_id: str) -> Review:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            return review(session, records.whole_id(session, interview_id))


def review(session: Transaction, interview_id: str) -> Review:
    overrides = select(OverrideRow).where(OverrideRow.interview_id == interview_id)
    overrides = overrides.order_by(col(OverrideRow.at), col(OverrideRow.id))
    notes = select(NoteRow).where(NoteRow.interview_id == interview_id).order_by(col(NoteRow.at), col(NoteRow.id))
    return Review(
        tuple(mapping.override(session, row) for row in session.exec(overrides)),
        tuple(mapping.note(session, row) for row in session.exec(notes)),
        _revision(session, interview_id),
    )


def _revision(session: Transaction, interview_id: str) -> int:
    entries = select(func.max(AuditRow.sequence)).where(AuditRow.subject == interview_id)
    return session.exec(entries.where(col(AuditRow.action).in_(_REVISING))).one() or 0


def _refuse_unseen(session: Transaction, interview_id: str, seen: int | None) -> None:
    """Errors: ChangedMeanwhile. Until the transaction ends, there is no later revision than the one it saw."""
    session.get(InterviewRow, interview_id, with_for_update=True)
    if seen is not None and _revision(session, interview_id) != seen:
        raise ChangedMeanwhile(
            "the scores or decisions of this interview have changed since you saw them: read it again, then decide"
        )


def _after_all(session: Transaction, table: type[OverrideRow | NoteRow], interview_id: str, at: datetime) -> datetime:
    """`at`, or right after the last: what was filed last stands, also where clocks differ."""
    last = session.exec(select(func.max(table.at)).where(table.interview_id == interview_id)).one()
    return max(at, last + _TICK) if last else at


def _score(session: Transaction, interview_id: str, question_id: str, criterion_id: str) -> ScoreRow:
    place = (ScoreRow.question_id == question_id, ScoreRow.criterion_id == criterion_id)
    score = session.exec(select(ScoreRow).where(ScoreRow.interview_id == interview_id, *place)).one_or_none()
    if score is None:
        raise NotInArchive(
            f"interview {interview_id} was not scored by {criterion_id!r} of question {question_id!r}: "
            f"`voicebot archive show {interview_id[:8]} --json` lists its scores"
        )
    return score
