"""`voicebot carrier check` says in plain words what is missing, against a Twilio that keeps state."""

import dataclasses

from fastapi import FastAPI

from telephony.finding import Verdict
from telephony.twilio import TwilioAccount, TwilioGateway
from telephony.twilio.check import check, place_test_call
from voicebot.api.server import listen, serving

NOWHERE = "http://127.0.0.1:9"


def account(api_url, public_url=NOWHERE):
    return TwilioAccount("AC" + "0" * 32, "twilio_test_auth_token", "+15551234567", public_url, api_url=api_url)


async def findings(account):
    return [finding async for finding in check(TwilioGateway(account))]


async def test_an_account_that_is_ready(emulate):
    app = FastAPI()

    @app.get("/healthz")
    def healthz():
        return {"status": "ok"}

    async with serving(app, listen("127.0.0.1", 0)) as address:
        found = await findings(account(emulate, f"http://{address}"))
    assert [finding.verdict for finding in found] == [Verdict.GOOD, Verdict.GOOD, Verdict.GOOD, Verdict.NOTE]
    assert "+15551234567" in found[1].says


async def test_a_wrong_token_is_all_that_is_said(emulate):
    (found,) = await findings(dataclasses.replace(account(emulate), auth_token="wrong"))
    assert found.verdict is Verdict.BAD
    assert "VOICEBOT_TWILIO_AUTH_TOKEN" in found.says


async def test_an_address_that_nobody_answers(emulate):
    _, _, public_url, _ = await findings(account(emulate))
    assert public_url.verdict is Verdict.BAD
    assert "voicebot serve" in public_url.says


async def test_an_address_that_is_somebody_elses(emulate):
    async with serving(FastAPI(), listen("127.0.0.1", 0)) as address:
        found = await findings(account(emulate, f"http://{address}"))
    assert "404" in found[2].says


async def test_a_test_call(emulate):
    found = await place_test_call(TwilioGateway(account(emulate)), "+14155550123")
    assert found.verdict is Verdict.GOOD
    assert " CA" in found.says


async def test_a_test_call_that_twilio_does_not_place(emulate):
    gateway = TwilioGateway(dataclasses.replace(account(emulate), caller_id="+15550001111"))
    found = await place_test_call(gateway, "+14155550123")
    assert found.verdict is Verdict.BAD
    assert "VOICEBOT_TWILIO_CALLER_ID" in found.says
