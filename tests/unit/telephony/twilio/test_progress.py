"""Reports of a call arrive late, twice and out of order; what they amount to does not change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.call import CallAnswered, CallEnded, CallRinging, Disposition
from telephony.twilio.progress import FINAL, Progress


def events(*reports):
    progress = Progress()
    return [event for report in reports for event in progress.advance(*report)]


def test_a_call_that_is_answered():
    reports = [("queued",), ("initiated",), ("ringing",), ("in-progress",), ("completed",)]
    assert events(*reports) == [CallRinging(), CallAnswered(), CallEnded(None)]


@pytest.mark.parametrize(
    ("status", "sip_code", "disposition"),
    [
        ("completed", 200, None),
        ("busy", 486, Disposition.BUSY),
        ("busy", 603, Disposition.REJECTED),
        ("busy", 600, Disposition.BUSY),
        ("no-answer", 487, Disposition.NO_ANSWER),
        ("no-answer", None, Disposition.NO_ANSWER),
        ("failed", 404, Disposition.FAILED),
        ("failed", 480, Disposition.NO_ANSWER),
        ("failed", 603, Disposition.REJECTED),
        ("failed", None, Disposition.FAILED),
        ("canceled", None, Disposition.FAILED),
    ],
)
def test_how_a_call_ends(status, sip_code, disposition):
    assert events(("ringing",), (status, sip_code)) == [CallRinging(), CallEnded(disposition)]


def test_an_answer_whose_ringing_was_never_reported():
    assert events(("in-progress",)) == [CallRinging(), CallAnswered()]


def test_a_status_that_nobody_knows_changes_nothing():
    assert events(("ringing",), ("levitating",), ("in-progress",)) == [CallRinging(), CallAnswered()]


STATUSES = st.sampled_from(["queued", "initiated", "ringing", "in-progress", "answered", "strange", *FINAL])


@given(st.lists(st.tuples(STATUSES, st.sampled_from([None, 200, 486, 603])), max_size=12))
def test_whatever_comes_each_event_comes_once_in_order_and_nothing_after_the_end(reports):
    happened = events(*reports)
    kinds = [type(event) for event in happened]
    order = [CallRinging, CallAnswered, CallEnded]
    assert kinds == sorted(set(kinds), key=order.index)
    assert (CallEnded in kinds) == any(status in FINAL for status, _ in reports)
