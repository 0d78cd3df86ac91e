"""No process ever holds one call more than it may, and every way out frees the slot."""

import asyncio
import contextlib
import random

import pytest

from models.errors import NoFreeSlot
from telephony.answered_by import AnsweredBy
from voicebot.live_calls import LiveCalls


async def test_a_thousand_dials_at_once_never_hold_more_than_allowed():
    calls = LiveCalls(most=7)
    chance = random.Random(1)
    held, refused, most = 0, 0, 0

    async def dial(number):
        nonlocal held, refused, most
        await asyncio.sleep(chance.random() / 50)
        try:
            with calls.slot(f"a{number}"):
                held += 1
                most = max(most, len(calls))
                await asyncio.sleep(chance.random() / 100)
                if number % 3 == 0:
                    raise RuntimeError("the carrier is gone")
                if number % 5 == 0:
                    raise asyncio.CancelledError
        except NoFreeSlot:
            refused += 1

    await asyncio.gather(*(dial(number) for number in range(1000)), return_exceptions=True)
    assert most == 7
    assert held + refused == 1000
    assert refused > 0
    assert len(calls) == 0


def test_the_media_of_a_dialled_call_takes_no_second_slot():
    calls = LiveCalls(most=1)
    with calls.slot("a1"):
        with calls.slot("a1"):
            assert len(calls) == 1
        assert len(calls) == 1
    assert len(calls) == 0


def test_a_full_process_says_which_setting_bounds_it():
    calls = LiveCalls(most=1)
    with calls.slot("a1"), pytest.raises(NoFreeSlot, match="VOICEBOT_MAX_CALLS"), calls.slot("a2"):
        pass


async def test_a_process_that_is_about_to_stop_lets_its_calls_end_and_takes_no_new_one():
    calls = LiveCalls(most=2)
    with calls.slot("a1"):
        draining = asyncio.create_task(calls.drain())
        await asyncio.sleep(0)
        with pytest.raises(NoFreeSlot, match="about to stop"), calls.slot("a2"):
            pass
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(draining), 0.01)
        assert not draining.done()
    await asyncio.wait_for(draining, 1)


def test_who_picked_up_reaches_the_call_and_nobody_else():
    calls = LiveCalls(most=2)
    heard = []
    calls.answered("a1", AnsweredBy.HUMAN)
    with calls.slot("a1"):
        calls.answered("a1", AnsweredBy.HUMAN)
        calls.on_answered("a1", heard.append)
        calls.answered("a2", AnsweredBy.FAX)
        calls.answered("a1", AnsweredBy.MACHINE)
    calls.answered("a1", AnsweredBy.MACHINE)
    assert heard == [AnsweredBy.MACHINE]
