"""The lists that HR works through: filtered, with the scores that stand, and what waits for a person.

`job_ids` leaves out all interviews but those for these jobs; None: all interviews.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, literal, tuple_
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import Decision
from models.call import Disposition
from models.desk import FINAL, MUST_HAVE_MET, DeskFilter, DeskLine, DeskPage, Funnel, Stage
from models.errors import NotInArchive, UsageError
from models.tables import (
    AttemptRow,
    InterviewRow,
    NoteRow,
    OverrideRow,
    ScorecardRow,
    ScoreRow,
    SearchDocumentRow,
    SearchTokenRow,
    SkillTagRow,
)
from voicebot.archive import records, search, skills
from voicebot.archive.database import Database, Transaction
from voicebot.archive.words import phrases, sought

_Ids = SelectOfScalar[str]
_Jobs = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Desk:
    database: Database

    def interviews(
        self, wanted: DeskFilter, job_ids: _Jobs = None, *, limit: int = 25, after: str | None = None
    ) -> DeskPage:
        """Interviews that meet everything, newest first; those that follow the id `after`.

        A page of a full-text search may be short, and still have a next one.
        Errors: UsageError when the skill, status or text cannot be searched for; NotInArchive when there is no
        interview `after`.
        """
        chosen = _meeting(wanted, job_ids)
        with self.database.reading() as session:
            ids, goes_on = _page(session, chosen, wanted.text, limit, after)
            return DeskPage(_lines(session, ids), goes_on)

    def count(self, wanted: DeskFilter, job_ids: _Jobs = None) -> int:
        """How many meet everything but the text. Errors: UsageError."""
        with self.database.reading() as session:
            return _count(session, _meeting(replace(wanted, text=None), job_ids))

    def waiting(self, job_ids: _Jobs = None, *, limit: int = 20) -> tuple[DeskLine, ...]:
        """The newest interviews that wait for a person, with what candidates want to know."""
        chosen = _meeting(DeskFilter(status=Stage.WAITING), job_ids)
        with self.database.reading() as session:
            ids, _ = _page(session, chosen, None, limit, None)
            asked = records.questions_for_hr(session, ids)
            return tuple(
                replace(line, questions_for_hr=asked.get(line.interview.id, 0)) for line in _lines(session, ids)
            )

    def since(self, moment: datetime, job_ids: _Jobs = None, *, limit: int = 50) -> tuple[DeskLine, ...]:
        """Interviews that were scheduled or called since, newest first."""
        called = select(AttemptRow.interview_id).where(col(AttemptRow.dialled_at) >= moment)
        chosen = _visible(job_ids).where(or_(col(InterviewRow.created_at) >= moment, col(InterviewRow.id).in_(called)))
        with self.database.reading() as session:
            ids, _ = _page(session, chosen, None, limit, None)
            return _lines(session, ids)

    def funnel(self, since: datetime, job_ids: _Jobs = None) -> Funnel:
        """Of the interviews that were scheduled since."""
        this = (AttemptRow.interview_id == InterviewRow.id,)
        called = select(AttemptRow.id).where(*this).exists()
        ended = func.coalesce(AttemptRow.disposition, "")  # else SQLite looks through all that ended so, each time
        completed = select(AttemptRow.id).where(*this, ended == Disposition.COMPLETED.value).exists()
        looked = _decision().is_not(None)
        overridden = select(OverrideRow.id).where(OverrideRow.interview_id == InterviewRow.id)
        reviewed = completed & or_(looked, overridden.exists())
        decided = completed & _decision().in_([decision.value for decision in FINAL])
        query: Any = select(func.count(), *(_how_many(stage) for stage in (called, completed, reviewed, decided)))
        query = _restricted(query.select_from(InterviewRow).where(col(InterviewRow.created_at) >= since), job_ids)
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


def _visible(job_ids: _Jobs) -> _Ids:
    chosen: _Ids = _restricted(select(InterviewRow.id), job_ids)
    return chosen


def _restricted(query: Any, job_ids: _Jobs) -> Any:
    return query if job_ids is None else query.where(col(InterviewRow.job_id).in_(job_ids))


def _meeting(wanted: DeskFilter, job_ids: _Jobs) -> _Ids:
    chosen = _visible(job_ids)
    if wanted.job_id:
        chosen = chosen.where(InterviewRow.job_id == wanted.job_id)
    if wanted.status:
        chosen = chosen.where(*_status(wanted.status))
    if wanted.score_from is not None or wanted.score_to is not None:
        overall = _overall()
        scored = select(ScoreRow.interview_id).group_by(col(ScoreRow.interview_id))
        if wanted.score_from is not None:
            scored = scored.having(overall >= wanted.score_from - 0.05)  # as it is shown: to one place
        if wanted.score_to is not None:
            scored = scored.having(overall < wanted.score_to + 0.05)
        chosen = chosen.where(col(InterviewRow.id).in_(scored))
    if wanted.skill:
        for having in skills.interviews_having(skills.parse(wanted.skill)):
            chosen = chosen.where(col(InterviewRow.id).in_(having))
    if wanted.since is not None:
        chosen = chosen.where(col(InterviewRow.created_at) >= wanted.since)
    if wanted.before is not None:
        chosen = chosen.where(col(InterviewRow.created_at) < wanted.before)
    return chosen


def _status(status: str) -> list[ColumnElement[bool]]:
    attempts = select(AttemptRow.interview_id)
    called = col(InterviewRow.id).in_(attempts)
    scored = col(InterviewRow.id).in_(select(ScorecardRow.interview_id))
    undecided = or_(_decision().is_(None), _decision() == Decision.WAIT.value)
    if status == Stage.SCHEDULED:
        return [~called]
    if status == Stage.CALLED:
        return [called, ~scored]
    if status == Stage.WAITING:
        return [scored, undecided]
    if status == Stage.DECIDED:
        return [_decision().in_([decision.value for decision in FINAL])]
    if status not in set(Disposition):
        known = ", ".join([*Stage, *Disposition])
        raise UsageError(f"{status!r} is no status: choose one of {known}")
    ended_so = col(InterviewRow.id).in_(attempts.where(AttemptRow.disposition == status))
    tells = select(AttemptRow.disposition).where(col(AttemptRow.id) == records.telling_attempt()).scalar_subquery()
    return [ended_so, tells == status]


def _decision() -> ScalarSelect[Any]:
    """The interview's last decision."""
    return (
        select(NoteRow.decision)
        .where(NoteRow.interview_id == InterviewRow.id, col(NoteRow.decision).is_not(None))
        .order_by(col(NoteRow.at).desc(), col(NoteRow.id).desc())
        .limit(1)
        .correlate(InterviewRow)
        .scalar_subquery()
    )


def _how_many(condition: Any) -> Any:
    return func.sum(case((condition, literal(1)), else_=literal(0)))


def _overall() -> Any:
    """The weighted mean of the scores that stand."""
    weight = case((col(ScoreRow.stands).is_not(None), col(ScoreRow.weight)), else_=literal(0.0))
    return func.sum(col(ScoreRow.stands) * col(ScoreRow.weight)) / func.nullif(func.sum(weight), 0)


def _count(session: Transaction, chosen: _Ids) -> int:
    return session.exec(select(func.count()).select_from(chosen.subquery())).one()


def _page(
    session: Transaction, chosen: _Ids, text: str | None, limit: int, after: str | None
) -> tuple[list[str], str | None]:
    """The next ids, newest first, and the one to go on after."""
    ordered = chosen.order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id).desc())
    if not text:
        ids = session.exec(_following(session, ordered, after).limit(limit + 1)).all()
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
        ordered = ordered.where(col(InterviewRow.id).in_(having))
    found: list[str] = []
    for _ in range(search.LOOKED_AT // limit + 1):
        batch = session.exec(_following(session, ordered, after).limit(limit)).all()
        said = records.said(session, batch)
        for interview_id in batch:
            after = interview_id
            if search.matching(said[interview_id], wanted, together):
                found.append(interview_id)
            if len(found) == limit:
                return found, after
        if len(batch) < limit:
            return found, None
    return found, after


def _following(session: Transaction, ordered: _Ids, after: str | None) -> _Ids:
    if after is None:
        return ordered
    last = session.get(InterviewRow, after)
    if last is None:
        raise NotInArchive(f"there is no interview {after!r} to go on after: begin at the first page")
    return ordered.where(tuple_(col(InterviewRow.created_at), col(InterviewRow.id)) < tuple_(last.created_at, last.id))


# Showing


def _lines(session: Transaction, ids: Sequence[str]) -> tuple[DeskLine, ...]:
    summaries = records.summaries_of(session, ids)
    overall = dict(
        session.exec(
            select(ScoreRow.interview_id, _overall())
            .where(col(ScoreRow.interview_id).in_(ids))
            .group_by(col(ScoreRow.interview_id))
        ).all()
    )
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
            interview=summaries[id],
            overall=overall.get(id),
            decision=Decision(decided) if (decided := decisions.get(id)) else None,
            unmet=unmet[id],
            unassessed=unassessed.get(id, 0),
            skills=tags[id],
        )
        for id in ids
    )


def _grouped(rows: Iterable[tuple[str, str]]) -> defaultdict[str, tuple[str, ...]]:
    """The names of each interview, each once, in order."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for interview_id, name in rows:
        if name not in found[interview_id]:
            found[interview_id] += (name,)
    return found
