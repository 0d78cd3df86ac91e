"""`voicebot carrier check` over SIP says in plain words what is missing, against Debian's kamailio and worse."""

import asyncio
import contextlib

import pytest
from carriers import Phone, sip_gateway
from exchange import Exchange
from registrar import PASSWORD, Registrar, make_certificate
from softphone import free_port, free_udp_port

from telephony.finding import Verdict
from telephony.sip import SipGateway, SipTrunk
from telephony.sip.check import check, place_test_call

GOOD, NOTE, BAD = Verdict.GOOD, Verdict.NOTE, Verdict.BAD


async def findings(sip):
    return [finding async for finding in check(sip)]


@pytest.fixture
async def pbx(tmp_path):
    async with Registrar(tmp_path / "pbx") as registrar:
        yield registrar


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("register", [False, True], ids=["trunk", "registered"])
async def test_a_server_that_is_ready(pbx, transport, register):
    settings = {"transport": transport, "register": register, "password": PASSWORD, "ca_file": pbx.certificate}
    async with sip_gateway(pbx.ports[transport], **settings) as sip:
        found = await findings(sip)
    assert [each.verdict for each in found] == [GOOD, GOOD if register else NOTE]
    assert ("registered" if register else "--call") in found[1].says


async def test_a_wrong_password(pbx):
    async with sip_gateway(pbx.ports["udp"], register=True, password="wrong") as sip:
        reached, account = await findings(sip)
    assert (reached.verdict, account.verdict) == (GOOD, BAD)
    assert "VOICEBOT_SIP_PASSWORD" in account.says


async def test_a_certificate_of_somebody_else(pbx, tmp_path):
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other")
    async with sip_gateway(pbx.ports["tls"], transport="tls", ca_file=tmp_path / "other" / "cert.pem") as sip:
        (found,) = await findings(sip)
    assert found.verdict is BAD
    assert "VOICEBOT_SIP_CA_FILE" in found.says


async def test_tls_where_there_is_none(pbx):
    async with sip_gateway(pbx.ports["tcp"], transport="tls", ca_file=pbx.certificate) as sip:
        (found,) = await findings(sip)
    assert found.verdict is BAD
    assert "TLS" in found.says


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_nobody_is_there(transport):
    async with sip_gateway(free_udp_port() if transport == "udp" else free_port(), transport=transport) as sip:
        (found,) = await findings(sip)
    assert found.verdict is BAD
    assert "does not answer (Connection refused)" in found.says


async def test_a_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr("telephony.sip.check.ANSWERS_WITHIN_S", 1)
    async with contextlib.AsyncExitStack() as stack:
        loop = asyncio.get_running_loop()
        silent, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
        stack.callback(silent.close)
        sip = await stack.enter_async_context(sip_gateway(silent.get_extra_info("sockname")[1]))
        (found,) = await findings(sip)
    assert "does not answer (no answer)" in found.says


async def test_something_that_is_no_sip_server():
    async def web(reader, writer):
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server, sip_gateway(server.sockets[0].getsockname()[1], transport="tcp") as sip:
        (found,) = await findings(sip)
    assert "no SIP server" in found.says


async def test_a_name_that_is_nobodys():
    (found,) = await findings(SipGateway(SipTrunk("engine", "pbx.invalid")))
    assert found.verdict is BAD
    assert "VOICEBOT_SIP_DOMAIN" in found.says


@pytest.mark.parametrize(
    ("who", "verdict", "says"),
    [("answers", GOOD, "sound came"), ("is silenced", BAD, "UDP ports 10000-20000"), (486, NOTE, "busy"),
     (403, BAD, "VOICEBOT_SIP_PASSWORD")],
)  # fmt: skip
async def test_a_test_call(monkeypatch, who, verdict, says):
    monkeypatch.setattr("telephony.sip.check.TEST_CALL_S", 1)
    if not isinstance(who, int):
        phone = Phone()
        phone.loss = who == "is silenced"
    async with (
        Exchange({"+14155550123": who if isinstance(who, int) else phone}) as exchange,
        sip_gateway(exchange.port) as sip,
    ):
        found = await place_test_call(sip, "+14155550123")
    assert found.verdict is verdict
    assert says in found.says
