"""Candidates as they come in, one or a list of them: who is new, who has changed, and their rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from sqlmodel import col, select

from models.archive import Entry, Filing, Person
from models.tables import PersonNameRow, PersonRow
from voicebot.archive import mapping
from voicebot.archive.database import Transaction
from voicebot.archive.words import dialled, words

_BATCH = 500
"""Rows that are looked up by one statement."""


def file_all(session: Transaction, entries: Sequence[Entry], at: datetime) -> tuple[tuple[str, Filing], ...]:
    """Of each entry, whose candidates' ids all differ, the person's id and what became of it."""
    filed: list[tuple[str, Filing]] = []
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        made = {person.candidate.id: person for person in (_person(entry, at) for entry in batch)}
        session.insert_new(PersonRow, [_values(session, person) for person in made.values()])
        names: list[dict[str, object]] = []
        for entry, row in zip(batch, _rows(session, batch, lock=True), strict=True):
            assert row is not None
            if row.id == made[entry.candidate.id].id:
                names += _names(session, row.id, entry.candidate.name)
                filed.append((row.id, Filing.CREATED))
                continue
            known = mapping.person(session, row)
            changed = _changed(known, entry)
            filed.append((row.id, Filing.UNCHANGED if changed == known else Filing.UPDATED))
            if changed == known:
                continue
            row.phone_index = session.keys.blind("phone", dialled(entry.candidate.phone))
            row.document = sealed(session, changed)
            if known.candidate.name != entry.candidate.name:
                session.exec(delete(PersonNameRow).where(col(PersonNameRow.person_id) == row.id))
                names += _names(session, row.id, entry.candidate.name)
        session.insert_new(PersonNameRow, names)
        session.flush()
    return tuple(filed)


def told(session: Transaction, entries: Sequence[Entry]) -> tuple[tuple[str, Filing], ...]:
    """What `file_all` would do; who would be created has no id."""
    found: list[tuple[str, Filing]] = []
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        for entry, row in zip(batch, _rows(session, batch), strict=True):
            if row is None:
                found.append(("", Filing.CREATED))
                continue
            known = mapping.person(session, row)
            found.append((row.id, Filing.UNCHANGED if _changed(known, entry) == known else Filing.UPDATED))
    return tuple(found)


def sealed(session: Transaction, person: Person) -> bytes:
    """The document of the person's row."""
    document = mapping.person_document(person.candidate, person.email, person.personnel_number)
    return session.seal(PersonRow, (person.id,), document)


def _rows(session: Transaction, entries: Sequence[Entry], *, lock: bool = False) -> list[PersonRow | None]:
    indexes = [session.keys.blind("candidate", entry.candidate.id) for entry in entries]
    query = select(PersonRow).where(col(PersonRow.external_index).in_(indexes)).order_by(col(PersonRow.external_index))
    rows = {row.external_index: row for row in session.exec(query.with_for_update() if lock else query)}
    return [rows.get(index) for index in indexes]


def _person(entry: Entry, at: datetime) -> Person:
    return Person(uuid4().hex, entry.candidate, at, entry.email)


def _changed(known: Person, entry: Entry) -> Person:
    return replace(known, candidate=entry.candidate, email=known.email if entry.email is None else entry.email)


def _values(session: Transaction, person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "external_index": session.keys.blind("candidate", person.candidate.id),
        "phone_index": session.keys.blind("phone", dialled(person.candidate.phone)),
        "created_at": person.created_at,
        "document": sealed(session, person),
    }


def _names(session: Transaction, person_id: str, name: str) -> list[dict[str, object]]:
    return [{"token": session.keys.token(word), "person_id": person_id} for word in words(name)]
