"""One candidate telephoned through a real carrier, by the process that holds the call: what `voicebot call` does."""

import asyncio
import secrets
from datetime import UTC, datetime

from dialog_flows.schema import Flow
from models.call import Candidate
from models.errors import UsageError
from telephony.gateway import CallLeg
from telephony.numbers import may_ring, next_opening, rings_until
from telephony.sip import SipGateway, SipLeg
from telephony.twilio import TwilioGateway
from voicebot import dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.call import run_call
from voicebot.conversation import CallObserver
from voicebot.pipeline.sip import SipTransport
from voicebot.wiring import Parts


def ring_within_ms(number: str) -> int:
    """For how long from now `number` (E.164) may be rung. Raises UsageError when it may not be at all."""
    now = datetime.now(UTC)
    if may_ring(number, now):
        return round((rings_until(number, now) - now).total_seconds() * 1000)
    opening = next_opening(number, now)
    when = f"it may from {opening.astimezone():%d %b %H:%M} your time" if opening else "nobody knows where it is"
    raise UsageError(f"this number may not be rung now, by the hour where it is: {when}; --at-any-hour calls it anyway")


def candidate(name: str, number: str) -> Candidate:
    return Candidate(f"call-{secrets.token_hex(4)}", name, number)


async def hold(
    parts: Parts,
    gateway: TwilioGateway | SipGateway,
    flow: Flow,
    variables: dict[str, str],
    who: Candidate,
    observer: CallObserver,
    most_ringing_ms: int | None,
) -> str:
    """Call `who`, hold the interview over `flow` (filled) and file it. Returns the interview's id.

    `most_ringing_ms`: how soon it must ring. Raises TelephonyError, PortInUse or OptedOut.
    """
    interview_id = await dialler.schedule(parts, flow, who, variables)
    if isinstance(gateway, SipGateway):

        async def take(leg: CallLeg, attempt_id: str) -> None:
            assert isinstance(leg, SipLeg)
            ticket = await asyncio.to_thread(parts.archive.redeem_attempt, attempt_id, datetime.now(UTC))
            await run_call(parts, SipTransport(leg), ticket, observer)

        try:
            await dialler.place_call(parts, gateway, interview_id, who.phone, hold=take)
        finally:
            await gateway.close()
        return interview_id
    settings = parts.settings
    app = create_app(parts, lambda _: observer, twilio=gateway)
    async with serving(app, listen(settings.host, settings.port)):
        await dialler.place_call(parts, gateway, interview_id, who.phone, ring_within_ms=most_ringing_ms)
        await parts.live_calls.ended()
    return interview_id
