"""What is filed with more than one row, and the audit's word on it: `verification` compares the two later."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.dialog import Answer, DialogState
from models.interview import RecordingFile, Scorecard, overall
from models.tables import (
    AnswerRow,
    AttemptRow,
    NoteRow,
    OverrideRow,
    PastScorecardRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    SkillTagRow,
    UtteranceRow,
)
from voicebot.archive import audit, mapping
from voicebot.archive.database import Transaction


def sealed_key(session: Transaction, attempt_id: str, key: bytes) -> bytes:
    return session.seal(RecordingRow, (attempt_id,), {"key": base64.b64encode(key).decode()})


def opened_key(session: Transaction, row: RecordingRow) -> bytes:
    """The key of a recording's file."""
    return base64.b64decode(session.opened(row, mapping.OBJECT)["key"])


def file_scorecard(
    session: Transaction, interview_id: str, card: Scorecard, at: datetime | None = None, actor: str = audit.MACHINE
) -> None:
    """In place of the one that stands, which is kept among the past ones."""
    at = at or datetime.now(UTC)
    _replace_scorecard(session, interview_id, at)
    session.add(mapping.scorecard_row(session, interview_id, card, at))
    session.flush()
    standing = overridden(session, interview_id)
    for sequence, score in enumerate(card.scores):
        stands = standing.get((score.question_id, score.criterion_id), score.value)
        session.add(mapping.score_row(interview_id, sequence, score, stands))
    file_what_stands(session, interview_id)
    session.add_all(mapping.skill_tag_row(interview_id, n, tag) for n, tag in enumerate(card.skills))
    session.flush()
    vouch_for_scorecards(session, interview_id, at, actor)


def file_what_stands(session: Transaction, interview_id: str) -> None:
    """The scorecard's mean, by which the interview is listed, is that of the scores that stand."""
    scores = session.exec(select(ScoreRow).where(ScoreRow.interview_id == interview_id))
    session.get_one(ScorecardRow, interview_id).stands = overall((row.weight, row.stands) for row in scores)


def mirror_answers(session: Transaction, attempt_id: str, answers: Sequence[Answer]) -> None:
    """Makes the attempt's answer rows those of the dialog's state; only what changed is written."""
    stored = session.exec(
        select(AnswerRow).where(AnswerRow.attempt_id == attempt_id).order_by(col(AnswerRow.sequence))
    ).all()
    for row in stored[len(answers) :]:
        session.delete(row)
    for sequence, answer in enumerate(answers):
        if sequence >= len(stored):
            session.add(mapping.answer_row(session, attempt_id, sequence, answer))
        elif session.opened(stored[sequence], mapping.ANSWER) != answer:
            stored[sequence].document = mapping.answer_row(session, attempt_id, sequence, answer).document


def carry_over(session: Transaction, interview_id: str, attempt_id: str, state: DialogState, at: datetime) -> None:
    """What was answered in earlier calls stays with the interview, though this one may never come to its first step."""
    content = mapping.STATE.dump_python(replace(state, outcome=None), mode="json")
    session.get_one(AttemptRow, attempt_id).document = session.seal(AttemptRow, (attempt_id,), content)
    mirror_answers(session, attempt_id, state.answers)
    if _replace_scorecard(session, interview_id, at):
        session.flush()
        vouch_for_scorecards(session, interview_id, at)


def _replace_scorecard(session: Transaction, interview_id: str, at: datetime) -> bool:
    """Keeps the one that stands among the past ones. False when there was none."""
    standing_card = session.get(ScorecardRow, interview_id)
    if standing_card is None:
        return False
    session.add(mapping.past_scorecard_row(session, uuid4().hex, standing_card, at))
    session.exec(delete(ScorecardRow).where(col(ScorecardRow.interview_id) == interview_id))
    return True


def overridden(session: Transaction, interview_id: str) -> dict[tuple[str, str], float | None]:
    """What the last override says, by question and criterion."""
    rows = session.exec(
        select(OverrideRow)
        .where(OverrideRow.interview_id == interview_id)
        .order_by(col(OverrideRow.at), col(OverrideRow.id))
    )
    return {(row.question_id, row.criterion_id): row.value for row in rows}


def vouch_for_scorecards(
    session: Transaction, interview_id: str, at: datetime, actor: str = audit.MACHINE, **more: Any
) -> None:
    """The audit remembers the scorecard that stands, and those before it. `more`: details."""
    stands, past = scorecard_mac(session, interview_id), past_scorecards_mac(session, interview_id)
    audit.append(session, at, actor, "score", interview_id, scorecard=stands, past=past, **more)


def vouch_for_attempt(session: Transaction, attempt: AttemptRow, **more: Any) -> None:
    """The audit remembers what was filed of a call. `more`: details."""
    recording = session.get(RecordingRow, attempt.id)
    lines = len(session.exec(select(UtteranceRow.sequence).where(UtteranceRow.attempt_id == attempt.id)).all())
    assert attempt.ended_at is not None
    audit.append(
        session,
        attempt.ended_at,
        audit.MACHINE,
        "call",
        attempt.interview_id,
        attempt=attempt.id,
        disposition=attempt.disposition,
        lines=lines,
        said=said_mac(session, attempt.id, lines),
        answers=answers_mac(session, attempt.id),
        recording=recording_mark(mapping.recording_file(recording)),
        **more,
    )


def said_mac(session: Transaction, attempt_id: str, lines: int) -> str:
    """Over the first lines of a call's transcript."""
    rows = session.exec(
        select(UtteranceRow)
        .where(UtteranceRow.attempt_id == attempt_id, UtteranceRow.sequence < lines)
        .order_by(col(UtteranceRow.sequence))
    )
    return session.keys.mac(b"said", *(session.opened_json(row) for row in rows))


def answers_mac(session: Transaction, attempt_id: str) -> str:
    rows = session.exec(select(AnswerRow).where(AnswerRow.attempt_id == attempt_id).order_by(col(AnswerRow.sequence)))
    return session.keys.mac(b"answers", *(session.opened_json(row) for row in rows))


def recording_mark(recording: RecordingFile | None) -> str | None:
    return f"{recording.path} {recording.sha256} {recording.duration_ms}" if recording else None


def scorecard_mac(session: Transaction, interview_id: str) -> str | None:
    """Over the scorecard as it is read, and over what it is searched by; None when there is none."""
    card = session.get(ScorecardRow, interview_id)
    if card is None:
        return None
    scores = session.exec(
        select(ScoreRow).where(ScoreRow.interview_id == interview_id).order_by(col(ScoreRow.sequence))
    ).all()
    tags = session.exec(
        select(SkillTagRow).where(SkillTagRow.interview_id == interview_id).order_by(col(SkillTagRow.sequence))
    ).all()
    searched: list[Any] = [(card.overall, card.assessed_weight, card.scorer)]
    searched += [(s.question_id, s.criterion_id, s.criterion, s.weight, s.value, s.must_have) for s in scores]
    searched += [(t.name, t.kind, t.years) for t in tags]
    document = session.opened_json(card) if card.document is not None else b""
    return session.keys.mac(b"scorecard", document, repr(searched).encode())


def past_scorecards_mac(session: Transaction, interview_id: str) -> str | None:
    """Over every scorecard that was replaced; None when none was."""
    rows = session.exec(past_scorecards(interview_id)).all()
    if not rows:
        return None
    content: list[bytes] = []
    for row in rows:
        times = [at.isoformat() if at else "" for at in (row.filed_at, row.replaced_at)]
        content.append(repr((row.overall, row.assessed_weight, row.scorer, *times)).encode())
        content.append(session.opened_json(row) if row.document is not None else b"")
    return session.keys.mac(b"past scorecards", *content)


def past_scorecards(interview_id: str) -> SelectOfScalar[PastScorecardRow]:
    """Oldest first."""
    of_interview = select(PastScorecardRow).where(PastScorecardRow.interview_id == interview_id)
    return of_interview.order_by(col(PastScorecardRow.replaced_at), col(PastScorecardRow.id))


def override_mac(session: Transaction, row: OverrideRow) -> str:
    plain = repr((row.interview_id, row.question_id, row.criterion_id, row.value, row.at.isoformat()))
    return session.keys.mac(b"override", plain.encode(), session.opened_json(row))


def note_mac(session: Transaction, row: NoteRow) -> str:
    plain = repr((row.interview_id, row.decision, row.at.isoformat()))
    return session.keys.mac(b"note", plain.encode(), session.opened_json(row))
