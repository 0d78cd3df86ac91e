"""Signatures of the Standard Webhooks specification 1.0.0 (symmetric, `v1`): HMAC-SHA256 over id.timestamp.body."""

import base64
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(event_id: str, body: bytes, signing: Iterable[str], now_s: int) -> dict[str, str]:
    """`signing`: the secrets that hold now; a receiver that knows any of them accepts. `now_s`: Unix seconds."""
    signed = b".".join((event_id.encode(), str(now_s).encode(), body))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in signing),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
