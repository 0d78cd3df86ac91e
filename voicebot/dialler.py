"""Places calls: an attempt is on record before a carrier hears of it, so that nobody is called twice."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from dialog_flows.engine import lines
from dialog_flows.schema import Flow
from models.call import CallAnswered, CallEnded, CallEvent, Candidate, DialRequest, Disposition
from telephony import token
from telephony.gateway import CallGateway, CallLeg
from telephony.jurisdictions import load
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
        parts.archive.flows.file(flow.ref, flow.title, flow.language, flow.published_text)
        return parts.archive.schedule_interview(candidate, flow.ref, dict(variables), datetime.now(UTC))

    return await asyncio.to_thread(file)


async def place_call(
    parts: Parts,
    gateway: CallGateway,
    interview_id: str,
    to: str,
    on_event: Callable[[CallEvent], None] = lambda event: None,
    *,
    ring_within_ms: int | None = None,
    hold: Callable[[CallLeg, str], Awaitable[None]] | None = None,
    attempt_id: str | None = None,
) -> Disposition | None:
    """Dial and follow the call to its end. None when its media had connected: whoever held it files how it ended.

    `hold` holds the call, given its leg and its attempt's id, of a carrier whose audio comes with the leg. The call has
    a slot from before it is on record; who has taken one already names it with `attempt_id`. Raises NoFreeSlot and
    NotToBeDialled before anything is, and TelephonyError after filing the attempt as failed.
    """
    attempt_id = attempt_id or uuid4().hex
    quotas = load(parts.settings.calling_rules).of(to).quotas if gateway.rings_people else None
    begin = partial(parts.archive.begin_attempt, interview_id, attempt_id=attempt_id, quotas=quotas)
    with parts.live_calls.slot(attempt_id):
        await asyncio.to_thread(begin, datetime.now(UTC))
        stream_token = token.mint(parts.token_secret, attempt_id, time.time())
        request = DialRequest(attempt_id, to, stream_token, ring_within_ms=ring_within_ms)
        return await _dial(parts, gateway, request, on_event, hold)


async def _dial(
    parts: Parts,
    gateway: CallGateway,
    request: DialRequest,
    on_event: Callable[[CallEvent], None],
    hold: Callable[[CallLeg, str], Awaitable[None]] | None,
) -> Disposition | None:
    archive, attempt_id = parts.archive, request.attempt_id
    disposition: Disposition | None = Disposition.FAILED
    try:
        leg = await gateway.dial(request)
        try:
            disposition = await _follow(leg, attempt_id, on_event, hold)
        except asyncio.CancelledError:
            await leg.hang_up()
            raise
    finally:
        now = datetime.now(UTC)
        if disposition is not None:
            await asyncio.to_thread(archive.end_attempt, attempt_id, disposition, {}, None, now)
        elif await asyncio.to_thread(archive.end_unconnected, attempt_id, now):
            disposition = Disposition.FAILED
    return disposition


async def _follow(
    leg: CallLeg,
    attempt_id: str,
    on_event: Callable[[CallEvent], None],
    hold: Callable[[CallLeg, str], Awaitable[None]] | None,
) -> Disposition | None:
    disposition: Disposition | None = Disposition.FAILED
    holding: asyncio.Task[None] | None = None
    async for event in leg.events():
        on_event(event)
        match event:
            case CallAnswered() if hold is not None:
                holding = asyncio.ensure_future(hold(leg, attempt_id))
            case CallEnded():
                disposition = event.disposition
    if holding is not None:
        await holding
    return disposition
