"""The archive of interviews: one folder with a database and recordings, safe for many threads and processes at once.

The life of an interview, each line one transaction:

    file_flow           the questions, word for word
    schedule_interview  who is to be asked what
    begin_attempt       before the carrier is asked to dial
    redeem_attempt      the call's media has connected; works once
    record …            what was just said, and where the dialog now stands
    heartbeat …         every few seconds while nothing is said
    end_attempt         how the call ended, what was measured, the recording
    file_scorecard

A process may die after any of these. `sweep` then ends what it left, with all that was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from loguru import logger
from sqlalchemy import Engine, and_, delete, func, or_, update
from sqlmodel import Session, col, select

from models.call import Candidate, Disposition
from models.dialog import Answer, DialogState
from models.errors import ArchiveError, ArchiveUnavailable, NotInArchive, OptedOut, TokenRefused
from models.interview import FlowRef, InterviewRecord, RecordingFile, Scorecard
from models.speech import TranscriptLine
from models.tables import (
    AnswerRow,
    AttemptRow,
    CandidateRow,
    FlowRow,
    InterviewRow,
    RecordingRow,
    ScorecardRow,
    UtteranceRow,
)
from voicebot.archive import mapping, records
from voicebot.archive.database import open_database
from voicebot.archive.faults import explained
from voicebot.archive.recordings import RecordingInUse, RecordingWriter, find, repair
from voicebot.archive.records import InterviewSummary

SILENT_CALL = timedelta(seconds=15)
"""A connected call whose process gave no sign of life for so long is taken for dead."""
SILENT_DIAL = timedelta(seconds=60)
"""The same before media connects: as long as a phone rings (30 s), and as much again for the carrier."""


@dataclass(frozen=True, slots=True)
class AttemptTicket:
    """What a call needs to know when its media connects."""

    attempt_id: str
    interview_id: str
    candidate: Candidate
    flow_digest: str
    variables: dict[str, str]
    state: DialogState | None
    """Where the last call of this interview stopped, to go on from there; None at the first."""


def open_archive(folder: Path) -> "Archive":
    """Opens the archive in `folder`; the first time, makes it.

    Errors: ArchiveUnavailable, which says what to mend.
    """
    return Archive(folder, open_database(folder))


class Archive:
    """Every method is one transaction: it has happened wholly, and survives a power cut, or not at all.

    Methods block, mostly for milliseconds and at worst for the ten seconds that a locked database is waited for.
    Moments (`at`) need a time zone. Any method may raise ArchiveUnavailable.
    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Before the call

    def file_flow(self, flow: FlowRef, title: str, language: str, yaml_text: str) -> None:
        """Keeps a flow's text. Filing the same digest again changes nothing."""
        with self._writing() as session:
            if session.get(FlowRow, flow.digest) is None:
                session.add(
                    FlowRow(
                        digest=flow.digest,
                        flow_id=flow.id,
                        version=flow.version,
                        title=title,
                        language=language,
                        yaml_text=yaml_text,
                    )
                )

    def flow_text(self, digest: str) -> str:
        """The flow's YAML as it was filed. Errors: NotInArchive."""
        with self._reading() as session:
            return _flow(session, digest).yaml_text

    def schedule_interview(self, candidate: Candidate, flow: FlowRef, variables: dict[str, str], at: datetime) -> str:
        """The new interview's id. The candidate's name and number become those given here.

        Errors: NotInArchive when the flow was not filed; OptedOut when this candidate, or somebody with this number,
        asked never to be called again.
        """
        interview_id = uuid4().hex
        with self._writing() as session:
            _flow(session, flow.digest)
            _refuse_opted_out(session, candidate.id, candidate.phone)
            known = session.get(CandidateRow, candidate.id)
            if known is None:
                session.add(CandidateRow(id=candidate.id, name=candidate.name, phone=candidate.phone, created_at=at))
            else:
                known.name, known.phone = candidate.name, candidate.phone
            session.flush()
            session.add(
                InterviewRow(
                    id=interview_id,
                    candidate_id=candidate.id,
                    flow_digest=flow.digest,
                    variables=variables,
                    created_at=at,
                )
            )
        return interview_id

    def begin_attempt(self, interview_id: str, at: datetime) -> str:
        """The id of a new attempt; call it before the carrier is asked to dial.

        Errors: NotInArchive; OptedOut when the candidate, or somebody with this number, asked never to be called again.
        """
        attempt_id = uuid4().hex
        with self._writing() as session:
            candidate = session.exec(
                select(CandidateRow).join(InterviewRow).where(InterviewRow.id == interview_id)
            ).one_or_none()
            if candidate is None:
                raise NotInArchive(f"there is no interview {interview_id!r}: schedule it before it is dialled")
            _refuse_opted_out(session, candidate.id, candidate.phone)
            session.add(AttemptRow(id=attempt_id, interview_id=interview_id, dialled_at=at, heartbeat_at=at))
        return attempt_id

    # During the call

    def redeem_attempt(self, attempt_id: str, at: datetime) -> AttemptTicket:
        """Lets the attempt's media in, once. `at` becomes zero of the call's milliseconds.

        Errors: TokenRefused the second time, after the attempt ended, and when there is no such attempt.
        """
        with self._writing() as session:
            waiting = (
                col(AttemptRow.id) == attempt_id,
                col(AttemptRow.media_connected_at).is_(None),
                col(AttemptRow.ended_at).is_(None),
            )
            redeemed = session.exec(update(AttemptRow).where(*waiting).values(media_connected_at=at, heartbeat_at=at))
            if redeemed.rowcount != 1:
                raise TokenRefused("no call waits for this media stream, or its token was used before: dial again")
            interview, candidate = session.exec(
                select(InterviewRow, CandidateRow)
                .join(CandidateRow)
                .join(AttemptRow, col(AttemptRow.interview_id) == InterviewRow.id)
                .where(AttemptRow.id == attempt_id)
            ).one()
            state = session.exec(
                select(AttemptRow.dialog_state)
                .where(AttemptRow.interview_id == interview.id, col(AttemptRow.dialog_state).is_not(None))
                .order_by(col(AttemptRow.dialled_at).desc())
                .limit(1)
            ).first()
            return _ticket(attempt_id, interview, candidate, state)

    def recording_writer(self, attempt_id: str, at: datetime) -> RecordingWriter:
        """Begins the attempt's recording."""
        return RecordingWriter.open(self.folder, attempt_id, at)

    def record(self, attempt_id: str, lines: Sequence[TranscriptLine], state: DialogState, at: datetime) -> None:
        """Files what was said since the last step, and where the dialog stands after it. Errors: NotInArchive."""
        with self._writing() as session:
            attempt = _attempt(session, attempt_id)
            attempt.dialog_state = mapping.state_json(state)
            attempt.heartbeat_at = at
            last = session.exec(
                select(func.max(UtteranceRow.sequence)).where(UtteranceRow.attempt_id == attempt_id)
            ).one()
            first = 0 if last is None else last + 1
            session.add_all(mapping.utterance_row(attempt_id, n, line) for n, line in enumerate(lines, first))
            _mirror_answers(session, attempt_id, state.answers)

    def heartbeat(self, attempt_id: str, at: datetime) -> None:
        """A sign of life; due every 5 s, so that `sweep` leaves the attempt alone. Errors: NotInArchive."""
        with self._writing() as session:
            _attempt(session, attempt_id).heartbeat_at = at

    # After the call

    def end_attempt(
        self,
        attempt_id: str,
        disposition: Disposition,
        facts: dict[str, int | float | str],
        recording: RecordingFile | None,
        at: datetime,
    ) -> None:
        """Files how the call ended. The first ending stands, unless it was only inferred by `sweep`.

        Errors: NotInArchive.
        """
        with self._writing() as session:
            attempt = _attempt(session, attempt_id)
            if attempt.ended_at is not None and not attempt.swept:
                return
            attempt.ended_at = at
            attempt.disposition = disposition.value
            attempt.swept = False
            attempt.facts = facts
            session.exec(delete(RecordingRow).where(col(RecordingRow.attempt_id) == attempt_id))
            if recording is not None:
                session.add(mapping.recording_row(attempt_id, recording, "closed"))

    def file_scorecard(self, interview_id: str, card: Scorecard) -> None:
        """Files the interview's scorecard in place of the one before. Errors: NotInArchive."""
        with self._writing() as session:
            if session.get(InterviewRow, interview_id) is None:
                raise NotInArchive(f"there is no interview {interview_id!r} to score")
            session.exec(delete(ScorecardRow).where(col(ScorecardRow.interview_id) == interview_id))
            session.add(mapping.scorecard_row(interview_id, card))
            session.flush()
            session.add_all(mapping.skill_tag_row(interview_id, n, tag) for n, tag in enumerate(card.skills))
            for sequence, score in enumerate(card.scores):
                row = mapping.score_row(interview_id, sequence, score)
                session.add(row)
                session.flush()
                assert row.id is not None
                session.add_all(mapping.evidence_row(row.id, n, evidence) for n, evidence in enumerate(score.evidence))

    def sweep(self, at: datetime) -> list[str]:
        """Ends the attempts whose process died, as DROPPED, or FAILED when no media had connected; returns their ids.

        Where the dialog had come to an outcome already, such as OPTED_OUT during the goodbye, that is how it ended.
        Such an attempt ended at its last sign of life; its recording is repaired and filed. An attempt whose
        recording is still held open by its process is alive, whatever its heartbeat says.
        """
        silent = or_(
            and_(col(AttemptRow.media_connected_at).is_not(None), col(AttemptRow.heartbeat_at) < at - SILENT_CALL),
            and_(col(AttemptRow.media_connected_at).is_(None), col(AttemptRow.heartbeat_at) < at - SILENT_DIAL),
        )
        with self._reading() as session:
            attempts = session.exec(select(AttemptRow).where(col(AttemptRow.ended_at).is_(None), silent)).all()
        return [attempt.id for attempt in attempts if self._end_silent(attempt)]

    def _end_silent(self, attempt: AttemptRow) -> bool:
        try:
            path = find(self.folder, attempt.id)
            recording = repair(path, self.folder) if path else None
        except RecordingInUse:
            return False
        except ArchiveUnavailable as error:
            logger.bind(attempt_id=attempt.id).warning("a recording cannot be repaired now: {}", error)
            return False
        except ArchiveError as error:
            logger.bind(attempt_id=attempt.id).warning("a recording is lost: {}", error)
            recording = None
        outcome = mapping.state(attempt.dialog_state).outcome if attempt.dialog_state else None
        disposition = Disposition.FAILED if attempt.media_connected_at is None else outcome or Disposition.DROPPED
        with self._writing() as session:
            still_silent = (
                col(AttemptRow.id) == attempt.id,
                col(AttemptRow.ended_at).is_(None),
                col(AttemptRow.heartbeat_at) == attempt.heartbeat_at,
            )
            ended = session.exec(
                update(AttemptRow)
                .where(*still_silent)
                .values(ended_at=attempt.heartbeat_at, disposition=disposition.value, swept=True)
            )
            if ended.rowcount == 1 and recording is not None:
                session.add(mapping.recording_row(attempt.id, recording, "repaired"))
            return ended.rowcount == 1

    # Reading

    def unscored(self) -> tuple[AttemptTicket, ...]:
        """The last calls of interviews that were answered and have no scorecard, because their process died."""
        with self._reading() as session:
            return tuple(
                _ticket(attempt.id, interview, candidate, attempt.dialog_state)
                for interview, candidate, _, attempt in session.exec(records.unscored())
            )

    def variables(self, interview_id: str) -> dict[str, str]:
        """Words that the interview's flow leaves open. Errors: NotInArchive."""
        with self._reading() as session:
            interview = session.get(InterviewRow, records.whole_id(session, interview_id))
            return interview.variables if interview else {}

    def interviews(self, limit: int = 50) -> tuple[InterviewSummary, ...]:
        """The newest interviews, newest first."""
        with self._reading() as session:
            return records.summaries(session, limit)

    def interview(self, interview_id: str) -> InterviewRecord:
        """The interview with this id, or the only one whose id begins so. Errors: NotInArchive."""
        with self._reading() as session:
            return records.record(session, records.whole_id(session, interview_id))

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with explained(self.folder), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        engine = self._engine.execution_options(writes=True)
        with explained(self.folder), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session


def _flow(session: Session, digest: str) -> FlowRow:
    flow = session.get(FlowRow, digest)
    if flow is None:
        raise NotInArchive(f"there is no flow {digest!r}: file it first")
    return flow


def _ticket(
    attempt_id: str, interview: InterviewRow, candidate: CandidateRow, state: Mapping[str, Any] | None
) -> AttemptTicket:
    return AttemptTicket(
        attempt_id=attempt_id,
        interview_id=interview.id,
        candidate=mapping.candidate(candidate),
        flow_digest=interview.flow_digest,
        variables=interview.variables,
        state=mapping.state(state) if state else None,
    )


def _refuse_opted_out(session: Session, candidate_id: str, phone: str) -> None:
    # Somebody who opted out is not scheduled again, and so keeps the number that they had then.
    opted_out = session.exec(
        select(AttemptRow.id)
        .join(InterviewRow)
        .join(CandidateRow)
        .where(
            AttemptRow.disposition == Disposition.OPTED_OUT.value,
            or_(col(CandidateRow.id) == candidate_id, col(CandidateRow.phone) == phone),
        )
        .limit(1)
    ).first()
    if opted_out is not None:
        raise OptedOut(
            "this candidate, or somebody with the same number, asked never to be called again: take them off your list"
        )


def _attempt(session: Session, attempt_id: str) -> AttemptRow:
    """The attempt, locked for the transaction where the database locks rows."""
    attempt = session.get(AttemptRow, attempt_id, with_for_update=True)
    if attempt is None:
        raise NotInArchive(f"there is no attempt {attempt_id!r}: begin it before the call")
    return attempt


def _mirror_answers(session: Session, attempt_id: str, answers: Sequence[Answer]) -> None:
    """Makes the attempt's answer rows those of the dialog's state; only what changed is written."""
    stored = session.exec(
        select(AnswerRow).where(AnswerRow.attempt_id == attempt_id).order_by(col(AnswerRow.sequence))
    ).all()
    for row in stored[len(answers) :]:
        session.delete(row)
    for sequence, answer in enumerate(answers):
        columns = mapping.answer_columns(answer)
        if sequence < len(stored):
            for name, value in columns.items():
                setattr(stored[sequence], name, value)
        else:
            session.add(AnswerRow(attempt_id=attempt_id, sequence=sequence, **columns))
