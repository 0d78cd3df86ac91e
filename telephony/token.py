"""Single-use tokens that let a media stream in: HMAC-SHA256 over an attempt id and an expiry.

Carriers strip query strings, so the token travels in the stream's start message. The signature proves that we minted
it; that it is used once is for whoever holds the attempts to see to (`Archive.redeem_attempt`).
"""

import hashlib
import hmac

from models.errors import TokenRefused

LIFETIME_S = 300


def mint(secret: bytes, attempt_id: str, now_s: float) -> str:
    """A token for one media stream, good until `LIFETIME_S` after `now_s` (Unix seconds)."""
    claim = f"{attempt_id}.{int(now_s) + LIFETIME_S}"
    return f"{claim}.{_sign(secret, claim)}"


def verify(secret: bytes, token: str, now_s: float) -> str:
    """The attempt id that `token` was minted for. Raises TokenRefused when it is forged, malformed or expired."""
    claim, _, signature = token.rpartition(".")
    attempt_id, _, expiry = claim.rpartition(".")
    if not attempt_id or not hmac.compare_digest(signature.encode(), _sign(secret, claim).encode()):
        raise TokenRefused("the media stream's token was not signed by this gateway")
    if int(expiry) < now_s:
        raise TokenRefused(f"the media stream's token expired; streams must start within {LIFETIME_S} s")
    return attempt_id


def _sign(secret: bytes, claim: str) -> str:
    return hmac.new(secret, claim.encode(), hashlib.sha256).hexdigest()
