import pytest

from voicebot.measure.caller import SaidTurn, Speech
from voicebot.measure.capacity import MOST_CALLS, search
from voicebot.measure.latency import LatencyReport, MeasuredCall


def holds(calls, latency_ms, *, unsaid=0):
    turn = SaidTurn(Speech(b"", 0), 0.0, 0.0, answered_s=latency_ms / 1000)
    return LatencyReport(
        tuple(MeasuredCall((turn,), ("",), (None,), unsaid, 0.0) for _ in range(calls)), 1.0, 1.0, 500.0, 600.0
    )


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 8, 13, 31, MOST_CALLS, 200])
async def test_the_largest_number_of_calls_is_found_and_each_is_tried_once(most):
    tried = []

    async def hold(calls):
        tried.append(calls)
        return holds(calls, 1000 if calls <= most else 1600)

    report = await search(hold)
    assert report.to_json()["calls"] == min(most, MOST_CALLS)
    assert len(tried) == len(set(tried)) <= 12
    assert max(tried) <= MOST_CALLS


async def test_calls_that_are_not_held_to_their_end_are_not_carried():
    async def hold(calls):
        return holds(calls, 500, unsaid=1)

    report = await search(hold)
    assert report.to_json()["calls"] == 0
    assert report.to_json()["tries"][0]["carried"] is False
