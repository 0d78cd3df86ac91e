"""Our SIP gateway against Debian's sipp: many calls at once, and servers that keep a session's time (RFC 4028)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from carriers import OurEnd, sip_gateway, until
from sipp import ACKED, HUNG_UP, INVITED, SDP, Sipp, answered, answers, asks, heard, pause
from sound import loud_ms, loudest_hz, tone

from dialog_flows import loader
from models.archive import CALL_CONSENT
from models.call import CallAnswered, CallEnded, CallRinging, Candidate, DialRequest, Disposition
from models.errors import CarrierRefused, NoFreeSlot
from voicebot import demo, dialler
from voicebot.live_calls import LiveCalls
from voicebot.pipeline.sip import SipTransport
from voicebot.rehearsal.persona import Persona

AT_ONCE = 40
BRIEF = loader.load(Path(__file__).parents[1] / "flows" / "brief.yaml")
EXPIRES = "Session-Expires: 90;refresher=uas"


async def test_forty_calls_at_once_hear_each_its_own_echo_and_leave_their_slots_free(tmp_path, parts):
    parts = replace(parts, live_calls=LiveCalls(most=AT_ONCE))
    filled, variables = demo.fill(parts, BRIEF, Persona(id="p", name="Maya", flow="brief", answers={}))
    everybody_talked, may_go = asyncio.Barrier(AT_ONCE + 1), asyncio.Event()
    now, echoes, events = datetime.now(UTC), {}, {}

    async def interview(number):
        maya = Candidate(f"maya-{number}", "Maya", number)
        parts.archive.people.consent(parts.archive.people.file(maya, now).id, CALL_CONSENT, "You may.", "form", now)
        return await dialler.schedule(parts, filled, maya, variables)

    async def call(gateway, number, hz):
        async def hold(leg, attempt_id):
            parts.archive.redeem_attempt(attempt_id, datetime.now(UTC))
            ours = OurEnd(SipTransport(leg))
            running = asyncio.create_task(ours.run())
            await until(lambda: ours.heard)
            await ours.say(tone(hz, 1000), "said")
            await until(lambda: ours.marks == ["said"] and loud_ms(ours.heard) >= 800)
            await everybody_talked.wait()
            await may_go.wait()
            await ours.hang_up()
            await running
            echoes[hz] = ours.heard
            parts.archive.end_attempt(attempt_id, Disposition.DROPPED, {}, None, datetime.now(UTC))

        told = events[number] = []
        await dialler.place_call(parts, gateway, await interview(number), number, told.append, hold=hold)

    async with Sipp(tmp_path, answered(), HUNG_UP, calls=AT_ONCE + 1) as sipp, sip_gateway(sipp.port) as gateway:
        async with asyncio.timeout(90), asyncio.TaskGroup() as calls:
            for n in range(AT_ONCE):
                calls.create_task(call(gateway, f"+15555503{n:02}", 400 + 50 * n))
            await everybody_talked.wait()
            assert len(parts.live_calls) == AT_ONCE
            with pytest.raises(NoFreeSlot):
                await call(gateway, "+1555550390", 440)
            may_go.set()
        assert len(parts.live_calls) == 0
        everybody_talked = asyncio.Barrier(1)
        await call(gateway, "+1555550391", 440)
        await sipp.content()
    assert [told for told in events.values() if told] == [[CallRinging(), CallAnswered(), CallEnded()]] * (AT_ONCE + 1)
    for hz, echo in echoes.items():
        assert loudest_hz(echo) == pytest.approx(hz, abs=20)


async def held(sipp, ms=4500):
    """A call in which we speak all the time: what happened, and what we heard."""
    async with sip_gateway(sipp.port) as gateway:
        leg = await gateway.dial(DialRequest("a1", "maya", "t"))
        events, ours = [], OurEnd(SipTransport(leg))
        async for event in leg.events():
            events.append(event)
            if event == CallAnswered():
                running = asyncio.create_task(ours.run())
                await until(lambda: ours.heard)
                await ours.say(tone(440, ms), "said")
                await until(lambda: ours.marks == ["said"])
                await ours.hang_up()
        await running
    return events, ours.heard


REFRESHES = {
    "re-INVITE": lambda number: [asks("INVITE", number, EXPIRES, body=SDP), heard(200), asks("ACK", number)],
    "UPDATE": lambda number: [asks("UPDATE", number, EXPIRES), heard(200)],
}


@pytest.mark.parametrize("how", REFRESHES)
async def test_a_server_may_refresh_the_session_itself(tmp_path, how):
    refreshes = [step for number in (1, 2) for step in (pause(1500), *REFRESHES[how](number))]
    async with Sipp(tmp_path, answered(EXPIRES), *refreshes, HUNG_UP, calls=1) as sipp:
        events, echo = await held(sipp)
        await sipp.content()
    assert events == [CallRinging(), CallAnswered(), CallEnded()]
    assert loud_ms(echo[-16_000:]) >= 400, "the sound goes on after the last of them"
    assert sipp.messages().count(EXPIRES) >= 3


async def test_a_server_that_leaves_the_refreshing_to_us_is_talked_to_until_it_hangs_up(tmp_path):
    """The stack has no session timers: it takes no notice."""
    expires = ("Require: timer", "Session-Expires: 90;refresher=uac")
    bye = [pause(1500), asks("BYE", 1), heard(200)]
    async with Sipp(tmp_path, answered(*expires), *bye, calls=1) as sipp, sip_gateway(sipp.port) as gateway:
        leg = await gateway.dial(DialRequest("a1", "maya", "t"))
        assert [event async for event in leg.events()] == [CallRinging(), CallAnswered(), CallEnded()]
        await sipp.content()


async def test_a_server_that_insists_on_our_session_timers_is_told_apart(tmp_path):
    steps = INVITED, answers("421 Extension Required", "Require: timer"), ACKED
    async with Sipp(tmp_path, *steps, calls=1) as sipp, sip_gateway(sipp.port) as gateway:
        leg = await gateway.dial(DialRequest("a1", "maya", "t"))
        with pytest.raises(CarrierRefused, match="session timers"):
            [event async for event in leg.events()]
        await sipp.content()
    (offered,) = {line for line in sipp.messages().splitlines() if line.startswith("Supported:")}
    assert "timer" not in offered
