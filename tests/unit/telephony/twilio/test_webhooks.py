"""Only what Twilio signed is believed, and it is read with care."""

import pytest
from twilio.request_validator import RequestValidator

from models.errors import MalformedMessage, UsageError
from telephony.answered_by import AnsweredBy
from telephony.twilio import TwilioAccount
from telephony.twilio.webhooks import StatusReport, answered_by, is_genuine, status_report

ACCOUNT = TwilioAccount("AC1", "secret", "+15551234567", "https://calls.example.com/bot/", webhook_key="shared")
URL = ACCOUNT.webhook_url("/twilio/status/a1")
FORM = {"CallSid": ["CA1"], "CallStatus": ["ringing"], "To": ["+14155550123"], "Tag": ["b", "a"]}


class Fields(dict):
    def getall(self, name):
        return self[name]


def signature(key, url=URL, form=FORM, algorithm=None):
    return RequestValidator(key).compute_signature(url, Fields(form), algorithm)


def test_the_public_url_keeps_its_path():
    assert URL == "https://calls.example.com/bot/twilio/status/a1"
    assert ACCOUNT.stream_url("/twilio/media") == "wss://calls.example.com/bot/twilio/media"


@pytest.mark.parametrize("url", ["", "http://calls.example.com", "calls.example.com", "https://", "https://a.b/?x=1"])
def test_a_public_url_that_twilio_would_not_take(url):
    with pytest.raises(UsageError, match="https://"):
        TwilioAccount("AC1", "secret", "+15551234567", url)


def test_secrets_are_not_printed():
    assert "secret" not in repr(ACCOUNT)
    assert "shared" not in repr(ACCOUNT)


def test_signed_with_the_auth_token():
    assert is_genuine(ACCOUNT, URL, FORM, {"X-Twilio-Signature": signature("secret")})
    assert is_genuine(ACCOUNT, URL, FORM, {"x-twilio-signature": signature("secret")})


def test_signed_with_the_shared_key():
    headers = {
        "X-Twilio-Signature": signature("shared", algorithm="HMAC_SHA256"),
        "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    assert is_genuine(ACCOUNT, URL, FORM, headers)
    without_key = TwilioAccount("AC1", "secret", "+15551234567", ACCOUNT.public_url)
    assert not is_genuine(without_key, URL, FORM, headers)


def test_a_stream_signs_its_wss_url_and_no_fields():
    url = ACCOUNT.stream_url("/twilio/media")
    assert is_genuine(ACCOUNT, url, {}, {"X-Twilio-Signature": signature("secret", url, {})})
    wrong = signature("secret", url.replace("wss", "https"), {})
    assert not is_genuine(ACCOUNT, url, {}, {"X-Twilio-Signature": wrong})


@pytest.mark.parametrize(
    ("url", "form", "headers"),
    [
        (URL, FORM, {}),
        (URL, FORM, {"X-Twilio-Signature": ""}),
        (URL, FORM, {"X-Twilio-Signature": "é" * 28}),
        (URL, FORM, {"X-Twilio-Signature": signature("guess")}),
        (URL + "2", FORM, {"X-Twilio-Signature": signature("secret")}),
        (URL, FORM | {"CallStatus": ["completed"]}, {"X-Twilio-Signature": signature("secret")}),
        (URL, FORM | {"Extra": ["x"]}, {"X-Twilio-Signature": signature("secret")}),
        (
            URL,
            FORM,
            {
                "X-Twilio-Signature": signature("secret"),
                "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_MD5",
            },
        ),
    ],
)
def test_what_twilio_did_not_sign(url, form, headers):
    assert not is_genuine(ACCOUNT, url, form, headers)


def test_a_status_report():
    assert status_report(FORM) == StatusReport("CA1", "ringing", None)
    assert status_report(FORM | {"SipResponseCode": ["486"]}).sip_code == 486
    assert status_report(FORM | {"SipResponseCode": ["²"]}).sip_code is None


@pytest.mark.parametrize("missing", ["CallSid", "CallStatus"])
def test_a_report_that_lacks_something_names_it(missing):
    with pytest.raises(MalformedMessage, match=missing):
        status_report({name: value for name, value in FORM.items() if name != missing})


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE_READY),
        ("machine_end_silence", AnsweredBy.MACHINE_READY),
        ("machine_end_other", AnsweredBy.MACHINE_READY),
        ("fax", AnsweredBy.FAX),
        ("unknown", AnsweredBy.UNKNOWN),
        ("parrot", AnsweredBy.UNKNOWN),
    ],
)
def test_who_picked_up(word, who):
    assert answered_by({"AnsweredBy": [word]}) is who
