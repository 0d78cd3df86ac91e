"""What every carrier must do, whoever carries: the phone that ships, a page in a browser, Twilio as others emulate it,
and SIP.

A peer that is not installed is skipped by name (`make peers`). What one carrier alone does is told where it is tested:
tests/unit/telephony/test_loopback.py, tests/peers/test_twilio.py, tests/peers/test_sip.py. What the product makes of
bad lines, of the longest call and of a thousand dials: tests/calls/test_bad_lines.py.
"""

import asyncio

import pytest
from carriers import Browser, Loopback, Sip, SipToBaresip, Twilio, until
from peer import emulator
from sound import loud_ms, loudest_hz, tone

from models.call import CallAnswered, CallEnded, CallRinging, Disposition

pytestmark = pytest.mark.real_time

CARRIERS = {"loopback": Loopback, "browser": Browser, "twilio": Twilio, "sip": Sip, "sip to baresip": SipToBaresip}
ANY_PHONE = pytest.mark.parametrize("carrier", [name for name in CARRIERS if "baresip" not in name], indirect=True)
"""Where the phone has to do what baresip cannot; each gateway is among them."""

WHOLE = [CallRinging(), CallAnswered(), CallEnded(None)]
IN_STEP_MS = 400
"""How far the call's clock may be from the phone's: what is under way, and what a busy machine adds."""


@pytest.fixture(scope="session")
def emulate():
    with emulator() as url:
        yield url


@pytest.fixture(params=CARRIERS)
async def carrier(request, tmp_path):
    emulated = request.getfixturevalue("emulate") if request.param == "twilio" else None
    async with CARRIERS[request.param](emulated, tmp_path).ready() as each:
        yield each


async def test_both_sides_hear_each_other_until_the_candidate_hangs_up_in_mid_word(carrier):
    call = await carrier.call()
    call.phone.say(tone(1000, 30_000))
    await call.ours.say(tone(440, 600), "said")
    await until(lambda: "said" in call.ours.marks and loud_ms(call.ours.heard) >= 400)
    call.phone.hang_up()
    assert await call.ended() == WHOLE
    await until(lambda: call.ours.lost)
    assert loudest_hz(call.ours.heard) == pytest.approx(1000, abs=5)
    assert loudest_hz(call.phone.heard()) == pytest.approx(440, abs=5)


async def test_we_hang_up_when_the_last_word_has_been_heard(carrier):
    call = await carrier.call()
    await call.ours.say(tone(440, 400), "first")
    await call.ours.say(tone(440, 800), "last")
    await until(lambda: "last" in call.ours.marks)
    await call.ours.hang_up()
    assert await call.ended() == WHOLE
    assert call.ours.marks == ["first", "last"]
    assert loud_ms(call.phone.heard()) >= 1150


async def test_to_hang_up_twice_or_when_all_is_over_is_harmless(carrier):
    call = await carrier.call()
    await call.leg.hang_up()
    await call.leg.hang_up()
    assert (await call.ended())[-1] == CallEnded(None)
    await call.leg.hang_up()


async def test_keys_arrive_in_order(carrier):
    call = await carrier.call()
    for key in "19*#":
        call.phone.press(key)
        await asyncio.sleep(0.3)
    await until(lambda: len(call.ours.keys) == 4)
    assert call.ours.keys == "19*#"
    await call.ours.hang_up()
    assert await call.ended() == WHOLE


async def test_what_is_interrupted_falls_silent_at_once(carrier):
    call = await carrier.call()
    await call.ours.say(tone(440, 20_000), "never heard")
    await until(lambda: loud_ms(call.ours.heard) or call.ours.line.clock.now_ms > 600)
    await call.ours.be_interrupted()
    await asyncio.sleep(0.8)
    await call.ours.say(tone(440, 200), "next")
    await until(lambda: "next" in call.ours.marks)
    await call.ours.hang_up()
    assert await call.ended() == WHOLE
    assert loud_ms(call.phone.heard()) <= 1400


NOBODY = [Disposition.BUSY, Disposition.NO_ANSWER, Disposition.REJECTED]
NEVER = {("sip to baresip", Disposition.REJECTED), ("browser", Disposition.BUSY), ("browser", Disposition.REJECTED)}
"""baresip has no 603, and a page calls because somebody wants it to."""


@pytest.mark.parametrize(
    ("carrier", "outcome"),
    [(name, why) for name in CARRIERS for why in NOBODY if (name, why) not in NEVER],
    indirect=["carrier"],
)
async def test_a_call_that_nobody_takes_says_why(carrier, outcome):
    assert await carrier.fails(outcome) == [CallRinging(), CallEnded(outcome)]


async def test_a_call_lasts_no_longer_than_it_may(carrier):
    call = await carrier.call(longest_ms=2000)
    assert await call.ended() == WHOLE
    await until(lambda: call.ours.lost)
    assert call.ours.line.clock.now_ms == pytest.approx(2000, abs=IN_STEP_MS)


@ANY_PHONE
async def test_a_stall_of_the_media_stops_the_calls_clock_and_leaves_silence_where_it_was(carrier):
    """While the clock stands, nobody is silent, and who watches the call sees that nothing comes."""
    call = await carrier.call()
    call.phone.say(tone(1000, 30_000))
    await until(lambda: loud_ms(call.ours.heard) >= 400)
    call.phone.loss = 1
    await asyncio.sleep(0.5)
    stood_at_ms = call.ours.line.clock.now_ms
    await asyncio.sleep(2)
    assert call.ours.line.clock.now_ms == stood_at_ms
    call.phone.loss = 0
    await until(lambda: len(call.ours.heard) / 16 > stood_at_ms + 2500)
    assert call.ours.line.clock.now_ms == pytest.approx(call.phone.spoke_ms, abs=IN_STEP_MS)
    assert call.ours.line.facts()["lost_audio_ms"] >= 2500 - IN_STEP_MS
    assert len(call.ours.heard) / 16 - loud_ms(call.ours.heard) >= 2000
    await call.ours.say(tone(440, 200), "still here")
    await until(lambda: "still here" in call.ours.marks)
    call.phone.hang_up()
    assert await call.ended() == WHOLE


@ANY_PHONE
async def test_half_a_minute_of_lost_packets_ends_no_call_and_bends_no_time(carrier):
    call = await carrier.call()
    call.phone.loss = 0.2
    call.phone.say(tone(1000, 60_000))
    await asyncio.sleep(30)
    assert call.ours.line.clock.now_ms == pytest.approx(call.phone.spoke_ms, abs=IN_STEP_MS)
    assert call.ours.line.facts()["lost_audio_ms"] >= 0.8 * 6000
    assert loudest_hz(call.ours.heard) == pytest.approx(1000, abs=5)
    call.phone.loss = 0
    call.phone.press("1")
    await call.ours.say(tone(440, 400), "said")
    await until(lambda: call.ours.keys == "1" and "said" in call.ours.marks)
    await call.ours.hang_up()
    assert await call.ended() == WHOLE
    assert loudest_hz(call.phone.heard()) == pytest.approx(440, abs=5)


@ANY_PHONE
async def test_twenty_calls_at_once_hear_each_their_own(carrier):
    calls = await asyncio.gather(*(carrier.call(f"a{number}") for number in range(20)))
    for number, call in enumerate(calls):
        call.phone.say(tone(400 + 100 * number, 600))
        await call.ours.say(tone(2400 - 100 * number, 600), "said")
    await until(lambda: all(call.ours.marks and loud_ms(call.ours.heard) >= 550 for call in calls))
    for call in calls:
        call.phone.hang_up()
    assert [await call.ended() for call in calls] == [WHOLE] * 20
    for number, call in enumerate(calls):
        assert loudest_hz(call.ours.heard) == pytest.approx(400 + 100 * number, abs=40)
        assert loudest_hz(call.phone.heard()) == pytest.approx(2400 - 100 * number, abs=40)
