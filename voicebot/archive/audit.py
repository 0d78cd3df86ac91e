"""The audit trail: who did what to what, chained so that no entry can be changed, left out or moved unnoticed.

Each entry's MAC covers the entry and the MAC before it. Three things hold the end of the chain: the head in the
database, sealed with the key; the anchor, a file in the archive's folder that is written after each entry; and whatever
head somebody noted elsewhere (`voicebot archive verify` prints it). The latter two find an old copy of the whole
database.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import col, select

from models.archive import AuditEntry
from models.errors import ArchiveAltered
from models.tables import AuditHeadRow, AuditRow
from voicebot.archive.database import Database, Transaction
from voicebot.archive.keyring import Keyring

MACHINE = "voicebot"
"""The actor where no person acts."""
_DOCUMENT = TypeAdapter(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Audit:
    """The trail as others see it."""

    database: Database

    def append(self, at: datetime, actor: str, action: str, subject: str, **details: Any) -> None:
        """Files something that happened outside the archive, such as a `login`. `details` must name no candidate."""
        with self.database.writing() as session:
            append(session, at, actor, action, subject, **details)

    def entries(
        self, subject: str | None = None, *, limit: int = 100, before: int | None = None
    ) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first; of one subject, or before one sequence."""
        query = select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(limit)
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        if before is not None:
            query = query.where(AuditRow.sequence < before)
        with self.database.reading() as session:
            return tuple(entry(session, row) for row in session.exec(query))


def append(session: Transaction, at: datetime, actor: str, action: str, subject: str, **details: Any) -> None:
    """Files an entry with what it is about, in one transaction. `details` must name no candidate."""
    head = session.get(AuditHeadRow, 1, with_for_update=True)
    if head is None:
        session.insert_new(AuditHeadRow, [_head(session.keys, 0, "")])
        head = session.get_one(AuditHeadRow, 1, with_for_update=True)
    made = AuditEntry(head.sequence + 1, at.astimezone(UTC), actor, action, subject, details)
    document = session.seal(AuditRow, (made.sequence,), {"actor": actor, "details": details})
    mac = _mac(session.keys, made, head.mac)
    session.add(AuditRow(sequence=made.sequence, at=at, action=action, subject=subject, document=document, mac=mac))
    for name, value in _head(session.keys, made.sequence, mac).items():
        setattr(head, name, value)
    session.flush()
    session.anchor = f"{made.sequence}:{mac}"


def chain(session: Transaction, problems: list[str]) -> Iterator[AuditEntry]:
    """Every entry from the first; what is wrong with the chain is added to `problems`."""
    before, expected = "", 1
    for row in session.exec(select(AuditRow).order_by(col(AuditRow.sequence)).execution_options(yield_per=500)):
        if row.sequence != expected:
            problems.append(f"audit: entries {expected} to {row.sequence - 1} are missing")
        try:
            found = entry(session, row)
        except ArchiveAltered:
            problems.append(f"audit: entry {row.sequence} has been altered")
        else:
            if row.sequence == expected and _mac(session.keys, found, before) != row.mac:
                problems.append(f"audit: entry {row.sequence} has been altered, or the one before it")
            yield found
        before, expected = row.mac, row.sequence + 1
    head = session.get(AuditHeadRow, 1)
    if head is None:
        if expected > 1:
            problems.append("audit: its head is missing")
    elif head.seal != _head(session.keys, head.sequence, head.mac)["seal"]:
        problems.append("audit: its head has been altered")
    elif (head.sequence, head.mac) != (expected - 1, before):
        problems.append(f"audit: entries are missing at the end, from {expected} to {head.sequence}")


def anchored(session: Transaction, anchor: str, where: str, problems: list[str]) -> None:
    """Checks that the chain still has the head that was noted as `anchor`."""
    sequence, _, mac = anchor.partition(":")
    row = session.get(AuditRow, int(sequence)) if sequence.isdecimal() else None
    if row is None or row.mac != mac:
        problems.append(f"audit: it does not have the entry {sequence} that {where} remembers: entries were cut off")


def entry(session: Transaction, row: AuditRow) -> AuditEntry:
    document = session.opened(row, _DOCUMENT)
    return AuditEntry(row.sequence, row.at, document["actor"], row.action, row.subject, document["details"])


def _mac(keys: Keyring, entry: AuditEntry, before: str) -> str:
    said = [entry.sequence, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.details]
    return keys.mac(b"entry", before.encode(), json.dumps(said, ensure_ascii=False, sort_keys=True).encode())


def _head(keys: Keyring, sequence: int, mac: str) -> dict[str, Any]:
    return {"id": 1, "sequence": sequence, "mac": mac, "seal": keys.mac(b"head", str(sequence).encode(), mac.encode())}
