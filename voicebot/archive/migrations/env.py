"""Run by Alembic for each command; `voicebot.archive.database.migrations` brings the connection."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from models.tables import Row, UtcDateTime


def plain_type(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A revision names the database's own types, so that it does not change when the program's do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_item=plain_type,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
