"""Places calls: an attempt is on record before a carrier hears of it, so that nobody is called twice."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from dialog_flows.engine import lines
from dialog_flows.schema import Flow
from models.call import CallEnded, CallEvent, Candidate, DialRequest, Disposition
from models.errors import CarrierUnreachable
from telephony import token
from telephony.gateway import CallGateway
from voicebot.wiring import Parts


async def prepare(parts: Parts, flow: Flow, on_rendered: Callable[[], None] = lambda: None) -> None:
    """Render everything the interviewer may say in this call, in every language. `flow` has been filled."""
    for language in flow.languages:
        await parts.voice(language).prepare(lines(flow.in_language(language)), on_rendered)


async def schedule(parts: Parts, flow: Flow, candidate: Candidate, variables: Mapping[str, str]) -> str:
    """Put an interview on record, with the flow as it was written. Returns its id.

    Raises OptedOut when the candidate, or somebody with the same number, asked never to be called again.
    """

    def file() -> str:
        parts.archive.file_flow(flow.ref, flow.title, flow.language, flow.published_text)
        return parts.archive.schedule_interview(candidate, flow.ref, dict(variables), datetime.now(UTC))

    return await asyncio.to_thread(file)


async def place_call(
    parts: Parts,
    gateway: CallGateway,
    interview_id: str,
    to: str,
    on_event: Callable[[CallEvent], None] = lambda event: None,
) -> Disposition | None:
    """Dial and follow the call to its end. None when its media had connected: the gateway files how it ended.

    Raises OptedOut before anything is dialled, and CarrierUnreachable after filing the attempt as failed.
    """
    archive = parts.archive
    attempt_id = await asyncio.to_thread(archive.begin_attempt, interview_id, datetime.now(UTC))
    request = DialRequest(attempt_id, to, token.mint(parts.token_secret, attempt_id, time.time()))
    ended = CallEnded(Disposition.FAILED)
    try:
        leg = await gateway.dial(request)
        async for event in leg.events():
            on_event(event)
            if isinstance(event, CallEnded):
                ended = event
    except CarrierUnreachable:
        await asyncio.to_thread(archive.end_attempt, attempt_id, Disposition.FAILED, {}, None, datetime.now(UTC))
        raise
    if ended.disposition is not None:
        await asyncio.to_thread(archive.end_attempt, attempt_id, ended.disposition, {}, None, datetime.now(UTC))
    elif await asyncio.to_thread(archive.end_unconnected, attempt_id, datetime.now(UTC)):
        return Disposition.FAILED
    return ended.disposition
