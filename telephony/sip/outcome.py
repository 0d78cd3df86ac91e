"""What it means when a SIP call was not answered: of the candidate, or of us."""

import re

from baresip.errors import split_status

from models.call import CallEnded, Disposition
from models.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, NumberRefused, TelephonyError

ENDINGS = {
    408: Disposition.NO_ANSWER,
    480: Disposition.NO_ANSWER,
    486: Disposition.BUSY,
    487: Disposition.NO_ANSWER,
    600: Disposition.BUSY,
    603: Disposition.REJECTED,
    607: Disposition.REJECTED,
    608: Disposition.REJECTED,
}
"""What a final response says of the candidate (RFC 3261, 8197, 8688)."""
NO_NUMBER = frozenset({404, 410, 484, 604})
NOT_ALLOWED = frozenset({401, 403, 407})
NO_CODEC = frozenset({415, 488, 606})
NO_TIMERS = 421
"""What is asked for is session timers (RFC 4028): no other extension that the stack lacks is ever required."""
NO_ROOM = 503
MALFORMED = "Bad message"
"""What the stack says of SIP or SDP that it cannot read (EBADMSG)."""
ERRNO = re.compile(r" \[\d+\]$")


def outcome(text: str) -> CallEnded | TelephonyError:
    """What became of a call, by the stack's last words on it: a status and its reason, or what went wrong."""
    status, reason = split_status(text)
    said = f"({status} {reason})"
    if status is None and MALFORMED in text:
        return CarrierUnreachable(f"the SIP server's answer makes no sense ({text}): its own log may tell why")
    if status is None:
        return unreachable(text)
    if status in ENDINGS:
        return CallEnded(ENDINGS[status])
    if status in NO_NUMBER:
        return NumberRefused(f"the SIP server knows no such number {said}")
    if status in NOT_ALLOWED:
        return CarrierRefused(
            f"the SIP server does not let us call {said}: compare VOICEBOT_SIP_USER and VOICEBOT_SIP_PASSWORD with "
            "what it has, and see whether this number may be called"
        )
    if status in NO_CODEC:
        return CarrierRefused(
            f"the SIP server accepts none of our audio {said}: see that it lets PCMU or PCMA through, and whether it "
            "wants encryption (VOICEBOT_SIP_SRTP)"
        )
    if status == NO_TIMERS:
        return CarrierRefused(
            f"the SIP server insists on session timers {said}, which we have not: let it do without, or refresh "
            "sessions itself; docs/telephony.md says how"
        )
    if status == NO_ROOM:
        return CarrierBusy(f"the SIP server takes no call now {said}")
    return CarrierUnreachable(f"the SIP server did not place the call {said}")


def unreachable(why: str) -> CarrierUnreachable:
    """`why`: the stack's word for it, if it has one."""
    why = ERRNO.sub("", why) or "no answer"
    return CarrierUnreachable(f"the SIP server cannot be reached ({why}): `voicebot carrier check` looks for the cause")
