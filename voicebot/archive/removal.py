"""What it takes to remove something, in one transaction.

Each function returns the recordings' files, which the caller unlinks once the transaction is committed: their keys are
gone with it, so a file that is left behind opens for nobody.
"""

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlmodel import col, select

from models.tables import (
    AnswerRow,
    AttemptRow,
    ConsentRow,
    HoldRow,
    IdempotencyRow,
    InterviewRow,
    NoteRow,
    PastScorecardRow,
    PersonRow,
    RecordingRow,
    ScorecardRow,
    SearchDocumentRow,
    SearchTokenRow,
    UtteranceRow,
    WishRow,
)
from voicebot.archive.database import Transaction


def recordings(session: Transaction, interview_ids: Sequence[str]) -> list[str]:
    theirs = col(RecordingRow.attempt_id).in_(_attempts(session, interview_ids))
    paths = list(session.exec(select(RecordingRow.path).where(theirs)))
    session.exec(delete(RecordingRow).where(theirs))
    return paths


def words(session: Transaction, interview_ids: Sequence[str]) -> list[str]:
    """Everything that was said or written: transcripts, answers, quotes, notes, and what finds them."""
    attempts = _attempts(session, interview_ids)
    for row in (UtteranceRow, AnswerRow):
        session.exec(delete(row).where(col(row.attempt_id).in_(attempts)))
    session.exec(update(AttemptRow).where(col(AttemptRow.id).in_(attempts)).values(document=None))
    for card in (ScorecardRow, PastScorecardRow):
        session.exec(update(card).where(col(card.interview_id).in_(interview_ids)).values(document=None))
    session.exec(delete(NoteRow).where(col(NoteRow.interview_id).in_(interview_ids)))
    of_interviews = col(SearchDocumentRow.interview_id).in_(interview_ids)
    numbers = session.exec(select(SearchDocumentRow.number).where(of_interviews)).all()
    session.exec(delete(SearchTokenRow).where(col(SearchTokenRow.document).in_(numbers)))
    session.exec(delete(SearchDocumentRow).where(of_interviews))
    return []


def scores(session: Transaction, interview_ids: Sequence[str]) -> list[str]:
    for card in (ScorecardRow, PastScorecardRow):
        session.exec(delete(card).where(col(card.interview_id).in_(interview_ids)))
    return []


def person(session: Transaction, row: PersonRow) -> list[str]:
    """All of it, the person's row last."""
    interview_ids = session.exec(select(InterviewRow.id).where(InterviewRow.person_id == row.id)).all()
    paths = recordings(session, interview_ids)
    words(session, interview_ids)
    scores(session, interview_ids)
    session.exec(delete(InterviewRow).where(col(InterviewRow.id).in_(interview_ids)))  # and attempts, overrides
    for owned in (HoldRow, ConsentRow, WishRow):
        session.exec(delete(owned).where(col(owned.person_id) == row.id))
    session.exec(update(IdempotencyRow).values(document=None))  # an answer may have named them
    session.delete(row)
    session.flush()
    return paths


def _attempts(session: Transaction, interview_ids: Sequence[str]) -> Sequence[str]:
    return session.exec(select(AttemptRow.id).where(col(AttemptRow.interview_id).in_(interview_ids))).all()
