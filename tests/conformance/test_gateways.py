"""What every carrier must do, whoever carries: the phone that ships, a page in a browser, Twilio as others emulate it,
and SIP to baresip.

A peer that is not installed is skipped by name (`make peers`). What one carrier alone does is told where it is tested:
tests/unit/telephony/test_loopback.py, tests/peers/test_twilio.py, tests/peers/test_sip.py. Bad lines, the longest call
and what the product makes of them: tests/calls/test_bad_lines.py.
"""

import asyncio

import numpy as np
import pytest
from carriers import Browser, Loopback, Sip, Twilio, until
from peer import emulator

from models.call import CallAnswered, CallEnded, CallRinging, Disposition

WHOLE = [CallRinging(), CallAnswered(), CallEnded(None)]


def tone(hz, ms):
    samples = 8000 * np.sin(2 * np.pi * hz * np.arange(ms * 8) / 8000)
    return samples.astype(np.int16).tobytes()


def loud_ms(pcm):
    samples = np.abs(np.frombuffer(pcm, np.int16).astype(int))
    return np.count_nonzero(np.maximum.reduceat(samples, np.arange(0, len(samples), 80)) > 1000) * 10 if pcm else 0


def loudest_hz(pcm):
    spectrum = np.abs(np.fft.rfft(np.frombuffer(pcm, np.int16)))
    return np.argmax(spectrum) * 8000 / (len(pcm) / 2)


@pytest.fixture(scope="session")
def emulate():
    with emulator() as url:
        yield url


@pytest.fixture(params=["loopback", "browser", "twilio", "sip"])
async def carrier(request, tmp_path):
    match request.param:
        case "loopback":
            each = Loopback()
        case "browser":
            each = Browser()
        case "twilio":
            each = Twilio(request.getfixturevalue("emulate"))
        case "sip":
            each = Sip(tmp_path)
    async with each.ready():
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
    await until(lambda: loud_ms(call.ours.heard) or sent_ms(call) > 600)
    await call.ours.be_interrupted()
    await asyncio.sleep(0.8)
    await call.ours.say(tone(440, 200), "next")
    await until(lambda: "next" in call.ours.marks)
    await call.ours.hang_up()
    assert await call.ended() == WHOLE
    assert loud_ms(call.phone.heard()) <= 1400


def sent_ms(call):
    """For how long the call has been going on, by what came in."""
    return len(call.ours.heard) / 16


@pytest.mark.parametrize("outcome", [Disposition.BUSY, Disposition.NO_ANSWER])
async def test_a_call_that_nobody_takes_says_why(carrier, outcome):
    assert await carrier.fails(outcome) == [CallRinging(), CallEnded(outcome)]


@pytest.mark.parametrize("carrier", ["loopback", "browser", "twilio"], indirect=True)
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
        assert loudest_hz(call.ours.heard) == pytest.approx(400 + 100 * number, abs=5)
        assert loudest_hz(call.phone.heard()) == pytest.approx(2400 - 100 * number, abs=5)
