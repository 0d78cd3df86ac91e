"""Which interviews somebody wants to see, as SQL: the one meaning of `InterviewFilter`, for every list and count.

`job_ids` leaves out all interviews but those for these jobs, as for somebody who sees no others; None: nobody's.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, or_, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import Decision, InterviewStatus, Position
from models.desk import FINAL, InterviewFilter, Stage
from models.tables import AttemptRow, InterviewRow, NoteRow, ScorecardRow
from voicebot.archive import jobs, skills


def chosen(where: InterviewFilter, job_ids: jobs.Ids) -> SelectOfScalar[str]:
    """The ids of the interviews of which everything holds. Errors: UsageError when the skill makes no sense."""
    return select(InterviewRow.id).where(*jobs.visible(job_ids), *_conditions(where))


def newest(ids: SelectOfScalar[str], after: Position | None) -> SelectOfScalar[str]:
    """Newest first; those that follow `after` in that order."""
    if after is not None:
        ids = ids.where(tuple_(col(InterviewRow.created_at), col(InterviewRow.id)) < tuple_(after.at, after.id))
    return ids.order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id).desc())


def telling_attempt() -> ScalarSelect[str]:
    """The id of the attempt that tells how an interview stands: the last that connected, else the last, if any."""
    return (
        select(AttemptRow.id)
        .where(AttemptRow.interview_id == InterviewRow.id)
        .order_by(
            col(AttemptRow.media_connected_at).is_(None), col(AttemptRow.dialled_at).desc(), col(AttemptRow.id).desc()
        )
        .limit(1)
        .correlate(InterviewRow)
        .scalar_subquery()
    )


def decision() -> ScalarSelect[Any]:
    """The interview's last decision."""
    return (
        select(NoteRow.decision)
        .where(NoteRow.interview_id == InterviewRow.id, col(NoteRow.decision).is_not(None))
        .order_by(col(NoteRow.at).desc(), col(NoteRow.id).desc())
        .limit(1)
        .correlate(InterviewRow)
        .scalar_subquery()
    )


def _conditions(where: InterviewFilter) -> Iterator[ColumnElement[bool]]:
    interview = col(InterviewRow.id)
    if where.job_id is not None:
        yield col(InterviewRow.job_id) == where.job_id
    if where.person_id is not None:
        yield col(InterviewRow.person_id) == where.person_id
    if where.since is not None:
        yield col(InterviewRow.created_at) >= where.since
    if where.before is not None:
        yield col(InterviewRow.created_at) < where.before
    if where.status is not None:
        yield from _status(where.status)
    if where.stage is not None:
        yield from _stage(where.stage)
    if where.disposition is not None:
        yield _telling(AttemptRow.disposition) == where.disposition.value
    if where.score_from is not None or where.score_to is not None:
        scored = select(ScorecardRow.interview_id)
        if where.score_from is not None:
            scored = scored.where(col(ScorecardRow.stands) >= where.score_from)
        if where.score_to is not None:
            scored = scored.where(col(ScorecardRow.stands) <= where.score_to)
        yield interview.in_(scored)
    if where.skill is not None:
        for having in skills.interviews_having(skills.parse(where.skill)):
            yield interview.in_(having)


def _status(status: InterviewStatus) -> Iterator[ColumnElement[bool]]:
    match status:
        case InterviewStatus.SCHEDULED:
            yield ~_dialled().exists()
        case InterviewStatus.UNDER_WAY:
            under_way = select(AttemptRow.interview_id).where(col(AttemptRow.ended_at).is_(None))
            yield col(InterviewRow.id).in_(under_way)  # a few of many
            yield _telling(AttemptRow.ended_at).is_(None)
        case InterviewStatus.ENDED:
            yield _telling(AttemptRow.ended_at).is_not(None)


def _stage(stage: Stage) -> Iterator[ColumnElement[bool]]:
    scored = select(ScorecardRow.interview_id).where(ScorecardRow.interview_id == InterviewRow.id).exists()
    match stage:
        case Stage.SCHEDULED:
            yield ~_dialled().exists()
        case Stage.CALLED:
            yield _dialled().exists()
            yield ~scored
        case Stage.WAITING:
            yield scored
            yield or_(decision().is_(None), decision() == Decision.WAIT.value)
        case Stage.DECIDED:
            yield decision().in_([final.value for final in FINAL])


def _dialled() -> SelectOfScalar[str]:
    return select(AttemptRow.id).where(AttemptRow.interview_id == InterviewRow.id)


def _telling(column: Any) -> ScalarSelect[Any]:
    """What the telling attempt has in this column."""
    return select(column).where(col(AttemptRow.id) == telling_attempt()).scalar_subquery()
