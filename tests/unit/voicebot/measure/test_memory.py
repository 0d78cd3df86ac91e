import pytest

from voicebot.measure.latency import LatencyReport
from voicebot.measure.memory import MemoryReport, Round, watch


def report(*private_mb):
    rounds = (Round(10 * number, 700.0 + number, mb) for number, mb in enumerate(private_mb, 1))
    return MemoryReport(600.0, 10, tuple(rounds))


@pytest.mark.parametrize(
    ("private_mb", "growth_mb"),
    [
        ((640,) * 10, 0),
        ((600, 630, 640, *range(641, 648)), 10),  # a leak of 100 kB a call
        ((650, 660, 670, *range(647, 640, -1)), -10),
        (((640,) * 7 + (700,) * 3), 0),  # once is no growth
        ((640, 650), None),
        ((640,), None),
    ],
)
def test_growth_is_that_of_the_calls_after_the_warm_up(private_mb, growth_mb):
    figures = report(*private_mb).to_json()
    assert figures["growth_mb_per_100_calls"] == growth_mb
    assert figures["calls"] == 10 * len(private_mb)


def test_a_call_costs_what_the_worst_round_needed():
    figures = report(640, 640, 640).to_json()
    assert (figures["before_mb"], figures["peak_mb"], figures["per_call_mb"]) == (600, 703, 10.3)


@pytest.mark.parametrize(("calls", "at_once", "rounds"), [(20, 6, [6, 6, 6, 2]), (6, 6, [6]), (2, 6, [2]), (1, 1, [1])])
async def test_exactly_as_many_calls_are_held_as_were_wanted(calls, at_once, rounds):
    held = []

    async def hold(count):
        held.append(count)
        return LatencyReport((), 1.0, 1.0, 500.0, 600.0)

    measured = await watch(calls, at_once, hold)
    assert held == rounds
    assert measured.to_json()["calls"] == calls
    assert measured.at_once == min(calls, at_once)
