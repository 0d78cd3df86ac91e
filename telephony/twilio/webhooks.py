"""What Twilio posts to us: whether it is Twilio, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twilio.request_validator import (
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from models.errors import MalformedMessage
from telephony.answered_by import AnsweredBy
from telephony.twilio.account import TwilioAccount

Form = Mapping[str, Sequence[str]]
"""A form's fields; a field may be given more than once."""


ANSWERED_BY = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE_READY,
    "machine_end_silence": AnsweredBy.MACHINE_READY,
    "machine_end_other": AnsweredBy.MACHINE_READY,
    "fax": AnsweredBy.FAX,
    "unknown": AnsweredBy.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class StatusReport:
    call_sid: str
    status: str
    """Twilio's word: queued, initiated, ringing, in-progress, completed, busy, no-answer, canceled, failed."""
    sip_code: int | None


def is_genuine(account: TwilioAccount, url: str, form: Form, headers: Mapping[str, str]) -> bool:
    """Whether Twilio signed this request to `url`, the public one. `headers`' names are matched in any case.

    HMAC-SHA1 with the auth token, or what the settings header names, with the shared key:
    https://www.twilio.com/docs/usage/webhooks/webhooks-security
    """
    named = {name.lower(): value for name, value in headers.items()}
    algorithm = get_signature_algorithm(named.get(SIGNATURE_SETTINGS_HEADER.lower()))
    key = account.auth_token if algorithm == HMAC_SHA1 else account.webhook_key
    signature = named.get(SIGNATURE_HEADER.lower(), "")
    if not key or not signature.isascii():
        return False
    return bool(RequestValidator(key).validate(url, _Fields(form), signature, algorithm=algorithm))


class _Fields(dict[str, Sequence[str]]):
    """As the validator wants fields that are given more than once."""

    def getall(self, name: str) -> Sequence[str]:
        return self[name]


def status_report(form: Form) -> StatusReport:
    """Raises MalformedMessage."""
    sip = _field(form, "SipResponseCode")
    return StatusReport(
        _required(form, "CallSid"), _required(form, "CallStatus"), int(sip) if sip.isascii() and sip.isdigit() else None
    )


def answered_by(form: Form) -> AnsweredBy:
    """Who picked up. Raises MalformedMessage."""
    return ANSWERED_BY.get(_required(form, "AnsweredBy"), AnsweredBy.UNKNOWN)


def _required(form: Form, name: str) -> str:
    value = _field(form, name)
    if not value:
        raise MalformedMessage(f"a webhook of Twilio's came without {name}")
    return value


def _field(form: Form, name: str) -> str:
    values = form.get(name) or [""]
    return values[0]
