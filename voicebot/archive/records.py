"""What the archive gives back: a list of interviews, or one of them whole."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.archive import InterviewStatus, InterviewSummary
from models.errors import NotInArchive
from models.interview import AttemptRecord, Experience, InterviewRecord, Scorecard
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
from voicebot.archive import filing, filters, mapping
from voicebot.archive.database import Transaction, place

_BY_INTERVIEWER = b'{"speaker":"interviewer"'
_Interviews = Select[InterviewRow, PersonRow, FlowRow, AttemptRow]


def summary(session: Transaction, interview_id: str) -> InterviewSummary:
    """`interview_id` is whole. Errors: NotInArchive."""
    for found in summaries_of(session, [interview_id]):
        return found
    raise NotInArchive(f"there is no interview {interview_id!r}")


def summaries_of(session: Transaction, ids: Sequence[str]) -> tuple[InterviewSummary, ...]:
    """The interviews with these ids that there are, in this order."""
    rows = {row[0].id: row for row in session.exec(_interviews().where(col(InterviewRow.id).in_(ids)))}
    cards = select(ScorecardRow.interview_id, ScorecardRow.stands).where(col(ScorecardRow.interview_id).in_(ids))
    overall = dict(session.exec(cards).all())
    return tuple(_summary(session, *rows[each], overall.get(each)) for each in ids if each in rows)


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


def experience(session: Transaction, interview_ids: Sequence[str]) -> dict[str, tuple[Experience, ...]]:
    """The work that was told of in these interviews, as far as they are scored."""
    cards = select(ScorecardRow).where(col(ScorecardRow.interview_id).in_(interview_ids))
    scored = session.exec(cards.where(col(ScorecardRow.document).is_not(None)))
    return {card.interview_id: session.opened(card, mapping.SCORECARD).experience for card in scored}


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


def _summary(
    session: Transaction,
    interview: InterviewRow,
    person: PersonRow,
    flow: FlowRow,
    attempt: AttemptRow | None,
    overall: float | None,
) -> InterviewSummary:
    return InterviewSummary(
        id=interview.id,
        candidate=mapping.candidate(session, person),
        flow=mapping.flow_ref(flow),
        flow_title=flow.title,
        created_at=interview.created_at,
        disposition=mapping.disposition(attempt),
        started_at=attempt.media_connected_at if attempt else None,
        ended_at=attempt.ended_at if attempt else None,
        overall=overall,
        person_id=interview.person_id,
        job_id=interview.job_id,
        status=_status(attempt),
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
        .outerjoin(AttemptRow, col(AttemptRow.id) == filters.telling_attempt())
    )
