"""Rows to values and back: the one place that knows both models/tables.py and the dataclasses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, AnswerStatus, DialogState
from models.interview import (
    Evidence,
    Experience,
    FlowRef,
    RecordingFile,
    Score,
    Scorecard,
    SkillKind,
    SkillLevel,
    SkillTag,
)
from models.speech import Speaker, TranscriptLine, Word
from models.tables import (
    AnswerRow,
    AttemptRow,
    CandidateRow,
    EvidenceRow,
    FlowRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    SkillTagRow,
    UtteranceRow,
)

_STATE = TypeAdapter(DialogState)
_PARTS = TypeAdapter(tuple[AnswerPart, ...])
_WORDS = TypeAdapter(tuple[Word, ...])
_EXPERIENCE = TypeAdapter(tuple[Experience, ...])


def candidate(row: CandidateRow) -> Candidate:
    return Candidate(row.id, row.name, row.phone)


def flow_ref(row: FlowRow) -> FlowRef:
    return FlowRef(row.flow_id, row.version, row.digest)


def disposition(row: AttemptRow | None) -> Disposition | None:
    return Disposition(row.disposition) if row and row.disposition else None


def state_json(state: DialogState) -> dict[str, Any]:
    return _STATE.dump_python(state, mode="json")  # type: ignore[no-any-return]


def state(stored: Mapping[str, Any]) -> DialogState:
    return _STATE.validate_python(stored)


def utterance_row(attempt_id: str, sequence: int, line: TranscriptLine) -> UtteranceRow:
    return UtteranceRow(
        attempt_id=attempt_id,
        sequence=sequence,
        speaker=line.speaker.value,
        text=line.text,
        start_ms=line.start_ms,
        end_ms=line.end_ms,
        position=line.position,
        meaning=line.meaning,
        heard=line.heard,
        words=_WORDS.dump_python(line.words, mode="json"),
    )


def transcript_line(row: UtteranceRow) -> TranscriptLine:
    return TranscriptLine(
        speaker=Speaker(row.speaker),
        text=row.text,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        position=row.position,
        meaning=row.meaning,
        heard=row.heard,
        words=_WORDS.validate_python(row.words),
    )


def answer_columns(answer: Answer) -> dict[str, Any]:
    """The columns of an AnswerRow that may change while the candidate is still answering."""
    return {
        "question_id": answer.question_id,
        "question": answer.question,
        "status": answer.status.value,
        "parts": _PARTS.dump_python(answer.parts, mode="json"),
    }


def answer(row: AnswerRow) -> Answer:
    return Answer(row.question_id, row.question, _PARTS.validate_python(row.parts), AnswerStatus(row.status))


def recording_row(attempt_id: str, recording: RecordingFile, state: str) -> RecordingRow:
    return RecordingRow(
        attempt_id=attempt_id,
        path=recording.path,
        sha256=recording.sha256,
        duration_ms=recording.duration_ms,
        state=state,
    )


def recording_file(row: RecordingRow) -> RecordingFile:
    return RecordingFile(row.path, row.sha256, row.duration_ms)


def scorecard_row(interview_id: str, card: Scorecard) -> ScorecardRow:
    return ScorecardRow(
        interview_id=interview_id,
        overall=card.overall,
        assessed_weight=card.assessed_weight,
        scorer=card.scorer,
        experience=_EXPERIENCE.dump_python(card.experience, mode="json"),
    )


def score_row(interview_id: str, sequence: int, score: Score) -> ScoreRow:
    return ScoreRow(
        interview_id=interview_id,
        sequence=sequence,
        question_id=score.question_id,
        criterion_id=score.criterion_id,
        criterion=score.criterion,
        weight=score.weight,
        value=score.value,
        must_have=score.must_have,
    )


def evidence_row(score_id: int, sequence: int, evidence: Evidence) -> EvidenceRow:
    return EvidenceRow(
        score_id=score_id,
        sequence=sequence,
        quote=evidence.quote,
        start_ms=evidence.start_ms,
        end_ms=evidence.end_ms,
        point=evidence.point,
        strength=evidence.strength,
    )


def skill_tag_row(interview_id: str, sequence: int, tag: SkillTag) -> SkillTagRow:
    return SkillTagRow(
        interview_id=interview_id,
        sequence=sequence,
        name=tag.name,
        kind=tag.kind.value,
        quote=tag.quote,
        question_id=tag.question_id,
        start_ms=tag.start_ms,
        end_ms=tag.end_ms,
        years=tag.years,
        level=tag.level.value if tag.level else None,
    )


def scorecard(
    card: ScorecardRow, scores: Iterable[tuple[ScoreRow, Sequence[EvidenceRow]]], tags: Iterable[SkillTagRow]
) -> Scorecard:
    return Scorecard(
        scores=tuple(_score(row, evidence) for row, evidence in scores),
        overall=card.overall,
        assessed_weight=card.assessed_weight,
        skills=tuple(
            SkillTag(
                name=row.name,
                kind=SkillKind(row.kind),
                quote=row.quote,
                question_id=row.question_id,
                start_ms=row.start_ms,
                end_ms=row.end_ms,
                years=row.years,
                level=SkillLevel(row.level) if row.level else None,
            )
            for row in tags
        ),
        scorer=card.scorer,
        experience=_EXPERIENCE.validate_python(card.experience or ()),
    )


def _score(row: ScoreRow, evidence: Sequence[EvidenceRow]) -> Score:
    return Score(
        question_id=row.question_id,
        criterion_id=row.criterion_id,
        criterion=row.criterion,
        weight=row.weight,
        value=row.value,
        evidence=tuple(
            Evidence(quote=e.quote, start_ms=e.start_ms, end_ms=e.end_ms, point=e.point, strength=e.strength)
            for e in evidence
        ),
        must_have=row.must_have,
    )
