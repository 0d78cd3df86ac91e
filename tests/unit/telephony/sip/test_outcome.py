"""Final responses as the product's words. How a server gives them is in tests/peers."""

import pytest

from models.call import CallEnded, Disposition
from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused
from telephony.sip.outcome import outcome


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("408 Request Timeout", Disposition.NO_ANSWER),
        ("480 Temporarily Unavailable", Disposition.NO_ANSWER),
        ("486 Busy Here", Disposition.BUSY),
        ("487 Request Terminated", Disposition.NO_ANSWER),
        ("600 Busy Everywhere", Disposition.BUSY),
        ("603 Decline", Disposition.REJECTED),
        ("607 Unwanted", Disposition.REJECTED),
        ("608 Rejected", Disposition.REJECTED),
    ],
)
def test_what_it_says_of_the_candidate(text, disposition):
    assert outcome(text) == CallEnded(disposition)


@pytest.mark.parametrize(
    ("text", "kind", "mend"),
    [
        ("404 Not Found", NumberRefused, "404 Not Found"),
        ("484 Address Incomplete", NumberRefused, "no such number"),
        ("401 Unauthorized", CarrierRefused, "VOICEBOT_SIP_PASSWORD"),
        ("403 Forbidden", CarrierRefused, "may be called"),
        ("488 Not Acceptable Here", CarrierRefused, "VOICEBOT_SIP_SRTP"),
        ("606 Not Acceptable", CarrierRefused, "PCMU or PCMA"),
        ("421 Extension Required", CarrierRefused, "session timers"),
        ("503 Service Unavailable", CarrierBusy, "now"),
        ("500 Server Internal Error", CarrierUnreachable, "500"),
        ("799 What", CarrierUnreachable, "799 What"),
        ("Bad message", CarrierUnreachable, "makes no sense"),
        ("Connection refused [111]", CarrierUnreachable, "cannot be reached (Connection refused): `voicebot carrier"),
        ("", CarrierUnreachable, "no answer"),
    ],
)
def test_what_it_says_of_us(text, kind, mend):
    error = outcome(text)
    assert type(error) is kind
    assert mend in str(error)
