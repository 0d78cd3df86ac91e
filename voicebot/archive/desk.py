"""The lists that HR works through: filtered, with the scores that stand, and what waits for a person.

`job_ids` leaves out all interviews but those for these jobs; None: all interviews.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import Decision, Position
from models.call import Disposition
from models.desk import FINAL, MUST_HAVE_MET, DeskLine, DeskPage, Funnel, InterviewFilter, Stage
from models.errors import NotInArchive, UsageError
from models.tables import (
    AttemptRow,
    InterviewRow,
    NoteRow,
    OverrideRow,
    ScoreRow,
    SearchDocumentRow,
    SearchTokenRow,
    SkillTagRow,
)
from voicebot.archive import filters, jobs, records, search
from voicebot.archive.database import Database, Transaction
from voicebot.archive.words import phrases, sought

_Ids = SelectOfScalar[str]

_BATCH = 20
"""Interviews whose words are looked at at once."""


@dataclass(frozen=True, slots=True)
class Desk:
    database: Database

    def interviews(
        self,
        where: InterviewFilter,
        job_ids: jobs.Ids = None,
        *,
        text: str | None = None,
        limit: int = 25,
        after: str | None = None,
    ) -> DeskPage:
        """Interviews, newest first; those that follow the id `after`.

        `text`: words that the candidate said; in quotes, and Chinese, as a phrase. A page may then be short, and still
        have a next one. Errors: UsageError when the skill or text cannot be searched for; NotInArchive when there is no
        interview `after`.
        """
        chosen = filters.chosen(where, job_ids)
        with self.database.reading() as session:
            ids, goes_on = _page(session, chosen, text, limit, after)
            return DeskPage(_lines(session, ids), goes_on)

    def count(self, where: InterviewFilter, job_ids: jobs.Ids = None) -> int:
        """Errors: UsageError when the skill cannot be searched for."""
        with self.database.reading() as session:
            return session.exec(select(func.count()).select_from(filters.chosen(where, job_ids).subquery())).one()

    def waiting(self, job_ids: jobs.Ids = None, *, limit: int = 20) -> tuple[DeskLine, ...]:
        """The newest interviews that wait for a person, with what candidates want to know."""
        chosen = filters.chosen(InterviewFilter(stage=Stage.WAITING), job_ids)
        with self.database.reading() as session:
            ids, _ = _page(session, chosen, None, limit, None)
            asked = records.questions_for_hr(session, ids)
            return tuple(
                replace(line, questions_for_hr=asked.get(line.interview.id, 0)) for line in _lines(session, ids)
            )

    def since(self, moment: datetime, job_ids: jobs.Ids = None, *, limit: int = 50) -> tuple[DeskLine, ...]:
        """Interviews that were scheduled or called since, newest first."""
        called = select(AttemptRow.interview_id).where(col(AttemptRow.dialled_at) >= moment)
        lately = or_(col(InterviewRow.created_at) >= moment, col(InterviewRow.id).in_(called))
        chosen = filters.chosen(InterviewFilter(), job_ids).where(lately)
        with self.database.reading() as session:
            ids, _ = _page(session, chosen, None, limit, None)
            return _lines(session, ids)

    def funnel(self, since: datetime, job_ids: jobs.Ids = None) -> Funnel:
        """Of the interviews that were scheduled since."""
        this = (AttemptRow.interview_id == InterviewRow.id,)
        called = select(AttemptRow.id).where(*this).exists()
        completed = select(AttemptRow.id).where(*this, AttemptRow.disposition == Disposition.COMPLETED.value).exists()
        overridden = select(OverrideRow.id).where(OverrideRow.interview_id == InterviewRow.id).exists()
        asked: tuple[Any, ...] = (called, completed, overridden, filters.decision())
        named = [
            column.label(name)
            for column, name in zip(asked, ("called", "completed", "overridden", "decision"), strict=True)
        ]
        scheduled: Any = select(*named).where(col(InterviewRow.created_at) >= since, *jobs.visible(job_ids))
        each = scheduled.cte().prefix_with("MATERIALIZED")  # what is asked of each is asked once
        reviewed = each.c.completed & or_(each.c.overridden, each.c.decision.is_not(None))
        decided = each.c.completed & each.c.decision.in_([decision.value for decision in FINAL])
        stages = (each.c.called, each.c.completed, reviewed, decided)
        query: Any = select(func.count(), *map(_how_many, stages)).select_from(each)
        with self.database.reading() as session:
            return Funnel(*(number or 0 for number in session.exec(query).one()))

    def find(self, interview_id: str) -> DeskLine:
        """One interview. Errors: NotInArchive."""
        with self.database.reading() as session:
            whole = records.whole_id(session, interview_id)
            return _lines(session, [whole])[0]

    def dispositions(self) -> tuple[Disposition, ...]:
        """How calls have ended so far, for a list to choose from."""
        with self.database.reading() as session:
            ended = session.exec(select(AttemptRow.disposition).distinct()).all()
        return tuple(disposition for disposition in Disposition if disposition.value in ended)


# Choosing


def _how_many(condition: Any) -> Any:
    return func.sum(case((condition, literal(1)), else_=literal(0)))


def _page(
    session: Transaction, chosen: _Ids, text: str | None, limit: int, after: str | None
) -> tuple[list[str], str | None]:
    """The next ids, newest first, and the one to go on after."""
    if not text:
        ids = session.exec(filters.newest(chosen, _place(session, after)).limit(limit + 1)).all()
        return list(ids[:limit]), ids[limit - 1] if len(ids) > limit else None
    wanted, together = sought(text), phrases(text)
    if not wanted:
        raise UsageError("there is no word to search for: write some, such as kubernetes or 微服务")
    for word in sorted(wanted):
        having = (
            select(SearchDocumentRow.interview_id)
            .join(SearchTokenRow, col(SearchTokenRow.document) == SearchDocumentRow.number)
            .where(SearchTokenRow.token == session.keys.token(word))
        )
        chosen = chosen.where(col(InterviewRow.id).in_(having))
    looked_at = session.exec(filters.newest(chosen, _place(session, after)).limit(search.LOOKED_AT)).all()
    found: list[str] = []
    for start in range(0, len(looked_at), _BATCH):
        batch = looked_at[start : start + _BATCH]
        said = records.said(session, batch)
        for interview_id in batch:
            if search.matching(said[interview_id], wanted, together):
                found.append(interview_id)
            if len(found) == limit:
                return found, interview_id
    return found, looked_at[-1] if len(looked_at) == search.LOOKED_AT else None


def _place(session: Transaction, after: str | None) -> Position | None:
    if after is None:
        return None
    last = session.get(InterviewRow, after)
    if last is None:
        raise NotInArchive(f"there is no interview {after!r} to go on after: begin at the first page")
    return Position(last.created_at, last.id)


# Showing


def _lines(session: Transaction, ids: Sequence[str]) -> tuple[DeskLine, ...]:
    decisions = dict(
        session.exec(
            select(NoteRow.interview_id, NoteRow.decision)
            .where(col(NoteRow.interview_id).in_(ids), col(NoteRow.decision).is_not(None))
            .order_by(col(NoteRow.at), col(NoteRow.id))
        ).all()
    )
    unmet = _grouped(
        session.exec(
            select(ScoreRow.interview_id, ScoreRow.criterion)
            .where(col(ScoreRow.interview_id).in_(ids), col(ScoreRow.must_have))
            .where(or_(col(ScoreRow.stands).is_(None), col(ScoreRow.stands) < MUST_HAVE_MET))
            .order_by(col(ScoreRow.sequence))
        )
    )
    unassessed = dict(
        session.exec(
            select(ScoreRow.interview_id, func.count())
            .where(col(ScoreRow.interview_id).in_(ids), col(ScoreRow.stands).is_(None))
            .group_by(col(ScoreRow.interview_id))
        ).all()
    )
    tags = _grouped(
        session.exec(
            select(SkillTagRow.interview_id, SkillTagRow.name)
            .where(col(SkillTagRow.interview_id).in_(ids))
            .order_by(col(SkillTagRow.sequence))
        )
    )
    return tuple(
        DeskLine(
            interview=interview,
            decision=Decision(decided) if (decided := decisions.get(interview.id)) else None,
            unmet=unmet[interview.id],
            unassessed=unassessed.get(interview.id, 0),
            skills=tags[interview.id],
        )
        for interview in records.summaries_of(session, ids)
    )


def _grouped(rows: Iterable[tuple[str, str]]) -> defaultdict[str, tuple[str, ...]]:
    """The names of each interview, each once, in order."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for interview_id, name in rows:
        if name not in found[interview_id]:
            found[interview_id] += (name,)
    return found
