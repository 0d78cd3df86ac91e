"""What candidates ask for by their own page, until a person has seen to it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, tuple_
from sqlmodel import col, select

from models.archive import Position
from models.errors import ChangedMeanwhile, EnoughWishes, NotInArchive
from models.invitation import Wish, WishKind
from models.tables import InterviewRow, PersonRow, WishRow
from voicebot.archive import audit, mapping
from voicebot.archive.database import Database, Transaction

MOST_WAITING = 20
"""Of one candidate, so that who has their link cannot bury what others ask for."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """`job_ids` leaves out all but those of people who were interviewed for these jobs; None: nobody."""

    database: Database

    def waiting(self, job_ids: Collection[str] | None = None, *, limit: int = 50) -> tuple[Wish, ...]:
        """Those that nobody has seen to, the oldest first: the law gives a month (GDPR article 12)."""
        chosen = _chosen(waiting=True, person_id=None, job_ids=job_ids)
        with self.database.reading() as session:
            return _wishes(session, chosen.order_by(col(WishRow.asked_at), col(WishRow.id)).limit(limit))

    def count(self, job_ids: Collection[str] | None = None) -> int:
        """How many wait."""
        chosen = _chosen(waiting=True, person_id=None, job_ids=job_ids).with_only_columns(func.count())
        with self.database.reading() as session:
            return int(session.exec(chosen).scalar_one())

    def list(
        self,
        limit: int = 50,
        *,
        waiting: bool | None = None,
        person_id: str | None = None,
        job_ids: Collection[str] | None = None,
        after: Position | None = None,
    ) -> tuple[Wish, ...]:
        """Newest first; those that follow `after`. `waiting`: only those that nobody, or somebody, has seen to."""
        chosen = _chosen(waiting, person_id, job_ids)
        if after is not None:
            chosen = chosen.where(tuple_(col(WishRow.asked_at), col(WishRow.id)) < tuple_(after.at, after.id))
        with self.database.reading() as session:
            return _wishes(session, chosen.order_by(col(WishRow.asked_at).desc(), col(WishRow.id).desc()).limit(limit))

    def handle(self, wish_id: str, answer: str, actor: str, at: datetime) -> Wish:
        """Somebody has seen to it. Errors: NotInArchive; ChangedMeanwhile when somebody had already."""
        with self.database.writing() as session:
            row = session.get(WishRow, wish_id, with_for_update=True)
            if row is None:
                raise NotInArchive(f"there is no wish {wish_id!r}")
            wish = _wish(session, row, session.get_one(PersonRow, row.person_id))
            if wish.handled_at is not None:
                raise ChangedMeanwhile(f"{wish.handled_by} has seen to this wish already: read it again")
            wish = replace(wish, handled_at=at, handled_by=actor, answer=answer)
            row.handled_at, row.document = at, _sealed(session, wish)
            session.flush()
            _vouch(session, row, at, actor, "handle")
            return wish


def of(session: Transaction, person_id: str) -> tuple[Wish, ...]:
    """All that a person ever asked for, oldest first."""
    chosen = _chosen(waiting=None, person_id=person_id, job_ids=None)
    return _wishes(session, chosen.order_by(col(WishRow.asked_at), col(WishRow.id)))


def file(session: Transaction, person: PersonRow, kind: WishKind, words: str, actor: str, at: datetime) -> Wish:
    """Asked again in the same words while it waits, it is the same wish.

    Errors: EnoughWishes.
    """
    waiting = _wishes(session, _chosen(waiting=True, person_id=person.id, job_ids=None))
    for known in waiting:
        if (known.kind, known.words) == (kind, words):
            return known
    if len(waiting) >= MOST_WAITING:
        raise EnoughWishes("as many wishes of this candidate wait as may: see to those first")
    newest = select(InterviewRow.id).where(InterviewRow.person_id == person.id)
    newest = newest.order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id).desc()).limit(1)
    last = session.exec(newest).first()
    wish = Wish(uuid4().hex, person.id, mapping.candidate(session, person), kind, words, at, last)
    row = WishRow(
        id=wish.id,
        person_id=person.id,
        interview_id=last,
        kind=kind.value,
        asked_at=at,
        document=_sealed(session, wish),
    )
    session.add(row)
    session.flush()
    _vouch(session, row, at, actor, "ask")
    return wish


def content_mac(session: Transaction, row: WishRow) -> str:
    handled = row.handled_at.isoformat() if row.handled_at else None
    plain = repr((row.person_id, row.kind, row.asked_at.isoformat(), handled))
    return session.keys.mac(b"wish", plain.encode(), session.opened_json(row))


def _chosen(waiting: bool | None, person_id: str | None, job_ids: Collection[str] | None) -> Any:
    chosen: Any = select(WishRow, PersonRow).join(PersonRow)
    if waiting is not None:
        chosen = chosen.where(col(WishRow.handled_at).is_(None) == waiting)
    if person_id is not None:
        chosen = chosen.where(WishRow.person_id == person_id)
    if job_ids is not None:
        theirs = select(InterviewRow.person_id).where(col(InterviewRow.job_id).in_(job_ids))
        chosen = chosen.where(col(WishRow.person_id).in_(theirs))
    return chosen


def _wishes(session: Transaction, chosen: Any) -> tuple[Wish, ...]:
    return tuple(_wish(session, row, person) for row, person in session.exec(chosen))


def _wish(session: Transaction, row: WishRow, person: PersonRow) -> Wish:
    document = session.opened(row, mapping.OBJECT)
    return Wish(
        id=row.id,
        person_id=row.person_id,
        candidate=mapping.candidate(session, person),
        kind=WishKind(row.kind),
        words=document["words"],
        asked_at=row.asked_at,
        interview_id=row.interview_id,
        handled_at=row.handled_at,
        handled_by=document["handled_by"],
        answer=document["answer"],
    )


def _sealed(session: Transaction, wish: Wish) -> bytes:
    document = {"words": wish.words, "handled_by": wish.handled_by, "answer": wish.answer}
    return session.seal(WishRow, (wish.id,), document)


def _vouch(session: Transaction, row: WishRow, at: datetime, actor: str, action: str) -> None:
    content = content_mac(session, row)
    audit.append(session, at, actor, action, row.person_id, what=row.kind, wish=row.id, content=content)
