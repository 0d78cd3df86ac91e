"""Whether an account is ready to call candidates, in plain words."""

import asyncio
from collections.abc import AsyncIterator

import requests
from twilio.twiml.voice_response import VoiceResponse

from models.errors import TelephonyError
from telephony.finding import Finding, Verdict
from telephony.twilio.gateway import REQUEST_TIMEOUT_S, TwilioGateway

HEALTH_PATH = "/healthz"
TEST_CALL_S = 5


async def check(gateway: TwilioGateway) -> AsyncIterator[Finding]:
    """Everything that must be right before the first call, one finding after the other; stops where none can follow."""
    account_finding = await _account(gateway)
    yield account_finding
    if account_finding.verdict is Verdict.BAD:
        return
    yield await _caller_id(gateway)
    yield await asyncio.to_thread(_public_url, gateway)
    yield Finding(
        Verdict.NOTE,
        "an account places one call a second unless Twilio has raised it; what is asked faster waits at Twilio, and a "
        "call that would ring outside the fit hours is cancelled",
    )


async def place_test_call(gateway: TwilioGateway, to: str) -> Finding:
    """Calls `to` (E.164), says a sentence and hangs up within 5 seconds."""
    twiml = VoiceResponse()
    twiml.say("This is a test call of voicebot. Goodbye.")
    twiml.hangup()
    try:
        call = await gateway.ask(
            lambda client: client.calls.create(
                to=to, from_=gateway.account.caller_id, twiml=str(twiml), timeout=15, time_limit=TEST_CALL_S
            )
        )
    except TelephonyError as error:
        return Finding(Verdict.BAD, str(error))
    return Finding(Verdict.GOOD, f"Twilio places the call: {call.sid}")


async def _account(gateway: TwilioGateway) -> Finding:
    try:
        account = await gateway.ask(lambda client: client.api.accounts(gateway.account.account_sid).fetch())
    except TelephonyError as error:
        return Finding(Verdict.BAD, str(error))
    if account.status != "active":
        return Finding(Verdict.BAD, f"the account is {account.status}: see why in Twilio's console")
    if account.type == "Trial":
        return Finding(
            Verdict.NOTE,
            "this is a trial account: it calls verified numbers only, and Twilio speaks before our disclosure does: "
            "upgrade it before you call candidates",
        )
    return Finding(Verdict.GOOD, f"the account {account.friendly_name!r} is active")


async def _caller_id(gateway: TwilioGateway) -> Finding:
    number = gateway.account.caller_id
    try:
        owned = await gateway.ask(lambda client: client.incoming_phone_numbers.list(phone_number=number, limit=1))
        if owned:
            if not owned[0].capabilities.get("voice", False):
                return Finding(Verdict.BAD, f"the caller ID {number} is for messages only: buy a number with voice")
            return Finding(Verdict.GOOD, f"the caller ID {number} belongs to the account and can be called back")
        verified = await gateway.ask(lambda client: client.outgoing_caller_ids.list(phone_number=number, limit=1))
    except TelephonyError as error:
        return Finding(Verdict.BAD, str(error))
    if verified:
        return Finding(Verdict.GOOD, f"the caller ID {number} is verified; see that somebody answers it")
    return Finding(
        Verdict.BAD,
        f"the caller ID {number} is neither a number of this account nor verified: buy one or verify it in the "
        "console, or set VOICEBOT_TWILIO_CALLER_ID",
    )


def _public_url(gateway: TwilioGateway) -> Finding:
    url = gateway.account.webhook_url(HEALTH_PATH)
    mend = "start `voicebot serve`, and have your proxy pass this address on to it, WebSockets included"
    try:
        answer = requests.get(url, timeout=REQUEST_TIMEOUT_S, allow_redirects=False)
    except requests.exceptions.SSLError:
        return Finding(Verdict.BAD, f"{url} has a certificate that is not valid; Twilio refuses it: renew it")
    except requests.RequestException as error:
        return Finding(Verdict.BAD, f"{url} does not answer ({type(error).__name__}): {mend}")
    if answer.status_code != 200 or answer.text.strip() != '{"status":"ok"}':
        return Finding(Verdict.BAD, f"{url} answers {answer.status_code}, and it is not voicebot: {mend}")
    return Finding(Verdict.GOOD, f"{url} answers, as seen from here; Twilio must reach it from the internet too")
