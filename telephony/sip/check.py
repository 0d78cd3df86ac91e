"""Whether a SIP server is ready to take our calls, in plain words."""

import asyncio
import os
import secrets
import socket
import ssl
from collections.abc import AsyncIterator

from models.call import CallAnswered, CallEnded, DialRequest
from models.errors import TelephonyError
from telephony.finding import Finding, Verdict
from telephony.sip.gateway import SipGateway, SipLeg
from telephony.sip.trunk import SipTrunk

ANSWERS_WITHIN_S = 4
RETRANSMIT_S = (0, 0.5, 1, 2)
"""RFC 3261, 17.1.2: what is asked over UDP is asked again until it is answered."""
TEST_CALL_S = 5


async def check(gateway: SipGateway) -> AsyncIterator[Finding]:
    """Everything that must be right before the first call, one finding after the other; stops where none can follow."""
    reached = await _reach(gateway.trunk)
    yield reached
    if reached.verdict is Verdict.BAD:
        return
    yield await _account(gateway)


async def place_test_call(gateway: SipGateway, to: str) -> Finding:
    """Calls `to` (E.164), keeps silent for 5 seconds once it is answered, and hangs up."""
    try:
        leg = await gateway.dial(DialRequest("test", to, "", longest_ms=TEST_CALL_S * 1000))
        listening = None
        async for event in leg.events():
            match event:
                case CallAnswered():
                    listening = asyncio.create_task(_sound_comes(leg))
                case CallEnded(disposition=disposition) if disposition is not None:
                    return Finding(Verdict.NOTE, f"the call was not answered ({disposition.value.replace('_', ' ')})")
    except TelephonyError as error:
        return Finding(Verdict.BAD, str(error))
    if listening is not None and await listening:
        return Finding(Verdict.GOOD, "the call was answered, and sound came from there")
    return Finding(
        Verdict.BAD,
        f"the call was answered, and no sound came: UDP ports {gateway.trunk.rtp_ports} of this machine must be "
        "reachable, and the server must send to where our sound comes from (symmetric RTP) if NAT lies between",
    )


async def _sound_comes(leg: SipLeg) -> bool:
    """Until the call is over."""
    heard = False
    while not leg.audio.over:
        heard = bool(leg.audio.hear()) or heard
        await asyncio.sleep(0.1)
    return heard


async def _account(gateway: SipGateway) -> Finding:
    trunk = gateway.trunk
    try:
        await gateway.start()
    except TelephonyError as error:
        return Finding(Verdict.BAD, str(error))
    if trunk.register:
        return Finding(Verdict.GOOD, f"{trunk.domain} has registered {trunk.user}")
    return Finding(
        Verdict.NOTE,
        f"whether {trunk.domain} lets {trunk.user} call shows when a call is placed: --call with a number of yours",
    )


async def _reach(trunk: SipTrunk) -> Finding:
    """Asks the server for what it can do: whatever it answers, it is there."""
    host, port = trunk.host, trunk.port
    where = f"{host}:{port} over {trunk.transport.upper()}"
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            answer = await (_ask_over_udp if trunk.transport == "udp" else _ask_over_stream)(trunk)
    except socket.gaierror:
        return Finding(Verdict.BAD, f"{host} has no address: see how VOICEBOT_SIP_DOMAIN is spelt")
    except ssl.SSLCertVerificationError as error:
        return Finding(
            Verdict.BAD,
            f"the certificate of {where} is not trusted ({error.verify_message}): VOICEBOT_SIP_CA_FILE must have the "
            f"one that signed it, and it must be {host}'s",
        )
    except ssl.SSLError:
        return Finding(
            Verdict.BAD, f"{where}: nobody speaks TLS there; its port is often 5061, see VOICEBOT_SIP_DOMAIN"
        )
    except (OSError, TimeoutError) as error:
        why = os.strerror(error.errno) if error.errno else "no answer"
        return Finding(
            Verdict.BAD,
            f"{where} does not answer ({why}): see VOICEBOT_SIP_DOMAIN and VOICEBOT_SIP_TRANSPORT, whether the server "
            "runs, and the firewalls between",
        )
    if not answer.startswith(b"SIP/2.0 "):
        return Finding(Verdict.BAD, f"what answers at {where} is no SIP server: see the port in VOICEBOT_SIP_DOMAIN")
    return Finding(Verdict.GOOD, f"a SIP server answers at {where}")


async def _ask_over_udp(trunk: SipTrunk) -> bytes:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(answered), remote_addr=(trunk.host, trunk.port))
    try:
        question = _options(trunk, transport.get_extra_info("sockname"))
        asking = [loop.call_later(after_s, transport.sendto, question) for after_s in RETRANSMIT_S]
        try:
            return await answered
        finally:
            for timer in asking:
                timer.cancel()
    finally:
        transport.close()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self._answered.done():
            self._answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)


async def _ask_over_stream(trunk: SipTrunk) -> bytes:
    trusts = ssl.create_default_context(cafile=trunk.ca_file) if trunk.transport == "tls" else None
    reader, writer = await asyncio.open_connection(trunk.host, trunk.port, ssl=trusts)
    try:
        writer.write(_options(trunk, writer.get_extra_info("sockname")))
        return await reader.read(1024)
    finally:
        writer.transport.abort()


def _options(trunk: SipTrunk, ours: tuple[str, int]) -> bytes:
    """RFC 3261, 11."""
    here = f"{ours[0]}:{ours[1]}"
    lines = [
        f"OPTIONS sip:{trunk.domain};transport={trunk.transport} SIP/2.0",
        f"Via: SIP/2.0/{trunk.transport.upper()} {here};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:{trunk.user}@{trunk.domain}>;tag={secrets.token_hex(8)}",
        f"To: <sip:{trunk.domain}>",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:{trunk.user}@{here};transport={trunk.transport}>",
        "Content-Length: 0",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()
