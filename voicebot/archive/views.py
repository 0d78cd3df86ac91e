"""Lists that users want to see again, each user's own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete
from sqlmodel import col, select

from models.desk import SavedView
from models.tables import SavedViewRow
from voicebot.archive import mapping
from voicebot.archive.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Views:
    database: Database

    def of(self, user_id: str) -> tuple[SavedView, ...]:
        """Oldest first."""
        with self.database.reading() as session:
            return tuple(_view(session, row) for row in _rows(session, user_id))

    def save(self, user_id: str, name: str, query: str, at: datetime) -> SavedView:
        """In place of the one that has this name."""
        with self.database.writing() as session:
            for row in _rows(session, user_id):
                if _view(session, row).name == name:
                    session.delete(row)
            row = SavedViewRow(id=uuid4().hex, user_id=user_id, saved_at=at, document=b"")
            row.document = session.seal(SavedViewRow, (row.id,), {"name": name, "query": query})
            session.add(row)
            return _view(session, row)

    def forget(self, user_id: str, view_id: str) -> None:
        """If it is there, and theirs."""
        theirs = (col(SavedViewRow.id) == view_id, col(SavedViewRow.user_id) == user_id)
        with self.database.writing() as session:
            session.exec(delete(SavedViewRow).where(*theirs))


def _rows(session: Transaction, user_id: str) -> list[SavedViewRow]:
    query = select(SavedViewRow).where(SavedViewRow.user_id == user_id)
    return list(session.exec(query.order_by(col(SavedViewRow.saved_at), col(SavedViewRow.id))))


def _view(session: Transaction, row: SavedViewRow) -> SavedView:
    document = session.opened(row, mapping.OBJECT)
    return SavedView(row.id, document["name"], document["query"])
