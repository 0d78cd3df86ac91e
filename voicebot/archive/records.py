"""What the archive gives back: a list of interviews, or one of them whole."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from models.call import Candidate, Disposition
from models.dialog import DialogState
from models.errors import NotInArchive
from models.interview import FlowRef, InterviewRecord, Scorecard
from models.tables import (
    AnswerRow,
    AttemptRow,
    CandidateRow,
    EvidenceRow,
    FlowRow,
    InterviewRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    SkillTagRow,
    UtteranceRow,
)
from voicebot.archive import mapping


@dataclass(frozen=True, slots=True)
class InterviewSummary:
    """One line of a list of interviews."""

    id: str
    candidate: Candidate
    flow: FlowRef
    flow_title: str
    created_at: datetime
    """When it was scheduled."""
    disposition: Disposition | None
    """None while the call is under way or has not been made."""
    started_at: datetime | None
    ended_at: datetime | None
    overall: float | None
    """The scorecard's weighted mean, 1.0 to 5.0; None when there is none."""


def summaries(session: Session, limit: int) -> tuple[InterviewSummary, ...]:
    """The newest interviews, newest first."""
    newest = session.exec(
        _interviews().order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id)).limit(limit)
    ).all()
    ids = [interview.id for interview, *_ in newest]
    overall = dict(
        session.exec(
            select(ScorecardRow.interview_id, ScorecardRow.overall).where(col(ScorecardRow.interview_id).in_(ids))
        ).all()
    )
    return tuple(
        InterviewSummary(
            id=interview.id,
            candidate=mapping.candidate(candidate),
            flow=mapping.flow_ref(flow),
            flow_title=flow.title,
            created_at=interview.created_at,
            disposition=mapping.disposition(attempt),
            started_at=attempt.media_connected_at if attempt else None,
            ended_at=attempt.ended_at if attempt else None,
            overall=overall.get(interview.id),
        )
        for interview, candidate, flow, attempt in newest
    )


def record(session: Session, interview_id: str) -> InterviewRecord:
    """The interview as its last connected call left it, or as its last dial did when none connected.

    `interview_id` is whole and known.
    """
    interview, candidate, flow, attempt = session.exec(_interviews().where(InterviewRow.id == interview_id)).one()
    attempt_id = attempt.id if attempt else None
    lines = (
        select(UtteranceRow)
        .where(UtteranceRow.attempt_id == attempt_id)
        .order_by(col(UtteranceRow.start_ms), col(UtteranceRow.sequence))
    )
    answers = select(AnswerRow).where(AnswerRow.attempt_id == attempt_id).order_by(col(AnswerRow.sequence))
    recording = session.get(RecordingRow, attempt_id) if attempt_id else None
    state = mapping.state(attempt.dialog_state) if attempt and attempt.dialog_state else DialogState()
    return InterviewRecord(
        id=interview.id,
        candidate=mapping.candidate(candidate),
        flow=mapping.flow_ref(flow),
        flow_title=flow.title,
        language=flow.language,
        disposition=mapping.disposition(attempt),
        started_at=attempt.media_connected_at if attempt else None,
        ended_at=attempt.ended_at if attempt else None,
        transcript=tuple(map(mapping.transcript_line, session.exec(lines))),
        answers=tuple(map(mapping.answer, session.exec(answers))),
        questions_for_hr=state.questions_for_hr,
        scorecard=_scorecard(session, interview.id),
        recording=mapping.recording_file(recording) if recording else None,
        call_facts=attempt.facts if attempt else {},
        knock_outs=state.knock_outs,
        passed_over=state.passed_over,
        call_back=state.call_back,
    )


def unscored() -> Select[InterviewRow, CandidateRow, FlowRow, AttemptRow]:
    """Interviews whose telling attempt has ended with answers, and that have no scorecard."""
    answered = select(AnswerRow.id).where(AnswerRow.attempt_id == AttemptRow.id).exists()
    scored = select(ScorecardRow.interview_id).where(ScorecardRow.interview_id == InterviewRow.id).exists()
    return _interviews().where(col(AttemptRow.ended_at).is_not(None), answered, ~scored)


def whole_id(session: Session, prefix: str) -> str:
    """The id of the one interview whose id is `prefix` or begins with it.

    Errors: NotInArchive, also when there are several.
    """
    wanted = prefix.strip().lower()
    hint = "`voicebot archive list` shows the ids"
    if not wanted:
        raise NotInArchive(f"an interview's id is missing: {hint}")
    ids = session.exec(
        select(InterviewRow.id).where(col(InterviewRow.id).startswith(wanted, autoescape=True)).limit(4)
    ).all()
    if wanted in ids or len(ids) == 1:
        return wanted if wanted in ids else ids[0]
    if ids:
        raise NotInArchive(f"several interviews begin with {prefix!r} ({', '.join(ids)}…): give more of the id")
    raise NotInArchive(f"there is no interview {prefix!r}: {hint}")


def _interviews() -> Select[InterviewRow, CandidateRow, FlowRow, AttemptRow]:
    """Interviews, each with the attempt that tells how it stands: the last that connected, else the last, if any."""
    telling_attempt = (
        select(AttemptRow.id)
        .where(AttemptRow.interview_id == InterviewRow.id)
        .order_by(
            col(AttemptRow.media_connected_at).is_(None), col(AttemptRow.dialled_at).desc(), col(AttemptRow.id).desc()
        )
        .limit(1)
        .correlate(InterviewRow)
        .scalar_subquery()
    )
    return (
        select(InterviewRow, CandidateRow, FlowRow, AttemptRow)
        .join(CandidateRow)
        .join(FlowRow)
        .outerjoin(AttemptRow, col(AttemptRow.id) == telling_attempt)
    )


def _scorecard(session: Session, interview_id: str) -> Scorecard | None:
    card = session.get(ScorecardRow, interview_id)
    if card is None:
        return None
    scores = session.exec(
        select(ScoreRow).where(ScoreRow.interview_id == interview_id).order_by(col(ScoreRow.sequence))
    ).all()
    evidence: defaultdict[int, list[EvidenceRow]] = defaultdict(list)
    for row in session.exec(
        select(EvidenceRow)
        .join(ScoreRow)
        .where(ScoreRow.interview_id == interview_id)
        .order_by(col(EvidenceRow.sequence))
    ):
        evidence[row.score_id].append(row)
    tags = select(SkillTagRow).where(SkillTagRow.interview_id == interview_id).order_by(col(SkillTagRow.sequence))
    return mapping.scorecard(card, [(score, evidence[score.id or 0]) for score in scores], session.exec(tags))
