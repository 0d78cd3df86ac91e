"""Our Twilio gateway against two Twilios that others wrote: one keeps state and calls back, one knows the contract."""

import asyncio
import contextlib

import pytest
from fastapi import FastAPI, WebSocketDisconnect
from tap import tapped
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from models.call import CallAnswered, CallEnded, CallRinging, DialRequest, Disposition
from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused, OutcomeUnknown
from telephony.twilio import TwilioAccount, TwilioGateway, gateway
from voicebot.api.server import listen, serving
from voicebot.api.twilio import router

SID = "AC" + "0" * 32
AUTH_TOKEN = "twilio_test_auth_token"
CALLER_ID = "+15551234567"
MAYA = "+14155550123"
SIMULATE = "https://api.twilio.com/_twilio/simulate/call-status"


def account(api_url, public_url="https://calls.example.com", **changes):
    return TwilioAccount(
        **{"account_sid": SID, "auth_token": AUTH_TOKEN, "caller_id": CALLER_ID} | changes,
        public_url=public_url,
        api_url=api_url,
    )


def request(attempt_id="a1", **changes):
    return DialRequest(**{"attempt_id": attempt_id, "to": MAYA, "stream_token": "t.1.2"} | changes)


@contextlib.asynccontextmanager
async def reachable(api_url):
    """A gateway that takes webhooks and streams. Yields it, its address, and what it took."""
    taken = []

    async def take_stream(socket):
        await socket.accept()
        taken.append("stream")
        with contextlib.suppress(WebSocketDisconnect):
            await socket.receive_text()

    app = FastAPI()
    listener = listen("127.0.0.1", 0)
    host, port = listener.getsockname()
    twilio = TwilioGateway(account(api_url, f"http://{host}:{port}"))
    app.include_router(router(twilio, take_stream, lambda attempt_id, who: taken.append((attempt_id, who))))
    async with serving(app, listener) as address:
        yield twilio, address, taken


async def happens(twilio, leg, status):
    """At the carrier, by the emulator's own control."""
    form = {"CallSid": leg.call_sid, "Status": status}
    await twilio.ask(lambda client: client.request("POST", SIMULATE, data=form, auth=(SID, AUTH_TOKEN)))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["in-progress", "completed"], [CallRinging(), CallAnswered(), CallEnded(None)]),
        (["busy"], [CallRinging(), CallEnded(Disposition.BUSY)]),
        (["no-answer"], [CallRinging(), CallEnded(Disposition.NO_ANSWER)]),
        (["failed"], [CallRinging(), CallEnded(Disposition.FAILED)]),
        (["in-progress", "ringing", "completed", "completed"], [CallRinging(), CallAnswered(), CallEnded(None)]),
    ],
)
async def test_a_call_is_placed_and_followed_to_its_end_by_signed_webhooks(emulate, monkeypatch, statuses, expected):
    monkeypatch.setattr(gateway, "ASK_EVERY_S", 60)  # nothing but the webhooks tells
    async with reachable(emulate) as (twilio, _, _), asyncio.timeout(30):
        leg = await twilio.dial(request())
        for status in statuses:
            await happens(twilio, leg, status)
        assert [event async for event in leg.events()] == expected


async def test_a_call_whose_webhooks_never_come_is_asked_after(emulate, monkeypatch):
    monkeypatch.setattr(gateway, "ASK_EVERY_S", 0.2)
    twilio = TwilioGateway(account(emulate))
    leg = await twilio.dial(request())
    await leg.hang_up()
    async with asyncio.timeout(30):
        events = [event async for event in leg.events()]
    assert isinstance(events[-1], CallEnded)


async def test_twilios_own_description_accepts_every_request_we_make(prism):
    twilio = TwilioGateway(account(prism))
    leg = await twilio.dial(request(ring_within_ms=3_600_000))
    assert leg.call_sid.startswith("CA")
    await twilio.ask(lambda client: client.calls(leg.call_sid).fetch())
    await twilio.ask(lambda client: client.calls(leg.call_sid).update(status="completed"))
    await twilio.ask(lambda client: client.calls(leg.call_sid).update(status="canceled"))
    await twilio.ask(lambda client: client.calls.list(to=MAYA, from_=CALLER_ID, limit=1))
    await twilio.ask(lambda client: client.api.accounts(SID).fetch())
    await twilio.ask(lambda client: client.incoming_phone_numbers.list(phone_number=CALLER_ID, limit=1))
    await twilio.ask(lambda client: client.outgoing_caller_ids.list(phone_number=CALLER_ID, limit=1))


@pytest.mark.parametrize(
    ("changes", "to", "error"),
    [
        ({"auth_token": "wrong"}, MAYA, CarrierRefused),
        ({"caller_id": "+15550001111"}, MAYA, CarrierRefused),
        ({}, "", NumberRefused),
    ],
    ids=["wrong token", "caller id of somebody else", "no number"],
)
async def test_what_twilio_refuses_says_what_to_mend(emulate, changes, to, error):
    twilio = TwilioGateway(account(emulate, **changes))
    with pytest.raises(error) as refused:
        await twilio.dial(request(to=to))
    assert not refused.value.retryable
    assert MAYA not in str(refused.value)


async def test_a_twilio_that_cannot_be_reached_was_never_asked():
    with pytest.raises(CarrierUnreachable, match="internet"):
        await TwilioGateway(account("http://127.0.0.1:9")).dial(request())


async def calls_to(twilio, number):
    return await twilio.ask(lambda client: client.calls.list(to=number))


async def test_a_call_whose_answer_got_lost_is_found_and_not_placed_again(emulate, monkeypatch):
    monkeypatch.setattr(gateway, "LOOK_FOR_S", (0.1,) * 5)
    number = "+14155550177"
    async with tapped(emulate, unanswered=b"/Calls.json") as (url, _):
        twilio = TwilioGateway(account(url))
        leg = await twilio.dial(request(to=number))
        (call,) = await calls_to(twilio, number)
    assert leg.call_sid == call.sid


async def test_a_call_that_cannot_be_found_is_left_to_a_person(monkeypatch):
    monkeypatch.setattr(gateway, "LOOK_FOR_S", (0.01,))

    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(OutcomeUnknown, match="attempt a1"):
            await TwilioGateway(account(url)).dial(request())


def signed(url, form=()):
    return {"X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(url, dict(form))}


async def post(address, path, body, headers):
    reader, writer = await asyncio.open_connection(*address.split(":"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    status = int((await reader.read()).split()[1])
    writer.close()
    return status


async def test_webhooks_that_twilio_did_not_sign_are_refused_and_change_nothing(emulate):
    async with reachable(emulate) as (_, address, taken):
        path = "/twilio/answered-by/a1"
        url = f"http://{address}{path}"
        body = b"CallSid=CA1&AnsweredBy=human"
        form = {"CallSid": "CA1", "AnsweredBy": "human"}
        assert await post(address, path, body, {}) == 403
        assert await post(address, path, body, {"X-Twilio-Signature": "x"}) == 403
        assert await post(address, path, body + b"&More=1", signed(url, form)) == 403
        assert await post(address, path.replace("a1", "a2"), body, signed(url, form)) == 403
        assert await post(address, path, b"x" * 100_000, signed(url, form)) == 413
        assert await post(address, path, b"\xff=\xff", {}) in (400, 403)
        assert taken == []
        assert await post(address, path, body, signed(url, form)) == 204
        assert await post(address, path, b"CallSid=CA1", signed(url, {"CallSid": "CA1"})) == 400
    assert taken == [("a1", "human")]


async def test_a_stream_that_twilio_did_not_sign_is_refused_before_it_is_accepted(emulate):
    async with reachable(emulate) as (_, address, taken):
        url = f"ws://{address}/twilio/media"
        for headers in ({}, {"X-Twilio-Signature": "x"}, signed(url + "/")):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(url, additional_headers=headers):
                    pass
            assert refused.value.response.status_code == 403
        assert taken == []
        async with connect(url, additional_headers=signed(url)):
            pass
    assert taken == ["stream"]


async def test_a_call_that_would_wait_past_the_fit_hours_is_cancelled(prism):
    """Prism's example call has waited for a second."""
    with pytest.raises(CarrierBusy, match="cancelled"):
        await TwilioGateway(account(prism)).dial(request(ring_within_ms=500))
