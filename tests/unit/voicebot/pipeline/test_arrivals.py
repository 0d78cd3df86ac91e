"""Audio that comes without times keeps step with the call, whatever gets lost."""

import random

import pytest

from models.audio import bytes_to_ms, ms_to_bytes
from voicebot.pipeline.arrivals import LATE_MS, Arrivals

WORD = b"\x01\x02"


def frame(ms=20):
    return WORD * (ms * 8)


def ms(pcm):
    return bytes_to_ms(len(pcm), 8000)


def test_what_comes_in_time_is_passed_on_as_it_is():
    arrivals = Arrivals()
    assert [arrivals.place(frame(), 5000 + at) for at in range(20, 2020, 20)] == [frame()] * 100
    assert arrivals.lost_ms == 0


@pytest.mark.parametrize("jitter_ms", [0, 30, LATE_MS - 20])
def test_what_is_late_is_not_lost(jitter_ms):
    arrivals, chance = Arrivals(), random.Random(1)
    placed = [arrivals.place(frame(), at + chance.uniform(0, jitter_ms)) for at in range(20, 20_020, 20)]
    assert placed == [frame()] * 1000


def test_what_is_read_late_all_at_once_is_not_lost():
    arrivals = Arrivals()
    arrivals.place(frame(), 20)
    assert arrivals.place(frame(800), 820) == frame(800)


def test_a_gap_is_silence_before_what_comes_after_it():
    arrivals = Arrivals()
    arrivals.place(frame(), 20)
    assert arrivals.place(frame(), 3040) == bytes(ms_to_bytes(3000, 8000)) + frame()
    assert arrivals.place(frame(), 3060) == frame()
    assert arrivals.lost_ms == 3000


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_half_an_hour_of_lost_packets_keeps_step(share):
    arrivals, chance = Arrivals(), random.Random(2)
    laid_ms, said_ms = 0, 30 * 60 * 1000
    for at in range(20, said_ms + 20, 20):
        if at == 20 or chance.random() >= share:
            laid_ms += ms(arrivals.place(frame(), at + chance.uniform(0, 15)))
            assert at - LATE_MS - 15 <= laid_ms <= at + 20
    assert arrivals.lost_ms == pytest.approx(share * said_ms, rel=0.1)


def test_a_hold_lasts_as_long_as_it_lasts_and_nothing_is_lost_in_it():
    arrivals = Arrivals()
    arrivals.place(frame(), 20)
    assert sum(ms(arrivals.wait(at)) for at in range(41, 60_041, 37)) == pytest.approx(60_000, abs=40)
    assert arrivals.place(frame(), 60_040) == frame()
    assert arrivals.lost_ms == 0


def test_a_call_may_begin_on_hold():
    arrivals = Arrivals()
    assert arrivals.wait(7000) == b""
    assert ms(arrivals.wait(7100)) == 100
