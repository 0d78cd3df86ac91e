"""Each error of Twilio's becomes one of ours that says what to mend, and whether another try makes sense."""

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused
from telephony.twilio.faults import ACCOUNT, BUSY, NUMBER, explained


def rest(code, status=400, words="No."):
    return TwilioRestException(status, "/Calls.json", words, code, "POST")


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (rest(20003, 401), CarrierRefused, "VOICEBOT_TWILIO_AUTH_TOKEN"),
        (rest(21210), CarrierRefused, "VOICEBOT_TWILIO_CALLER_ID"),
        (rest(21215), CarrierRefused, "Geo permissions"),
        (rest(21211), NumberRefused, "+14155550123"),
        (rest(13225), NumberRefused, "blocked"),
        (rest(20429, 429), CarrierBusy, "later"),
        (rest(None, 429), CarrierBusy, "later"),
        (rest(10004), CarrierBusy, "as many calls at once as it may"),
        (rest(20500, 500), CarrierUnreachable, "try again later"),
        (rest(None, 503), CarrierUnreachable, "try again later"),
        (rest(None, 403), CarrierRefused, "account SID"),
        (rest(99999), CarrierRefused, "errors/99999"),
        (TwilioServiceException("u", "Invalid", 400, 21211, "bad number"), NumberRefused, "bad number"),
        (TwilioException("not json"), CarrierUnreachable, "not json"),
    ],
)
def test_what_an_error_becomes(error, kind, says):
    ours = explained(error)
    assert type(ours) is kind
    assert says in str(ours)
    assert "\n" not in str(ours)


def test_only_what_may_pass_by_itself_is_tried_again():
    assert {explained(rest(code)).retryable for code in ACCOUNT} == {False}
    assert {explained(rest(code)).retryable for code in NUMBER} == {False}
    assert {explained(rest(code)).retryable for code in BUSY} == {True}


def test_numbers_and_secrets_stay_out_of_the_message():
    said = str(explained(rest(21211, words="The 'To' number +14155550199 is not valid."), ("+14155550199",)))
    assert "4155550199" not in said
