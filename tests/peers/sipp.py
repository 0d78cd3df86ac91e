"""Debian's sipp as a SIP server: answers each call, sends back what it hears, and does what a scenario says beside."""

import asyncio
import contextlib
import shutil
import socket

import pytest
from softphone import free_udp_port

SDP = """v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
DIALOG = "Call-ID: [call_id]\nContact: <sip:sipp@[local_ip]:[local_port]>"
OURS = "To:[$caller]\nFrom:[$called];tag=[call_number]\n" + DIALOG


def sends(first, *headers, body="", again=""):
    """A message. `again`: sent until it is answered."""
    length = ["Content-Type: application/sdp", "Content-Length: [len]"] if body else ["Content-Length: 0"]
    text = "\n".join([first, *headers, *length, "", body])
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"


def answers(status, *headers, body=""):
    fields = "[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]"
    contact = "Contact: <sip:sipp@[local_ip]:[local_port]>"
    return sends(f"SIP/2.0 {status}", fields, contact, *headers, body=body, again=' retrans="500"' if body else "")


def asks(method, number, *headers, body=""):
    """A request of sipp's in the call."""
    via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70"
    return sends(f"{method} [$contact] SIP/2.0", via, OURS, f"CSeq: {number} {method}", *headers, body=body)


INVITED = """<recv request="INVITE"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="called"/>
<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action></recv>"""
ACKED = '<recv request="ACK"/>'
HUNG_UP = '<recv request="BYE"/>' + answers("200 OK").replace(";tag=[call_number]", "")
NAMES = '<Reference variables="caller,called,contact"/>'


def answered(*headers):
    return INVITED + answers("180 Ringing") + answers("200 OK", *headers, body=SDP) + ACKED


def heard(status):
    return f'<recv response="{status}"/>'


def pause(ms):
    return f'<pause milliseconds="{ms}"/>'


class Sipp:
    def __init__(self, folder, *steps, calls):
        """`steps`: what it does in each call. It ends after so many."""
        self.port = free_udp_port()
        self._folder = folder
        self._steps = steps
        self._calls = calls

    async def __aenter__(self):
        program = shutil.which("sipp")
        if program is None:
            pytest.skip("sipp is not installed: make peers")
        scenario = self._folder / "scenario.xml"
        scenario.write_text("\n".join(['<?xml version="1.0"?><scenario name="s">', *self._steps, NAMES, "</scenario>"]))
        self._process = await asyncio.create_subprocess_exec(
            program, "-sf", scenario, "-i", "127.0.0.1", "-p", str(self.port), "-mp", str(free_udp_port()), "-rtp_echo",
            "-m", str(self._calls), "-nostdin", "-trace_err", "-error_file", self._folder / "errors",
            "-trace_msg", "-message_file", self._folder / "messages",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            cwd=self._folder,
        )  # fmt: skip
        async with asyncio.timeout(20):
            while is_free(self.port):
                assert self._process.returncode is None, (await self._process.stderr.read()).decode()
                await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()

    async def content(self):
        """Whether every call went as the scenario says."""
        _, errors = await asyncio.wait_for(self._process.communicate(), 20)
        assert self._process.returncode == 0, errors.decode()

    def messages(self):
        """All that went over the wire."""
        return (self._folder / "messages").read_text()


def is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
