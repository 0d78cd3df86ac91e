"""Twilio's error codes as errors of ours. Source: https://www.twilio.com/docs/api/errors."""

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused, TelephonyError

ACCOUNT = {
    20003: "it does not accept the account SID and auth token: compare VOICEBOT_TWILIO_ACCOUNT_SID and "
    "VOICEBOT_TWILIO_AUTH_TOKEN with the console's",
    20005: "the account is not active: see its state in the console",
    20008: "these are test credentials, which place no calls: use the live ones",
    10001: "the account is not active: see its state in the console",
    10002: "a trial account cannot do this: upgrade it",
    10003: "the call was blocked by the account's settings: see the console's debugger",
    21205: "it does not accept our address: VOICEBOT_PUBLIC_URL must be an https address that the internet can reach",
    21210: "the caller ID is neither a number of this account nor verified: buy or verify VOICEBOT_TWILIO_CALLER_ID",
    21212: "the caller ID is no telephone number: write VOICEBOT_TWILIO_CALLER_ID like +14155550123",
    21213: "it misses a caller ID: set VOICEBOT_TWILIO_CALLER_ID",
    21215: "the account may not call this country: allow it under Voice > Geo permissions in the console",
    21219: "a trial account calls verified numbers only: verify this one or upgrade the account",
    21220: "the call is over already",
    32205: "the account may not call this country: allow it under Voice > Geo permissions in the console",
}
NUMBER = {
    13223: "is not written as a telephone number",
    13224: "is not a number that can be called",
    13225: "is on Twilio's blocked list",
    13226: "lies in a country that this account may not call",
    13227: "lies in a country that this account may not call",
    21201: "is missing",
    21211: "is not a telephone number; write it like +14155550123",
    21214: "cannot be reached",
    21216: "is on Twilio's blocked list",
    21217: "is not a telephone number; write it like +14155550123",
    21401: "is not a telephone number; write it like +14155550123",
    21421: "is not a telephone number; write it like +14155550123",
    21610: "has asked Twilio not to be contacted",
}
BUSY = {
    10004: "the account has as many calls at once as it may",
    20429: "we asked too often",
    22005: "the call waited for its turn too long",
}


def explained(error: TwilioException, secrets: tuple[str, ...] = ()) -> TelephonyError:
    """`error` as one of ours; Twilio's own words stand at the end, with each of `secrets` (numbers, keys) left out."""
    if not isinstance(error, (TwilioRestException, TwilioServiceException)):
        return CarrierUnreachable(f"Twilio's answer makes no sense: {_without(str(error), secrets)}")
    code = error.code or 0
    words = error.msg if isinstance(error, TwilioRestException) else error.detail or error.title
    said = f" (Twilio {code or error.status}: {_without(words, secrets)})"
    if code in NUMBER:
        return NumberRefused(f"the candidate's number {NUMBER[code]}{said}")
    if code in BUSY or error.status == 429:
        return CarrierBusy(f"Twilio takes no call now: {BUSY.get(code, BUSY[20429])}; it may later{said}")
    if code in ACCOUNT or error.status in (401, 403):
        return CarrierRefused(f"Twilio places no calls for us: {ACCOUNT.get(code, ACCOUNT[20003])}{said}")
    if error.status >= 500:
        return CarrierUnreachable(f"Twilio has a fault; try again later{said}")
    return CarrierRefused(f"Twilio does not accept the call: see https://www.twilio.com/docs/api/errors/{code}{said}")


def _without(words: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        words = words.replace(secret, "…")
    return " ".join(words.split())
