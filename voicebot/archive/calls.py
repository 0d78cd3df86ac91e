"""The life of an interview, each line one transaction:

    flows.publish       the questions, word for word, for good
    flows.file          the same, when a flow is tried before it is published
    schedule_interview  who is to be asked what
    begin_attempt       before the carrier is asked to dial
    redeem_attempt      the call's media has connected; works once
    recording_writer    the recording begins
    record …            what was just said, and where the dialog now stands
    heartbeat …         every few seconds while nothing is said
    end_attempt         how the call ended, what was measured, the recording
    file_scorecard

A process may die after any of these. `sweep` then ends what it left, with all that was said.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from loguru import logger
from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import col, select

from models.archive import Entry
from models.call import Candidate, Disposition, Quota
from models.dialog import DialogState
from models.errors import ArchiveError, ArchiveUnavailable, NotInArchive, TokenRefused
from models.interview import FlowRef, RecordingFile, Scorecard
from models.speech import TranscriptLine
from models.tables import (
    AttemptRow,
    InterviewRow,
    PersonRow,
    RecordingRow,
    UtteranceRow,
)
from voicebot.archive import audit, dialling, filing, flows, intake, jobs, mapping, people, records, search
from voicebot.archive.database import Database, Transaction
from voicebot.archive.recordings import RecordingInUse, RecordingWriter, new_key, path_for, repair

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
    connected_at: datetime | None
    """When its media connected."""
    state: DialogState | None
    """Where the last call of this interview stopped, to go on from there; None at the first."""


class Calls:
    """What a call files, before, while and after it is held. Part of `Archive`."""

    database: Database

    # Before the call

    def schedule_interview(
        self,
        candidate: Candidate,
        flow: FlowRef,
        variables: dict[str, str],
        at: datetime,
        *,
        job_id: str | None = None,
        actor: str = audit.MACHINE,
    ) -> str:
        """The new interview's id. The candidate's name and number become those given here.

        Errors: NotInArchive when the flow was not filed, or there is no such job; JobClosed; OptedOut when this
        candidate, or somebody with this number, asked never to be called again.
        """
        interview_id = uuid4().hex
        with self.database.writing() as session:
            flows.known(session, flow.digest)
            if job_id is not None:
                jobs.refuse_closed(session, job_id)
            people.refuse_opted_out(session, candidate)
            [(person_id, _)] = intake.file_all(session, [Entry(candidate)], at)
            session.add(
                InterviewRow(
                    id=interview_id,
                    person_id=person_id,
                    job_id=job_id,
                    flow_digest=flow.digest,
                    created_at=at,
                    document=session.seal(InterviewRow, (interview_id,), variables),
                )
            )
            audit.append(session, at, actor, "schedule", interview_id, person=person_id, flow=flow.digest, job=job_id)
        return interview_id

    def begin_attempt(
        self, interview_id: str, at: datetime, *, attempt_id: str | None = None, quotas: Sequence[Quota] | None = None
    ) -> str:
        """The id of a new attempt (`attempt_id`, if given); call it before the carrier is asked to dial.

        `quotas`: how often the number may be rung; None where no person is, as with simulated phones.

        Errors: NotInArchive; OptedOut when the candidate, or somebody with this number, asked never to be called again;
        with `quotas` also every other NotToBeDialled.
        """
        attempt_id = attempt_id or uuid4().hex
        with self.database.writing() as session:
            person = people.of_interview(session, interview_id)
            if person is None:
                raise NotInArchive(f"there is no interview {interview_id!r}: schedule it before it is dialled")
            people.refuse_opted_out(session, mapping.candidate(session, person))
            if quotas is not None:
                dialling.wait_for_number(session, person)
                dialling.refuse(session, interview_id, person, quotas, at)
            session.add(AttemptRow(id=attempt_id, interview_id=interview_id, dialled_at=at, heartbeat_at=at))
        return attempt_id

    def refuse_dial(self, interview_id: str, at: datetime, quotas: Sequence[Quota]) -> None:
        """Raises what `begin_attempt` would, sooner."""
        with self.database.reading() as session:
            person = people.of_interview(session, interview_id)
            if person is None:
                raise NotInArchive(f"there is no interview {interview_id!r}")
            people.refuse_opted_out(session, mapping.candidate(session, person))
            dialling.refuse(session, interview_id, person, quotas, at)

    # During the call

    def redeem_attempt(self, attempt_id: str, at: datetime) -> AttemptTicket:
        """Lets the attempt's media in, once. `at` becomes zero of the call's milliseconds.

        What was answered in earlier calls of the interview is on file with this one from now on, and a scorecard made
        of them alone gives way to the one that follows.

        Errors: TokenRefused the second time, after the attempt ended, and when there is no such attempt.
        """
        with self.database.writing() as session:
            waiting = (
                col(AttemptRow.id) == attempt_id,
                col(AttemptRow.media_connected_at).is_(None),
                col(AttemptRow.ended_at).is_(None),
            )
            redeemed = session.exec(update(AttemptRow).where(*waiting).values(media_connected_at=at, heartbeat_at=at))
            if redeemed.rowcount != 1:
                raise TokenRefused("no call waits for this media stream, or its token was used before: dial again")
            interview, person = session.exec(
                select(InterviewRow, PersonRow)
                .join(PersonRow)
                .join(AttemptRow, col(AttemptRow.interview_id) == InterviewRow.id)
                .where(AttemptRow.id == attempt_id)
            ).one()
            last = session.exec(
                select(AttemptRow)
                .where(AttemptRow.interview_id == interview.id, col(AttemptRow.document).is_not(None))
                .order_by(col(AttemptRow.dialled_at).desc(), col(AttemptRow.id).desc())
                .limit(1)
            ).first()
            ticket = _ticket(session, attempt_id, interview, person, at, last)
            if ticket.state is not None:
                filing.carry_over(session, interview.id, attempt_id, ticket.state, at)
            return ticket

    def recording_writer(self, attempt_id: str, at: datetime) -> RecordingWriter:
        """Begins the attempt's recording. Errors: ArchiveError when it has one."""
        folder, path, key = self.database.folder, path_for(attempt_id, at), new_key()
        with self.database.writing() as session:
            row = session.get(RecordingRow, attempt_id)
            if row is not None and (row.state != "open" or (folder / row.path).exists()):
                raise ArchiveError(f"the attempt {attempt_id} has a recording already: begin another attempt")
            if row is not None:
                session.delete(row)
                session.flush()
            session.add(
                RecordingRow(
                    attempt_id=attempt_id,
                    path=path,
                    sha256="",
                    duration_ms=0,
                    state="open",
                    document=filing.sealed_key(session, attempt_id, key),
                )
            )
        return RecordingWriter.open(folder, path, key)

    def record(self, attempt_id: str, lines: Sequence[TranscriptLine], state: DialogState, at: datetime) -> None:
        """Files what was said since the last step, and where the dialog stands after it. Errors: NotInArchive."""
        with self.database.writing() as session:
            attempt = _attempt(session, attempt_id)
            attempt.document = session.seal(AttemptRow, (attempt_id,), mapping.STATE.dump_python(state, mode="json"))
            attempt.heartbeat_at = at
            last = session.exec(
                select(func.max(UtteranceRow.sequence)).where(UtteranceRow.attempt_id == attempt_id)
            ).one()
            first = 0 if last is None else last + 1
            rows = [mapping.utterance_row(session, attempt_id, n, line) for n, line in enumerate(lines, first)]
            session.insert_new(UtteranceRow, rows)
            search.index(session, attempt.interview_id, lines)
            filing.mirror_answers(session, attempt_id, state.answers)

    def heartbeat(self, attempt_id: str, at: datetime) -> None:
        """A sign of life; due every 5 s, so that `sweep` leaves the attempt alone. Errors: NotInArchive."""
        with self.database.writing() as session:
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

        Errors: NotInArchive; ArchiveError when a fact is neither number nor text.
        """
        try:
            json.dumps(facts)
        except TypeError as error:
            raise ArchiveError(f"the archive cannot keep this: {error}") from error
        with self.database.writing() as session:
            attempt = _attempt(session, attempt_id)
            if attempt.ended_at is not None and not attempt.swept:
                return
            attempt.ended_at = at
            attempt.disposition = disposition.value
            attempt.swept = False
            attempt.facts = facts
            _file_end(session, attempt, recording, "closed")

    def end_unconnected(self, attempt_id: str, at: datetime) -> bool:
        """Ends the attempt as FAILED if no media has connected; none can from then on. Returns whether it did."""
        with self.database.writing() as session:
            attempt = _attempt(session, attempt_id)
            if attempt.media_connected_at is not None or attempt.ended_at is not None:
                return False
            attempt.ended_at = at
            attempt.disposition = Disposition.FAILED.value
            _file_end(session, attempt, None, "closed")
            return True

    def file_scorecard(
        self, interview_id: str, card: Scorecard, at: datetime | None = None, actor: str = audit.MACHINE
    ) -> None:
        """Files the interview's scorecard in place of the one before, which stays among the past ones.

        Overrides go on standing where the criterion is the same. `at`: now, unless given. Errors: NotInArchive.
        """
        with self.database.writing() as session:
            if session.get(InterviewRow, interview_id, with_for_update=True) is None:
                raise NotInArchive(f"there is no interview {interview_id!r} to score")
            filing.file_scorecard(session, interview_id, card, at, actor)

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
        with self.database.reading() as session:
            attempts = session.exec(select(AttemptRow).where(col(AttemptRow.ended_at).is_(None), silent)).all()
        return [attempt.id for attempt in attempts if self._end_silent(attempt)]

    def _end_silent(self, attempt: AttemptRow) -> bool:
        try:
            recording = self._repaired(attempt.id)
        except RecordingInUse:
            return False
        except ArchiveUnavailable as error:
            logger.bind(attempt_id=attempt.id).warning("a recording cannot be repaired now: {}", error)
            return False
        except ArchiveError as error:
            logger.bind(attempt_id=attempt.id).warning("a recording is lost: {}", error)
            recording = None
        with self.database.writing() as session:
            now = _attempt(session, attempt.id)
            if now.ended_at is not None or now.heartbeat_at != attempt.heartbeat_at:
                return False
            state = mapping.state(session, now)
            outcome = (state.outcome if state else None) or Disposition.DROPPED
            now.ended_at = now.heartbeat_at
            now.disposition = (Disposition.FAILED if now.media_connected_at is None else outcome).value
            now.swept = True
            _file_end(session, now, recording, "repaired")
            return True

    def _repaired(self, attempt_id: str) -> RecordingFile | None:
        with self.database.reading() as session:
            row = session.get(RecordingRow, attempt_id)
            key = filing.opened_key(session, row) if row else b""
        if row is None or not (self.database.folder / row.path).exists():  # never begun, or thrown away after a "no"
            return None
        return repair(self.database.folder, row.path, key)

    def unscored(self) -> tuple[AttemptTicket, ...]:
        """The last calls of interviews that were answered and have no scorecard, because their process died."""
        with self.database.reading() as session:
            return tuple(
                _ticket(session, attempt.id, interview, person, attempt.media_connected_at, attempt)
                for interview, person, _, attempt in session.exec(records.unscored())
            )


def _ticket(
    session: Transaction,
    attempt_id: str,
    interview: InterviewRow,
    person: PersonRow,
    connected_at: datetime | None,
    last: AttemptRow | None,
) -> AttemptTicket:
    return AttemptTicket(
        attempt_id=attempt_id,
        interview_id=interview.id,
        candidate=mapping.candidate(session, person),
        flow_digest=interview.flow_digest,
        variables=session.opened(interview, mapping.VARIABLES),
        connected_at=connected_at,
        state=mapping.state_of_call(session, last) if last else None,
    )


def _attempt(session: Transaction, attempt_id: str) -> AttemptRow:
    """The attempt, locked for the transaction where the database locks rows."""
    attempt = session.get(AttemptRow, attempt_id, with_for_update=True)
    if attempt is None:
        raise NotInArchive(f"there is no attempt {attempt_id!r}: begin it before the call")
    return attempt


def _file_end(session: Transaction, attempt: AttemptRow, recording: RecordingFile | None, state: str) -> None:
    """The recording's row, the block of who opted out, and the audit's word on what was filed of the call."""
    row = session.get(RecordingRow, attempt.id)
    if recording is None:
        session.exec(delete(RecordingRow).where(col(RecordingRow.attempt_id) == attempt.id))
    elif row is None:
        raise NotInArchive(f"the recording of attempt {attempt.id} was not begun here: use `recording_writer`")
    else:
        row.path, row.sha256, row.duration_ms, row.state = (
            recording.path,
            recording.sha256,
            recording.duration_ms,
            state,
        )
    assert attempt.ended_at is not None
    if attempt.disposition == Disposition.OPTED_OUT.value:
        person = people.of_interview(session, attempt.interview_id)
        assert person is not None
        people.block(session, person, attempt.ended_at)
        audit.append(session, attempt.ended_at, audit.MACHINE, "opt_out", person.id, interview=attempt.interview_id)
    session.flush()
    filing.vouch_for_attempt(session, attempt)
