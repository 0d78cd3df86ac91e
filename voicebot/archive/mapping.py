"""Rows to values and back: the one place that knows both models/tables.py and the dataclasses."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from models.archive import Consent, Hold, Job, Note, Override, Person, PublishedFlow
from models.call import Candidate, Disposition
from models.dialog import Answer, DialogState
from models.interview import FlowRef, PastScorecard, RecordingFile, Score, Scorecard, SkillKind, SkillTag
from models.speech import TranscriptLine, Utterance
from models.tables import (
    AnswerRow,
    AttemptRow,
    ConsentRow,
    FlowRow,
    HoldRow,
    JobRow,
    NoteRow,
    OverrideRow,
    PastScorecardRow,
    PersonRow,
    PublicationRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    SkillTagRow,
    UtteranceRow,
)
from voicebot.archive.database import Transaction

STATE = TypeAdapter(DialogState)
ANSWER = TypeAdapter(Answer)
LINE = TypeAdapter(TranscriptLine)
SCORECARD = TypeAdapter(Scorecard)
OBJECT = TypeAdapter(dict[str, Any])
VARIABLES = TypeAdapter(dict[str, str])
_CANDIDATE = TypeAdapter(Candidate)


def person_document(
    candidate: Candidate, email: str | None = None, personnel_number: str | None = None
) -> dict[str, Any]:
    return {
        "candidate": _CANDIDATE.dump_python(candidate, mode="json"),
        "email": email,
        "personnel_number": personnel_number,
    }


def person(session: Transaction, row: PersonRow) -> Person:
    document = session.opened(row, OBJECT)
    return Person(
        id=row.id,
        candidate=_CANDIDATE.validate_python(document["candidate"]),
        created_at=row.created_at,
        email=document.get("email"),
        employee_since=row.employee_since,
        personnel_number=document.get("personnel_number"),
    )


def candidate(session: Transaction, row: PersonRow) -> Candidate:
    return person(session, row).candidate


def job(row: JobRow) -> Job:
    return Job(row.id, row.title, row.location, row.flow_id, row.created_at, row.closed_at)


def consent(session: Transaction, row: ConsentRow) -> Consent:
    document = session.opened(row, OBJECT)
    return Consent(id=row.id, purpose=row.purpose, given_at=row.given_at, withdrawn_at=row.withdrawn_at, **document)


def hold(session: Transaction, row: HoldRow) -> Hold:
    document = session.opened(row, OBJECT)
    return Hold(row.id, row.person_id, document["author"], document["reason"], row.placed_at, row.released_at)


def override(session: Transaction, row: OverrideRow) -> Override:
    document = session.opened(row, OBJECT)
    return Override(
        id=row.id,
        question_id=row.question_id,
        criterion_id=row.criterion_id,
        value=row.value,
        author=document["author"],
        reason=document["reason"],
        at=row.at,
    )


def note(session: Transaction, row: NoteRow) -> Note:
    document = session.opened(row, OBJECT)
    return TypeAdapter(Note).validate_python({"id": row.id, "at": row.at, "decision": row.decision, **document})


def flow_ref(row: FlowRow) -> FlowRef:
    return FlowRef(row.flow_id, row.version, row.digest)


def published(row: PublicationRow, flow: FlowRow) -> PublishedFlow:
    return PublishedFlow(flow_ref(flow), flow.title, row.language, row.published_at)


def disposition(row: AttemptRow | None) -> Disposition | None:
    return Disposition(row.disposition) if row and row.disposition else None


def state(session: Transaction, row: AttemptRow) -> DialogState | None:
    return session.opened(row, STATE) if row.document is not None else None


def state_of_call(session: Transaction, row: AttemptRow) -> DialogState | None:
    """The same, and everything said in it names its call, also what an older voicebot filed."""
    found = state(session, row)
    if found is None:
        return None

    def named(utterance: Utterance) -> Utterance:
        return utterance if utterance.attempt_id else replace(utterance, attempt_id=row.id)

    return replace(
        found,
        answers=tuple(
            replace(answer, parts=tuple(replace(part, utterance=named(part.utterance)) for part in answer.parts))
            for answer in found.answers
        ),
        questions_for_hr=tuple(map(named, found.questions_for_hr)),
    )


def utterance_row(session: Transaction, attempt_id: str, sequence: int, line: TranscriptLine) -> dict[str, object]:
    document = session.seal(UtteranceRow, (attempt_id, sequence), LINE.dump_python(line, mode="json"))
    return {"attempt_id": attempt_id, "sequence": sequence, "document": document}


def recording_file(row: RecordingRow | None) -> RecordingFile | None:
    return RecordingFile(row.path, row.sha256, row.duration_ms) if row and row.state in ("closed", "repaired") else None


def answer_row(session: Transaction, attempt_id: str, sequence: int, answer: Answer) -> AnswerRow:
    document = session.seal(AnswerRow, (attempt_id, sequence), ANSWER.dump_python(answer, mode="json"))
    return AnswerRow(attempt_id=attempt_id, sequence=sequence, document=document)


def scorecard_row(session: Transaction, interview_id: str, card: Scorecard, at: datetime) -> ScorecardRow:
    return ScorecardRow(
        interview_id=interview_id,
        overall=card.overall,
        assessed_weight=card.assessed_weight,
        scorer=card.scorer,
        filed_at=at,
        document=session.seal(ScorecardRow, (interview_id,), SCORECARD.dump_python(card, mode="json")),
    )


def past_scorecard_row(session: Transaction, row_id: str, card: ScorecardRow, at: datetime) -> PastScorecardRow:
    document = session.opened_json(card) if card.document is not None else None
    return PastScorecardRow(
        id=row_id,
        interview_id=card.interview_id,
        overall=card.overall,
        assessed_weight=card.assessed_weight,
        scorer=card.scorer,
        filed_at=card.filed_at,
        replaced_at=at,
        document=session.seal(PastScorecardRow, (row_id,), json.loads(document)) if document else None,
    )


def past_scorecard(session: Transaction, row: PastScorecardRow) -> PastScorecard:
    return PastScorecard(
        overall=row.overall,
        assessed_weight=row.assessed_weight,
        scorer=row.scorer,
        filed_at=row.filed_at,
        replaced_at=row.replaced_at,
        scorecard=session.opened(row, SCORECARD) if row.document is not None else None,
    )


def score_row(interview_id: str, sequence: int, score: Score, stands: float | None) -> ScoreRow:
    return ScoreRow(
        interview_id=interview_id,
        sequence=sequence,
        question_id=score.question_id,
        criterion_id=score.criterion_id,
        criterion=score.criterion,
        criterion_key=score.criterion.casefold(),
        weight=score.weight,
        value=score.value,
        stands=stands,
        must_have=score.must_have,
    )


def skill_tag_row(interview_id: str, sequence: int, tag: SkillTag) -> SkillTagRow:
    return SkillTagRow(
        interview_id=interview_id,
        sequence=sequence,
        name=tag.name,
        name_key=tag.name.casefold(),
        kind=tag.kind.value,
        years=tag.years,
    )


def scorecard(
    session: Transaction, card: ScorecardRow, scores: Iterable[ScoreRow], tags: Iterable[SkillTagRow]
) -> Scorecard:
    """Whole, or without the candidate's words when those are past their retention."""
    if card.document is not None:
        return session.opened(card, SCORECARD)
    return Scorecard(
        scores=tuple(
            Score(s.question_id, s.criterion_id, s.criterion, s.weight, s.value, (), s.must_have) for s in scores
        ),
        overall=card.overall,
        assessed_weight=card.assessed_weight,
        skills=tuple(SkillTag(t.name, SkillKind(t.kind), "", "", 0, 0, t.years) for t in tags),
        scorer=card.scorer,
    )
