import pytest

from models.webhooks import DeliveryState, Reply
from voicebot.webhooks.retry import BACKOFF_S, verdict

DOWN = Reply(None, "it cannot be connected to")
DAY_S = 86_400


def test_a_receiver_that_is_down_is_tried_for_more_than_a_day_and_given_up() -> None:
    tries = [verdict(n, DOWN, 0.5) for n in range(1, len(BACKOFF_S) + 2)]
    waits = [each.wait_s for each in tries[:-1]]
    assert all(each.state is DeliveryState.WAITING and each.disables is None for each in tries[:-1])
    assert waits == sorted(waits)
    assert waits[0] <= 10
    assert DAY_S < sum(waits) < 2 * DAY_S
    assert tries[-1].state is DeliveryState.DEAD
    assert tries[-1].disables is not None
    assert "cannot be connected to" in tries[-1].disables


def test_a_receiver_that_has_been_down_comes_back_at_no_fixed_moment() -> None:
    early, late = verdict(5, DOWN, 0.0).wait_s, verdict(5, DOWN, 1.0).wait_s
    assert early < BACKOFF_S[4] < late
    assert late < BACKOFF_S[5]


@pytest.mark.parametrize("status", [None, 301, 307, 401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_when_the_receiver_is_at_fault_everything_waits_in_order(status: int | None) -> None:
    assert verdict(1, Reply(status, "fault"), 0.5).holds_up


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_an_event_that_is_refused_steps_aside_and_disables_nothing(status: int) -> None:
    first, last = (verdict(n, Reply(status, "refused"), 0.5) for n in (1, len(BACKOFF_S) + 1))
    assert (first.state, first.holds_up) == (DeliveryState.WAITING, False)
    assert (last.state, last.holds_up, last.disables) == (DeliveryState.DEAD, False, None)


def test_a_receiver_says_how_long_to_leave_it_alone_within_reason() -> None:
    assert verdict(1, Reply(429, "busy", retry_after_s=120), 0.5).wait_s == 120
    assert verdict(1, Reply(503, "busy", retry_after_s=1e9), 0.5).wait_s == 3600
    assert verdict(1, Reply(503, "busy", retry_after_s=0.1), 0.5).wait_s == BACKOFF_S[0]


def test_gone_is_taken_at_its_word() -> None:
    gone = verdict(1, Reply(410, "it answered 410"), 0.5)
    assert gone.state is DeliveryState.WAITING, "it is sent if somebody enables the endpoint again"
    assert gone.disables is not None
    assert "410" in gone.disables


def test_anything_from_200_to_299_is_delivered() -> None:
    assert verdict(3, Reply(204), 0.5).state is DeliveryState.DELIVERED
