"""Which addresses events may be sent to: other people's on the internet, and the networks that the operator names.

An endpoint's URL is typed by a person, and our own network answers us more than it answers them: without this, a
webhook would be a way to reach databases, routers and a cloud's metadata service from inside.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from models.errors import UsageError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

MOST_CHARACTERS = 2000
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_NEVER = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
"""IETF's protocol assignments, where Oracle's cloud has its metadata, and which not every Python knows to be no global
addresses (gh-113171); and Azure's own service to its machines. The other clouds' are in private ranges."""


def check_url(url: str, own: Sequence[Network]) -> None:
    """Refuses what can be refused without looking a name up. Raises UsageError that says what to mend.

    `own`: networks that the operator has named; plain http is for those alone.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("this is not a URL: write it like https://hr.example.com/voicebot") from None
    if len(url) > MOST_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"the URL may have at most {MOST_CHARACTERS} characters, of ASCII and none of them a blank")
    if parts.scheme not in ("https", "http") or not host:
        raise UsageError("the URL must begin with https:// and name a host, like https://hr.example.com/voicebot")
    if parts.scheme == "http" and not own:
        raise UsageError(
            "the URL must begin with https://; plain http is sent only to networks named in VOICEBOT_WEBHOOK_NETWORKS"
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UsageError(
            "the URL may have neither a user and password nor a #fragment: the signature proves who we are"
        )
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not allowed(address, own, plain=parts.scheme == "http"):
        raise UsageError(refusal(plain=parts.scheme == "http"))


def allowed(address: Address, own: Sequence[Network], *, plain: bool = False) -> bool:
    """Whether events may be sent there. `plain`: over http, which only the networks in `own` get."""
    address = _meant(address)
    if any(address.version == network.version and address in network for network in own):
        return True
    if plain:
        return False
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast and not any(address in never for never in _NEVER)


def refusal(*, plain: bool) -> str:
    if plain:
        return "plain http is sent only to networks named in VOICEBOT_WEBHOOK_NETWORKS: use https"
    return (
        "this address is private, local or otherwise not on the internet; if it is your own system's, "
        "name its network in VOICEBOT_WEBHOOK_NETWORKS"
    )


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
