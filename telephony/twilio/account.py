"""Whose calls these are, and where Twilio finds us."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from models.errors import UsageError


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    account_sid: str
    auth_token: str = field(repr=False)
    caller_id: str
    """E.164; a number of this account, or one that it has verified."""
    public_url: str
    """How Twilio reaches this gateway, such as https://calls.example.com; a path at its end is kept. Plain http only to
    this very machine, where an emulator may be."""
    webhook_key: str | None = field(default=None, repr=False)
    """The secret of the shared key that signs webhooks, where the account has one: else the auth token signs them."""
    api_url: str | None = None
    """Where Twilio's API is, when it is not Twilio's own: an emulator's or a proxy's address."""

    def __post_init__(self) -> None:
        """Raises UsageError when Twilio would not take the URL."""
        parts = urlsplit(self.public_url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
        if not secure or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(
                f"the public URL {self.public_url!r} cannot be used: Twilio needs https://, a host name, and no ? or #"
            )

    def webhook_url(self, path: str) -> str:
        """The address that Twilio posts to for `path`, which begins with a slash. Also what it signs."""
        return self.public_url.rstrip("/") + path

    def stream_url(self, path: str) -> str:
        """The same for a media stream's WebSocket."""
        url = urlsplit(self.webhook_url(path))
        return urlunsplit(url._replace(scheme="wss" if url.scheme == "https" else "ws"))
