"""Where calls go out over SIP, and as whom."""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from models.errors import UsageError

PLACE = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
USER = re.compile(r"[^\s@:;<>\"?]+")
UNQUOTABLE = frozenset('"\\')


@dataclass(frozen=True, slots=True)
class SipTrunk:
    user: str
    domain: str
    """The trunk's or the PBX's host, with :port when it is not the usual one."""
    password: str = field(default="", repr=False)
    """Empty where the trunk knows us by our address."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    register: bool = False
    """A PBX wants to be registered with; most trunks do not."""
    srtp: bool = False
    """Whether the audio must be encrypted (SDES); calls that cannot be are not held."""
    listen: str | None = None
    """Our own address:port for SIP; None takes any free port."""
    interface: str | None = None
    """Network interface or address to use; None finds one. Loopback has to be named."""
    rtp_ports: str = "10000-20000"
    ca_file: Path | None = None
    """Certificates that TLS peers are checked against; None: the system's."""

    def __post_init__(self) -> None:
        """Raises UsageError for what the stack would misread."""
        if not _is_place(self.domain):
            raise UsageError(f"{self.domain!r} is no server: set VOICEBOT_SIP_DOMAIN to a host, or HOST:PORT, alone")
        if not USER.fullmatch(self.user):
            raise UsageError(f"{self.user!r} is no SIP user: VOICEBOT_SIP_USER is what stands before the @")
        if self.listen is not None and not (_is_place(self.listen) and ":" in self.listen):
            raise UsageError(f"{self.listen!r} is no ADDRESS:PORT: set VOICEBOT_SIP_LISTEN to one like 192.0.2.7:5060")
        if set(self.password) & UNQUOTABLE:
            raise UsageError("the SIP stack knows no password with a quotation mark or a backslash: change it there")
        if self.ca_file is not None:
            try:
                ssl.create_default_context(cafile=self.ca_file)
            except OSError as error:  # which those of TLS are too
                why = error.strerror or "no certificates in it"
                raise UsageError(f"cannot use {self.ca_file} ({why}): VOICEBOT_SIP_CA_FILE is a file in PEM") from error

    @property
    def host(self) -> str:
        return urlsplit(f"//{self.domain}").hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(f"//{self.domain}").port or (5061 if self.transport == "tls" else 5060)


def _is_place(text: str) -> bool:
    written = PLACE.fullmatch(text)
    return written is not None and int((written[2] or ":1")[1:]) in range(1, 65536)
