"""Carries one event to one URL over HTTP. The address that is checked is the very one that is connected to, so a name
that resolves to something else a moment later gains nothing; redirects are not followed, and no proxy is asked."""

import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from models.errors import UsageError
from models.webhooks import Reply
from voicebot.webhooks.address import Network, allowed, check_url, refusal

TIMEOUT_S = 15
"""For everything; the specification recommends 15 to 30."""
CONNECT_TIMEOUT_S = 5
MOST_BYTES = 16_384
"""Of an answer, after which the connection is closed; nothing of it is kept."""
_LARGEST_LINE = 8190


class Courier:
    """For one event loop. `own`: networks that may be sent to although they are private, also over plain http."""

    def __init__(self, own: Sequence[Network] = (), user_agent: str = "voicebot") -> None:
        self._own = tuple(own)
        self._headers = {"content-type": "application/json", "user-agent": user_agent}
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        for scheme in ("https", "http"):
            self._sessions[scheme] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    socket_factory=_gate(self._own, plain=scheme == "http"), use_dns_cache=False, limit_per_host=4
                ),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                max_line_size=_LARGEST_LINE,
                max_field_size=_LARGEST_LINE,
                trust_env=False,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions.values():
            await session.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Never raises for what the receiver, the network or the URL does: the reply says it."""
        try:
            check_url(url, self._own)
            return await self._post(url, body, headers)
        except UsageError as error:
            return Reply(None, str(error))
        except TimeoutError:
            return Reply(None, f"no answer within {TIMEOUT_S} s")
        except aiohttp.ClientConnectorCertificateError:
            return Reply(None, "its certificate is not valid for this name, or its issuer is not known here")
        except aiohttp.ClientConnectorDNSError:
            return Reply(None, "its name cannot be looked up")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _Refused):
                return Reply(None, str(error.os_error))
            return Reply(None, "it cannot be connected to")
        except Exception as error:  # whatever a receiver makes the library trip over counts as an attempt too
            return Reply(None, f"the connection failed ({type(error).__name__})")

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        session = self._sessions[urlsplit(url).scheme]
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            await _skip(response.content)
            if 200 <= response.status < 300:
                return Reply(response.status)
            return Reply(response.status, f"it answered {response.status}", _retry_after_s(response.headers))


class _Refused(PermissionError):
    """An address that nothing is sent to."""


def _gate(own: Sequence[Network], *, plain: bool) -> Callable[[Any], socket.socket]:
    return partial(_open, tuple(own), plain)


def _open(own: Sequence[Network], plain: bool, address_info: Any) -> socket.socket:
    """Makes the socket for one resolved address, or refuses to: nothing connects without passing here."""
    family, kind, protocol, _, (host, *_rest) = address_info
    if not allowed(ip_address(host), own, plain=plain):
        raise _Refused(refusal(plain=plain))
    return socket.socket(family, kind, protocol)


async def _skip(content: aiohttp.StreamReader) -> None:
    """Reads a small answer to its end, so that the connection can be used again; a large one is cut."""
    left = MOST_BYTES
    while left > 0 and (piece := await content.read(left)):
        left -= len(piece)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds; a date, which is rare, counts as nothing."""
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdecimal() and len(value) < 9 else 0.0
