"""One call from the first packet to the filed scorecard. The page to read first.

    load the very flow that was published -> hold the interview -> close the recording -> score -> file

Whatever goes wrong in between, what was said is in the archive already, line by line.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from loguru import logger

from dialog_flows.loader import parse_published
from dialog_flows.schema import Flow
from models.call import Disposition
from models.dialog import DialogState
from models.errors import ArchiveError, VoicebotError
from models.interview import RecordingFile
from telephony.numbers import zone
from voicebot.archive.store import AttemptTicket
from voicebot.assessment import assessed, assessor, skill_namer
from voicebot.conversation import CallObserver, Conversation
from voicebot.faq import faq_namer
from voicebot.pipeline.session import CallSession, Line
from voicebot.wiring import Parts

HEARTBEAT_S = 5
"""How often a call tells the archive that its process is alive."""


async def run_call(parts: Parts, line: Line, ticket: AttemptTicket, observer: CallObserver) -> None:
    """Hold the interview that `ticket` admits over `line`, and file it. Faults are filed too."""
    try:
        async with _alive(parts, ticket.attempt_id):
            await _hold(parts, line, ticket, observer)
    except Exception as error:
        logger.opt(exception=not isinstance(error, VoicebotError)).error("call failed: {}", error)
        with contextlib.suppress(ArchiveError):
            await _end(parts, ticket, Disposition.FAILED)
            await asyncio.to_thread(_score_unscored, parts, ticket.interview_id)
    finally:
        observer.filed(ticket.interview_id)


async def _hold(parts: Parts, line: Line, ticket: AttemptTicket, observer: CallObserver) -> None:
    flow = await asyncio.to_thread(_published, parts, ticket)
    where = zone(ticket.candidate.phone, datetime.now(UTC))
    conversation = Conversation(
        flow,
        parts.archive,
        ticket.attempt_id,
        assessor(flow, parts.embedder),
        observer,
        faq_namer(flow, parts.embedder),
        skill_namer(flow, parts.embedder),
        where,
        ticket.state,
    )
    spoken = flow.in_language(conversation.state.language).language
    session = CallSession(
        line,
        conversation,
        recognition=parts.recognition,
        voices=parts.voice,
        languages=sorted(flow.languages, key=lambda language: language != spoken),  # the one it begins in first
        vad=parts.settings.vad,
        writer=await asyncio.to_thread(parts.archive.recording_writer, ticket.attempt_id, datetime.now(UTC)),
        longest_call_ms=round(flow.policies.max_call_minutes * 60_000),
    )
    parts.live_calls.on_answered(ticket.attempt_id, session.answered)
    try:
        await session.run()
    finally:
        recording = await session.close_recording()
        with contextlib.suppress(ArchiveError):
            await conversation.file()
        await _end(parts, ticket, conversation.outcome or Disposition.DROPPED, {**session.facts()}, recording)
    if conversation.state.answers:
        await asyncio.to_thread(_score, parts, ticket, flow, conversation.state)


def recover(parts: Parts) -> None:
    """End the calls whose process died, and score what was answered in them. Blocks.

    Raises ArchiveError when the archive cannot be used.
    """
    parts.archive.sweep(datetime.now(UTC))
    _score_unscored(parts)


def _score_unscored(parts: Parts, interview_id: str | None = None) -> None:
    """Scores what was answered in this interview, or in any, and has no scorecard: its last call failed."""
    for ticket in parts.archive.unscored():
        if interview_id in (None, ticket.interview_id):
            try:
                _score(parts, ticket, _published(parts, ticket), ticket.state or DialogState())
            except VoicebotError as error:
                logger.error("an interview could not be scored: {}", error)


def _published(parts: Parts, ticket: AttemptTicket) -> Flow:
    """The very flow that was scheduled, filled for this candidate."""
    return parse_published(parts.archive.flows.text(ticket.flow_digest)).fill(ticket.variables)


def _score(parts: Parts, ticket: AttemptTicket, flow: Flow, state: DialogState) -> None:
    held_on = ticket.connected_at.date() if ticket.connected_at else None
    card = assessed(ticket.interview_id, flow, state, parts.embedder, parts.calibration, held_on)
    parts.archive.file_scorecard(ticket.interview_id, card)


async def _end(
    parts: Parts,
    ticket: AttemptTicket,
    disposition: Disposition,
    facts: dict[str, int | float | str] | None = None,
    recording: RecordingFile | None = None,
) -> None:
    now = datetime.now(UTC)
    await asyncio.to_thread(parts.archive.end_attempt, ticket.attempt_id, disposition, facts or {}, recording, now)


@contextlib.asynccontextmanager
async def _alive(parts: Parts, attempt_id: str) -> AsyncIterator[None]:
    """Keeps the archive from taking the call for one whose process has died."""

    async def beat() -> None:
        while True:
            with contextlib.suppress(ArchiveError):  # the next beat may get through
                await asyncio.to_thread(parts.archive.heartbeat, attempt_id, datetime.now(UTC))
            await asyncio.sleep(HEARTBEAT_S)

    beating = asyncio.create_task(beat(), name="heartbeat")
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
