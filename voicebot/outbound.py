"""One candidate telephoned through a real carrier, by the process that holds the call: what `voicebot call` does."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from dialog_flows.loader import parse_published
from dialog_flows.schema import Flow
from models.archive import CALL_CONSENT
from models.call import Candidate
from models.errors import UsageError
from telephony.gateway import CallLeg
from telephony.jurisdictions import CallingRules
from telephony.numbers import may_ring, next_opening, rings_until
from telephony.sip import SipGateway, SipLeg
from telephony.twilio import TwilioGateway
from voicebot import dialler, filling
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.archive.store import Archive
from voicebot.call import run_call
from voicebot.conversation import CallObserver
from voicebot.pipeline.sip import SipTransport
from voicebot.settings import Settings
from voicebot.wiring import Parts


def ring_within_ms(number: str, rules: CallingRules) -> int:
    """For how long from now `number` (E.164) may be rung. Raises UsageError when it may not be at all."""
    now = datetime.now(UTC)
    if may_ring(number, now, rules):
        return round((rings_until(number, now, rules) - now).total_seconds() * 1000)
    opening = next_opening(number, now, rules)
    when = f"it may from {opening.astimezone():%d %b %H:%M} your time" if opening else "nobody knows where it is"
    raise UsageError(f"this number may not be rung now, by the hour where it is: {when}; --at-any-hour calls it anyway")


@dataclass(frozen=True, slots=True)
class Errand:
    """Whom to call, and about what."""

    who: Candidate
    flow: Flow
    """Filled."""
    variables: dict[str, str]
    interview_id: str | None = None
    """An interview on file, which goes on where it stopped; None: a new one."""


def new_errand(
    archive: Archive, settings: Settings, flow: Flow, name: str, number: str, consent: str | None = None
) -> Errand:
    """A first call. `consent`: the text on which the operator says that they agreed to be called; it is filed.

    Raises NoConsent where none is on file.
    """
    who = _person(archive, name, number)
    if consent and consent.strip():
        now = datetime.now(UTC)
        archive.people.consent(archive.people.file(who, now).id, CALL_CONSENT, consent, "operator", now)
    archive.people.require_call_consent(number)
    variables = filling.variables(flow, settings, name)
    return Errand(who, flow.fill(variables), variables)


def further_errand(archive: Archive, interview_id: str, rules: CallingRules) -> Errand:
    """A further call of an interview that is not over. Raises NotInArchive and NotToBeDialled."""
    record = archive.interview(interview_id)
    archive.refuse_dial(record.id, datetime.now(UTC), rules.of(record.candidate.phone).quotas)
    variables = archive.variables(record.id)
    flow = parse_published(archive.flows.text(record.flow.digest)).fill(variables)
    return Errand(record.candidate, flow, variables, record.id)


def _person(archive: Archive, name: str, number: str) -> Candidate:
    """Who is on file with this name and number, or somebody new."""
    for person in archive.people.search(name):
        if person.candidate.name == name and person.candidate.phone == number:
            return person.candidate
    return Candidate(f"call-{secrets.token_hex(4)}", name, number)


async def carry_out(
    parts: Parts,
    gateway: TwilioGateway | SipGateway,
    errand: Errand,
    observer: CallObserver,
    most_ringing_ms: int | None,
) -> str:
    """Call about `errand`, whose lines have been rendered. Returns the interview's id. Raises as `hold`."""
    if errand.interview_id is None:
        return await hold(parts, gateway, errand.flow, errand.variables, errand.who, observer, most_ringing_ms)
    await call(parts, gateway, errand.interview_id, errand.who.phone, observer, most_ringing_ms)
    return errand.interview_id


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

    `most_ringing_ms`: how soon it must ring. Raises TelephonyError, PortInUse or NotToBeDialled.
    """
    interview_id = await dialler.schedule(parts, flow, who, variables)
    await call(parts, gateway, interview_id, who.phone, observer, most_ringing_ms)
    return interview_id


async def call(
    parts: Parts,
    gateway: TwilioGateway | SipGateway,
    interview_id: str,
    number: str,
    observer: CallObserver,
    most_ringing_ms: int | None,
) -> None:
    """Call about an interview that is on file, for the first time or once more. Raises as `hold`."""
    if isinstance(gateway, SipGateway):

        async def take(leg: CallLeg, attempt_id: str) -> None:
            assert isinstance(leg, SipLeg)
            ticket = await asyncio.to_thread(parts.archive.redeem_attempt, attempt_id, datetime.now(UTC))
            await run_call(parts, SipTransport(leg), ticket, observer)

        try:
            await dialler.place_call(parts, gateway, interview_id, number, hold=take)
        finally:
            await gateway.close()
        return
    settings = parts.settings
    app = create_app(parts, lambda _: observer, twilio=gateway, api=False)
    async with serving(app, listen(settings.host, settings.port)):
        await dialler.place_call(parts, gateway, interview_id, number, ring_within_ms=most_ringing_ms)
        await parts.live_calls.ended()
