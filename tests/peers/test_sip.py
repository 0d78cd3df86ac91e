"""Our SIP gateway against Debian's baresip and kamailio, beyond what tests/conformance/test_gateways.py asks of all."""

import asyncio
import contextlib
import time

import pytest
from badphone import BadPhone
from carriers import sip_gateway, until
from registrar import PASSWORD, Registrar, make_certificate
from softphone import Softphone, free_udp_port
from sound import loudest_hz, tone

from models.call import CallAnswered, CallEnded, CallRinging, DialRequest, Disposition
from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused, UsageError


def request(**changes):
    return DialRequest(**{"attempt_id": "a1", "to": "candidate", "stream_token": "t"} | changes)


class Followed:
    """A call and what is heard in it."""

    def __init__(self, leg):
        self.leg = leg
        self.events = []
        self.heard = b""
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._listen())]

    async def _follow(self):
        async for event in self.leg.events():
            self.events.append(event)

    async def _listen(self):
        while not self.leg.audio.over:
            self.heard += self.leg.audio.hear()
            await asyncio.sleep(0.02)

    async def ended(self):
        await asyncio.wait_for(asyncio.gather(*self._tasks), 30)
        return self.events


async def answered(sip, **changes):
    call = Followed(await sip.dial(request(**changes)))
    await until(lambda: CallAnswered() in call.events)
    return call


async def test_pcma(tmp_path):
    options = "answermode=auto;audio_codecs=PCMA"
    async with Softphone(tmp_path / "phone", options=options) as phone, sip_gateway(phone.sip_port) as sip:
        call = await answered(sip)
        phone.say(tone(1000, 2000))
        said = tone(440, 1500)
        assert call.leg.audio.say(said) == len(said)
        await until(lambda: len(call.heard) > 16000 * 2 and call.leg.audio.waiting_ms() == 0)
        phone.hang_up()
        assert await call.ended() == [CallRinging(), CallAnswered(), CallEnded(None)]
    assert loudest_hz(call.heard) == pytest.approx(1000, abs=3)
    assert loudest_hz(phone.heard()) == pytest.approx(440, abs=3)


async def test_keys_are_pressed(tmp_path):
    async with Softphone(tmp_path / "phone") as phone, sip_gateway(phone.sip_port) as sip:
        call = await answered(sip)
        await until(lambda: call.heard)
        await call.leg.press("12#")
        await asyncio.sleep(0.3)
        with pytest.raises(UsageError, match="0 to 9"):
            await call.leg.press("1?")
        await call.leg.hang_up()
        await call.ended()
        with pytest.raises(CarrierUnreachable, match="the call is not there"):
            await call.leg.press("1")
    assert phone.pressed() == "12#", phone.events


async def test_a_call_that_is_put_on_hold_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("telephony.sip.gateway.NO_MEDIA_S", 2)
    async with Softphone(tmp_path / "phone") as phone, sip_gateway(phone.sip_port) as sip:
        call = await answered(sip)
        phone.say(tone(1000, 1000))
        await until(lambda: len(call.heard) > 8000 * 2)
        phone.hold()
        await until(lambda: call.leg.held)
        await asyncio.sleep(4)
        before = len(call.heard)
        assert call.leg.audio.say(tone(440, 100)) in range(0, 1601)
        phone.resume()
        await until(lambda: not call.leg.held)
        phone.say(tone(700, 3000), "again")
        await until(lambda: len(call.heard) > before + 2.5 * 16000)
        call.leg.audio.say(tone(440, 600))
        await asyncio.sleep(1)
        await call.leg.hang_up()
        assert (await call.ended())[-1] == CallEnded(None)
    assert loudest_hz(call.heard[-16000:]) == pytest.approx(700, abs=5)


async def test_a_phone_that_vanishes_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("telephony.sip.gateway.NO_MEDIA_S", 3)
    async with Softphone(tmp_path / "phone") as phone, sip_gateway(phone.sip_port) as sip:
        call = await answered(sip)
        await until(lambda: call.heard)
        phone.vanish()
        began = time.monotonic()
        assert (await call.ended())[-1] == CallEnded(None)
    assert 2 < time.monotonic() - began < 8


async def test_a_number_that_nobody_has(tmp_path):
    async with Softphone(tmp_path / "phone") as phone, sip_gateway(phone.sip_port) as sip:
        leg = await sip.dial(request(to="nobody"))
        with pytest.raises(NumberRefused, match="404"):
            [event async for event in leg.events()]


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("register", [False, True], ids=["trunk", "registered"])
async def test_a_trunk_that_is_not_there(transport, register):
    async with sip_gateway(free_udp_port(), transport=transport, register=register) as sip:
        with pytest.raises(CarrierUnreachable, match="voicebot carrier check"):
            [event async for event in (await sip.dial(request(ring_ms=1000))).events()]


NOT_UNDERSTOOD = [
    ("no-sdp", "without audio"),
    ("no-codec", "without audio"),
    ("no-audio", "without audio"),
    ("garbled-sdp", "makes no sense"),
]


async def test_nonsense_gets_one_clear_error_and_the_next_call_is_held():
    async with BadPhone() as phone, sip_gateway(phone.sip_port) as sip:
        for how, error in NOT_UNDERSTOOD:
            leg = await sip.dial(request(to=how, ring_ms=1500))
            with pytest.raises(CarrierUnreachable, match=error):
                [event async for event in leg.events()]
        for how in ("no-sip", "half-sip"):
            leg = await sip.dial(request(to=how, ring_ms=500))
            with pytest.raises(CarrierUnreachable, match="nothing ring"):
                [event async for event in leg.events()]
        for how in ("garbled-media", "good"):
            call = await answered(sip, to=how)
            await asyncio.sleep(0.5)
            await call.leg.hang_up()
            assert await call.ended() == [CallRinging(), CallAnswered(), CallEnded(None)]


@contextlib.asynccontextmanager
async def pbx(tmp_path, transport="udp", options="", **changes):
    """A PBX with the candidate's phone registered at it, and our gateway to it."""
    async with Registrar(tmp_path / "pbx") as registrar:
        account = (
            f"<sip:candidate@{registrar.domain('udp')}>;regint=60;auth_user=candidate;auth_pass={PASSWORD}{options}"
        )
        async with Softphone(tmp_path / "phone", account=account) as phone:
            await phone.registered()
            settings = {"password": PASSWORD, "transport": transport, "ca_file": registrar.certificate} | changes
            async with sip_gateway(registrar.ports[transport], **settings) as sip:
                yield sip, phone


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("register", [False, True], ids=["trunk", "registered"])
async def test_a_call_through_a_pbx_that_asks_for_a_password(tmp_path, transport, register):
    async with pbx(tmp_path, transport, register=register) as (sip, phone):
        call = await answered(sip)
        phone.say(tone(1000, 1000))
        call.leg.audio.say(tone(440, 1000))
        await until(lambda: len(call.heard) > 8000 * 2)
        await call.leg.hang_up()
        await call.ended()
    assert loudest_hz(call.heard) == pytest.approx(1000, abs=5)
    assert loudest_hz(phone.heard()) == pytest.approx(440, abs=5)


async def test_encrypted_audio(tmp_path):
    async with pbx(tmp_path, "tls", ";mediaenc=srtp-mand", srtp=True) as (sip, phone):
        call = await answered(sip)
        phone.say(tone(1000, 1000))
        await until(lambda: len(call.heard) > 8000 * 2)
        await call.leg.hang_up()
        await call.ended()
    assert loudest_hz(call.heard) == pytest.approx(1000, abs=5)


@pytest.mark.parametrize(
    ("code", "disposition"),
    [
        (486, Disposition.BUSY),
        (480, Disposition.NO_ANSWER),
        (603, Disposition.REJECTED),
    ],
)
async def test_what_the_pbx_says_of_the_candidate(tmp_path, code, disposition):
    async with pbx(tmp_path) as (sip, _):
        call = Followed(await sip.dial(request(to=f"answer-{code}")))
        assert (await call.ended())[-1] == CallEnded(disposition)


@pytest.mark.parametrize(
    ("code", "error"),
    [(404, NumberRefused), (403, CarrierRefused), (488, CarrierRefused), (503, CarrierBusy), (500, CarrierUnreachable)],
)
async def test_what_the_pbx_says_of_us(tmp_path, code, error):
    async with pbx(tmp_path) as (sip, _):
        leg = await sip.dial(request(to=f"answer-{code}"))
        with pytest.raises(error, match=str(code)):
            [event async for event in leg.events()]


@pytest.mark.parametrize("register", [False, True], ids=["trunk", "registered"])
async def test_a_wrong_password_is_named(tmp_path, register):
    async with pbx(tmp_path, register=register, password="wrong") as (sip, _):
        with pytest.raises(CarrierRefused, match="VOICEBOT_SIP_PASSWORD"):
            [event async for event in (await sip.dial(request())).events()]


async def test_a_certificate_that_does_not_match(tmp_path):
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other")
    async with pbx(tmp_path, "tls", ca_file=tmp_path / "other" / "cert.pem") as (sip, _):
        with pytest.raises(CarrierUnreachable, match="voicebot carrier check"):
            [event async for event in (await sip.dial(request())).events()]
