"""What the archive gives back: a list of interviews, or one of them whole."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, ScalarSelect, or_, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.archive import InterviewFilter, InterviewStatus, InterviewSummary, Position
from models.errors import NotInArchive
from models.interview import AttemptRecord, InterviewRecord, Scorecard
from models.speech import Speaker, TranscriptLine
from models.tables import (
    AnswerRow,
    AttemptRow,
    FlowRow,
    InterviewRow,
    PersonRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    SkillTagRow,
    UtteranceRow,
)
from voicebot.archive import filing, mapping
from voicebot.archive.database import Transaction, place

_BY_INTERVIEWER = b'{"speaker":"interviewer"'
_Interviews = Select[InterviewRow, PersonRow, FlowRow, AttemptRow]


def summaries(
    session: Transaction, limit: int, where: InterviewFilter, after: Position | None = None
) -> tuple[InterviewSummary, ...]:
    """The newest interviews of which `where` holds, newest first: those that follow `after` in that order."""
    chosen = _interviews().where(*_conditions(where))
    if after is not None:
        position = tuple_(col(InterviewRow.created_at), col(InterviewRow.id))
        chosen = chosen.where(position < tuple_(after.at, after.id))
    newest = chosen.order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id).desc()).limit(limit)
    return _summaries(session, newest)


def summary(session: Transaction, interview_id: str) -> InterviewSummary:
    """`interview_id` is whole. Errors: NotInArchive."""
    found = summaries_of(session, [interview_id])
    if interview_id not in found:
        raise NotInArchive(f"there is no interview {interview_id!r}")
    return found[interview_id]


def summaries_of(session: Transaction, ids: Sequence[str]) -> dict[str, InterviewSummary]:
    """The interviews with these ids."""
    chosen = _interviews().where(col(InterviewRow.id).in_(ids))
    return {summary.id: summary for summary in _summaries(session, chosen)}


def of_jobs(job_ids: frozenset[str] | None) -> tuple[ColumnElement[bool], ...]:
    """What holds of the interviews of these jobs; None: of all there are."""
    return () if job_ids is None else (col(InterviewRow.job_id).in_(job_ids),)


def record(session: Transaction, interview_id: str) -> InterviewRecord:
    """The interview as its last connected call left it, or as its last dial did when none connected.

    `interview_id` is whole and known.
    """
    interview, person, flow, telling = session.exec(_interviews().where(InterviewRow.id == interview_id)).one()
    attempts = _attempts(session, interview_id)
    told = next((attempt for attempt in attempts if telling and attempt.id == telling.id), None)
    state = mapping.state(session, telling) if telling else None
    answers = (
        select(AnswerRow)
        .where(AnswerRow.attempt_id == (telling.id if telling else None))
        .order_by(col(AnswerRow.sequence))
    )
    return InterviewRecord(
        id=interview.id,
        candidate=mapping.candidate(session, person),
        flow=mapping.flow_ref(flow),
        flow_title=flow.title,
        language=flow.language,
        disposition=told.disposition if told else None,
        started_at=told.started_at if told else None,
        ended_at=told.ended_at if told else None,
        transcript=told.transcript if told else (),
        answers=tuple(session.opened(row, mapping.ANSWER) for row in session.exec(answers)),
        questions_for_hr=state.questions_for_hr if state else (),
        scorecard=scorecard(session, interview.id),
        past_scorecards=tuple(
            mapping.past_scorecard(session, row) for row in session.exec(filing.past_scorecards(interview.id))
        ),
        recording=told.recording if told else None,
        call_facts=telling.facts if telling else {},
        knock_outs=state.knock_outs if state else (),
        passed_over=state.passed_over if state else (),
        call_back=state.call_back if state else None,
        attempts=attempts,
    )


def said(session: Transaction, interview_ids: Sequence[str]) -> dict[str, list[TranscriptLine]]:
    """The candidate's lines in these interviews, call by call, in the order they were spoken."""
    found: defaultdict[str, list[TranscriptLine]] = defaultdict(list)
    lines = (
        select(AttemptRow.interview_id, UtteranceRow.attempt_id, UtteranceRow.sequence, UtteranceRow.document)
        .join(AttemptRow, col(AttemptRow.id) == UtteranceRow.attempt_id)
        .where(col(AttemptRow.interview_id).in_(interview_ids))
        .order_by(col(AttemptRow.dialled_at), col(AttemptRow.id), col(UtteranceRow.sequence))
    )
    for interview_id, attempt_id, sequence, document in session.exec(lines):
        plain = session.keys.open(document, place(UtteranceRow, (attempt_id, sequence)))
        if plain.startswith(_BY_INTERVIEWER):  # most lines: not worth reading
            continue
        line = mapping.LINE.validate_json(plain)
        if line.speaker is Speaker.CANDIDATE:
            found[interview_id].append(line)
    return found


def questions_for_hr(session: Transaction, interview_ids: Sequence[str]) -> dict[str, int]:
    """How many things each of these candidates wants to know."""
    rows = session.exec(_interviews().where(col(InterviewRow.id).in_(interview_ids)))
    states = {interview.id: mapping.state(session, attempt) for interview, *_, attempt in rows if attempt}
    return {interview_id: len(state.questions_for_hr) for interview_id, state in states.items() if state}


def unscored() -> _Interviews:
    """Interviews whose telling attempt has ended with answers, and that have no scorecard."""
    answered = select(AnswerRow.attempt_id).where(AnswerRow.attempt_id == AttemptRow.id).exists()
    scored = select(ScorecardRow.interview_id).where(ScorecardRow.interview_id == InterviewRow.id).exists()
    return _interviews().where(col(AttemptRow.ended_at).is_not(None), answered, ~scored)


def whole_id(session: Transaction, prefix: str) -> str:
    """The id of the one interview whose id is `prefix` or begins with it.

    Errors: NotInArchive, also when there are several.
    """
    wanted = prefix.strip().lower()
    hint = "`voicebot archive list` shows the ids"
    if not wanted:
        raise NotInArchive(f"an interview's id is missing: {hint}")
    if not wanted.isalnum() or not wanted.isascii():
        raise NotInArchive(f"there is no interview {prefix!r}: {hint}")
    begins = col(InterviewRow.id).startswith(wanted, autoescape=True)
    ids = session.exec(select(InterviewRow.id).where(or_(col(InterviewRow.id) == wanted, begins)).limit(4)).all()
    if wanted in ids or len(ids) == 1:
        return wanted if wanted in ids else ids[0]
    if ids:
        raise NotInArchive(f"several interviews begin with {prefix!r} ({', '.join(ids)}…): give more of the id")
    raise NotInArchive(f"there is no interview {prefix!r}: {hint}")


def scorecard(session: Transaction, interview_id: str) -> Scorecard | None:
    card = session.get(ScorecardRow, interview_id)
    if card is None:
        return None
    scores = select(ScoreRow).where(ScoreRow.interview_id == interview_id).order_by(col(ScoreRow.sequence))
    tags = select(SkillTagRow).where(SkillTagRow.interview_id == interview_id).order_by(col(SkillTagRow.sequence))
    return mapping.scorecard(session, card, session.exec(scores), session.exec(tags))


def _attempts(session: Transaction, interview_id: str) -> tuple[AttemptRecord, ...]:
    lines: defaultdict[str, list[TranscriptLine]] = defaultdict(list)
    for row in session.exec(
        select(UtteranceRow)
        .join(AttemptRow)
        .where(AttemptRow.interview_id == interview_id)
        .order_by(col(UtteranceRow.sequence))
    ):
        lines[row.attempt_id].append(session.opened(row, mapping.LINE))
    attempts = (
        select(AttemptRow, RecordingRow)
        .outerjoin(RecordingRow)
        .where(AttemptRow.interview_id == interview_id)
        .order_by(col(AttemptRow.dialled_at), col(AttemptRow.id))
    )
    return tuple(
        AttemptRecord(
            id=attempt.id,
            dialled_at=attempt.dialled_at,
            started_at=attempt.media_connected_at,
            ended_at=attempt.ended_at,
            disposition=mapping.disposition(attempt),
            transcript=tuple(sorted(lines[attempt.id], key=lambda line: line.start_ms)),
            recording=mapping.recording_file(recording),
        )
        for attempt, recording in session.exec(attempts)
    )


def _summaries(session: Transaction, chosen: _Interviews) -> tuple[InterviewSummary, ...]:
    rows = session.exec(chosen).all()
    overall = dict(
        session.exec(
            select(ScorecardRow.interview_id, ScorecardRow.overall).where(
                col(ScorecardRow.interview_id).in_([interview.id for interview, *_ in rows])
            )
        ).all()
    )
    return tuple(
        InterviewSummary(
            id=interview.id,
            candidate=mapping.candidate(session, person),
            flow=mapping.flow_ref(flow),
            flow_title=flow.title,
            created_at=interview.created_at,
            disposition=mapping.disposition(attempt),
            started_at=attempt.media_connected_at if attempt else None,
            ended_at=attempt.ended_at if attempt else None,
            overall=overall.get(interview.id),
            person_id=interview.person_id,
            job_id=interview.job_id,
            status=_status(attempt),
        )
        for interview, person, flow, attempt in rows
    )


def _status(attempt: AttemptRow | None) -> InterviewStatus:
    if attempt is None:
        return InterviewStatus.SCHEDULED
    return InterviewStatus.UNDER_WAY if attempt.ended_at is None else InterviewStatus.ENDED


def _interviews() -> _Interviews:
    """Interviews, each with the attempt that tells how it stands."""
    return (
        select(InterviewRow, PersonRow, FlowRow, AttemptRow)
        .join(PersonRow)
        .join(FlowRow)
        .outerjoin(AttemptRow, col(AttemptRow.id) == telling_attempt())
    )


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


def _conditions(where: InterviewFilter) -> Iterator[ColumnElement[bool]]:
    yield from of_jobs(where.job_ids)
    if where.job_id is not None:
        yield col(InterviewRow.job_id) == where.job_id
    if where.person_id is not None:
        yield col(InterviewRow.person_id) == where.person_id
    if where.since is not None:
        yield col(InterviewRow.created_at) >= where.since
    if where.before is not None:
        yield col(InterviewRow.created_at) < where.before
    if where.disposition is not None:
        ended_so = select(AttemptRow.interview_id).where(AttemptRow.disposition == where.disposition.value)
        yield col(InterviewRow.id).in_(ended_so)  # few of many are found by it, and then looked at
        yield col(AttemptRow.disposition) == where.disposition.value
    match where.status:
        case InterviewStatus.SCHEDULED:
            yield col(AttemptRow.id).is_(None)
        case InterviewStatus.UNDER_WAY:
            yield col(InterviewRow.id).in_(select(AttemptRow.interview_id).where(col(AttemptRow.ended_at).is_(None)))
            yield col(AttemptRow.id).is_not(None) & col(AttemptRow.ended_at).is_(None)
        case InterviewStatus.ENDED:
            yield col(AttemptRow.ended_at).is_not(None)
    if where.score_from is not None or where.score_to is not None:
        scored = select(ScorecardRow.interview_id)
        if where.score_from is not None:
            scored = scored.where(col(ScorecardRow.overall) >= where.score_from)
        if where.score_to is not None:
            scored = scored.where(col(ScorecardRow.overall) <= where.score_to)
        yield col(InterviewRow.id).in_(scored)
    if where.skill is not None:
        shown = select(SkillTagRow.interview_id).where(SkillTagRow.name_key == where.skill.casefold())
        yield col(InterviewRow.id).in_(shown)
