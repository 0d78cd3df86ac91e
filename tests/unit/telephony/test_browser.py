"""A page as a telephone: who picks up, and every way in which that ends. What any carrier does: tests/conformance."""

import asyncio

import pytest

from models.call import CallAnswered, CallEnded, CallRinging, DialRequest, Disposition
from models.errors import TokenRefused
from telephony.browser import BrowserGateway


async def dial(ring_ms=30_000):
    rung = []
    gateway = BrowserGateway(lambda leg, request: rung.append((leg, request.stream_token)))
    leg = await gateway.dial(DialRequest("a1", "+15555550100", "token", ring_ms=ring_ms))
    assert rung == [(leg, "token")]
    return leg


async def events(leg):
    return [event async for event in leg.events()]


async def close():
    pass


async def test_the_stream_is_the_call():
    leg = await dial()
    with leg.stream(close):
        pass
    assert await events(leg) == [CallRinging(), CallAnswered(), CallEnded()]


async def test_nobody_picks_up_and_then_it_is_too_late():
    leg = await dial(ring_ms=1)
    assert await events(leg) == [CallRinging(), CallEnded(Disposition.NO_ANSWER)]
    with pytest.raises(TokenRefused, match="call again"), leg.stream(close):
        pass


async def test_a_second_stream_is_refused_and_the_first_goes_on():
    leg = await dial()
    following = asyncio.create_task(events(leg))
    with leg.stream(close):
        with pytest.raises(TokenRefused), leg.stream(close):
            pass
        await asyncio.sleep(0)
        assert not following.done()
    assert await following == [CallRinging(), CallAnswered(), CallEnded()]


async def test_who_hangs_up_while_it_rings_is_not_called_any_more():
    leg = await dial()
    await leg.hang_up()
    await leg.hang_up()
    assert await events(leg) == [CallRinging(), CallEnded(Disposition.FAILED)]
    with pytest.raises(TokenRefused), leg.stream(close):
        pass


async def test_hanging_up_closes_the_stream_and_waits_for_its_end():
    leg, closing = await dial(), asyncio.Event()

    async def hold():
        async def close():
            closing.set()

        with leg.stream(close):
            await closing.wait()

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    await leg.hang_up()
    assert await events(leg) == [CallRinging(), CallAnswered(), CallEnded()]
    await holding
