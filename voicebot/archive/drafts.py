"""Flows that users are writing, each user's own, as they were typed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, select

from models.desk import FlowDraft
from models.errors import NotInArchive
from models.tables import FlowDraftRow
from voicebot.archive import mapping
from voicebot.archive.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Drafts:
    database: Database

    def of(self, user_id: str) -> tuple[FlowDraft, ...]:
        """Those saved last first."""
        query = select(FlowDraftRow).where(FlowDraftRow.user_id == user_id)
        with self.database.reading() as session:
            newest = query.order_by(col(FlowDraftRow.saved_at).desc(), col(FlowDraftRow.id))
            return tuple(_draft(session, row) for row in session.exec(newest))

    def find(self, user_id: str, draft_id: str) -> FlowDraft:
        """Errors: NotInArchive, also when it is somebody else's."""
        with self.database.reading() as session:
            return _draft(session, _row(session, user_id, draft_id))

    def begin(self, user_id: str, texts: dict[str, str], at: datetime) -> FlowDraft:
        with self.database.writing() as session:
            row = FlowDraftRow(id=uuid4().hex, user_id=user_id, saved_at=at, document=b"")
            session.add(row)
            return _saved(session, row, texts, at)

    def save(self, user_id: str, draft_id: str, texts: dict[str, str], at: datetime) -> FlowDraft:
        """Errors: NotInArchive."""
        with self.database.writing() as session:
            return _saved(session, _row(session, user_id, draft_id), texts, at)

    def discard(self, user_id: str, draft_id: str) -> None:
        """Errors: NotInArchive."""
        with self.database.writing() as session:
            session.delete(_row(session, user_id, draft_id))


def _row(session: Transaction, user_id: str, draft_id: str) -> FlowDraftRow:
    row = session.get(FlowDraftRow, draft_id)
    if row is None or row.user_id != user_id:
        raise NotInArchive(f"there is no draft {draft_id!r} of yours: begin another")
    return row


def _saved(session: Transaction, row: FlowDraftRow, texts: dict[str, str], at: datetime) -> FlowDraft:
    row.saved_at = at
    row.document = session.seal(FlowDraftRow, (row.id,), {"texts": texts})
    return _draft(session, row)


def _draft(session: Transaction, row: FlowDraftRow) -> FlowDraft:
    return FlowDraft(row.id, session.opened(row, mapping.OBJECT)["texts"], row.saved_at)
