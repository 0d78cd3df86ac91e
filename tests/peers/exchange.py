"""A telephone exchange: behind each number somebody holds a phone, or nobody answers for a reason.

Written from RFC 3261 (SIP, here over UDP), 3550 and 3551 (RTP, PCMU) and 4733 (keys), and from nothing of ours but
mu-law. What real phones and proxies do is tried with baresip, kamailio and sipp.
"""

import asyncio
import itertools
import re
import struct
from collections import deque

from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from telephony.loopback import Hook, Press

FRAME_MS, FRAME_BYTES = 20, 160
SILENCE = b"\xff"
PCMU = 0
KEYS = "0123456789*#"
KEY_FRAMES = 5
"""A key is held for so long."""
JITTER_FRAMES = 3
"""What has come is played once there is so much of it."""
REASONS = {180: "Ringing", 200: "OK", 487: "Request Terminated"}


def headers(message):
    """Those that matter here, each given once."""
    lines = message.partition("\r\n\r\n")[0].split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Datagrams(asyncio.DatagramProtocol):
    """A UDP port of this machine's. `received` is called with each packet and its sender."""

    def __init__(self, received):
        self.datagram_received = received

    async def open(self):
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        self.send = self._transport.sendto
        self.close = self._transport.close
        return self


class Exchange:
    """`numbers`: for each a phone (telephony.loopback.Handset), the status it is refused with, or None: it rings."""

    def __init__(self, numbers=()):
        self.numbers = dict(numbers)
        self.lines = {}
        """By Call-ID."""

    async def __aenter__(self):
        self._wire = await Datagrams(self._received).open()
        self.port = self._wire.port
        return self

    async def __aexit__(self, *_):
        for line in self.lines.values():
            await line.stop()
        self._wire.close()

    def _received(self, packet, sender):
        message = packet.decode()
        method, uri = message.split(" ")[:2]
        line = self.lines.get(headers(message)["call-id"])
        match method:
            case "INVITE" if line is None:
                number = re.search("sip:(.*?)[@;>]", uri)[1]
                self._ring(message, sender, self.numbers[number])
            case "ACK" if line and line.phone:
                line.start()
            case "CANCEL":
                self._answer(message, sender, 200)
                self._answer(line.invite, sender, 487)
            case "BYE":
                self._answer(message, sender, 200)
                line.over = True

    def _ring(self, invite, sender, who):
        self._answer(invite, sender, 180)
        line = Line(invite, who if hasattr(who, "exchange") else None, lambda: self._hang_up(line, sender))
        self.lines[headers(invite)["call-id"]] = line
        if isinstance(who, int):
            self._answer(invite, sender, who)
        elif line.phone:
            line.picking_up = asyncio.create_task(self._pick_up(line, sender))

    async def _pick_up(self, line, sender):
        await line.open()
        self._answer(line.invite, sender, 200, line.sdp())

    def _answer(self, request, to, status, body=""):
        fields = headers(request)
        tag = "" if "tag=" in fields["to"] else ";tag=exchange"
        lines = [f"SIP/2.0 {status} {REASONS.get(status, 'So Be It')}"]
        lines += [f"{name}: {fields[name.lower()]}" for name in ("Via", "From", "Call-ID", "CSeq")]
        lines += [f"To: {fields['to']}{tag}", *self._end(body)]
        self._wire.send("\r\n".join(lines).encode() + body.encode(), to)

    def _hang_up(self, line, to):
        fields = headers(line.invite)
        uri = re.search("<(.*?)>", fields["contact"])[1]
        lines = [
            f"BYE {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{fields['call-id'][:16]}",
            "Max-Forwards: 70",
            f"From: {fields['to']};tag=exchange",
            f"To: {fields['from']}",
            f"Call-ID: {fields['call-id']}",
            "CSeq: 1 BYE",
            *self._end(""),
        ]
        self._wire.send("\r\n".join(lines).encode(), to)

    def _end(self, body):
        type_ = ["Content-Type: application/sdp"] if body else []
        return [f"Contact: <sip:exchange@127.0.0.1:{self.port}>", *type_, f"Content-Length: {len(body)}", "", ""]


class Line:
    """One call's audio: 20 ms each way every 20 ms, through the phone that somebody holds."""

    def __init__(self, invite, phone, hang_up):
        self.invite = invite
        self.phone = phone
        self.over = False
        self._hang_up = hang_up
        self._wire = self._talking = None
        self._play_out = deque()
        self._waits = True
        host, port = (re.search(pattern, invite)[1] for pattern in (r"c=IN IP4 (\S+)", r"m=audio (\d+)"))
        self._to = host, int(port)
        self._key_type = int(re.search(r"a=rtpmap:(\d+) telephone-event/8000", invite)[1])
        self._sequence = itertools.count(1)

    async def open(self):
        self._wire = await Datagrams(self._received).open()

    def sdp(self):
        return (
            "v=0\r\no=exchange 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._wire.port} RTP/AVP {PCMU} {self._key_type}\r\na=rtpmap:{PCMU} PCMU/8000\r\n"
            f"a=rtpmap:{self._key_type} telephone-event/8000\r\na=fmtp:{self._key_type} 0-15\r\na=ptime:20\r\n"
        )

    def start(self):
        if self._talking is None:
            self._talking = asyncio.create_task(self._talk())

    async def stop(self):
        self.over = True
        if self._talking is not None:
            await self._talking
        elif self._wire is not None:
            self._wire.close()

    def _received(self, packet, _):
        if packet[1] & 0x7F == PCMU:
            self._play_out.append(packet[12:])

    async def _talk(self):
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while not self.over:
            did = self.phone.exchange(mulaw_to_pcm(self._play()))
            at = number * FRAME_BYTES
            match did:
                case Hook.DOWN:
                    self._hang_up()
                    break
                case Press(digit=digit):
                    self._press(digit, at)
                case bytes():
                    self._send(PCMU, at, pcm_to_mulaw(did))
                case None:  # lost on its way
                    next(self._sequence)
            number += 1
            await asyncio.sleep(began + number * FRAME_MS / 1000 - loop.time())
        self._wire.close()

    def _play(self):
        """The next 20 ms for the ear. What has been waited for is made up for by leaving silence out."""
        while len(self._play_out) > JITTER_FRAMES and not self._play_out[0].strip(SILENCE):
            self._play_out.popleft()
        self._waits = len(self._play_out) < (JITTER_FRAMES if self._waits else 1)
        return SILENCE * FRAME_BYTES if self._waits else self._play_out.popleft()

    def _press(self, digit, at):
        """RFC 4733, 2.5: updates while the key is down, and its end three times."""
        for frame in (*range(1, KEY_FRAMES), *[KEY_FRAMES] * 3):
            end = 0x80 if frame == KEY_FRAMES else 0
            event = struct.pack("!BBH", KEYS.index(digit), end | 10, frame * FRAME_BYTES)
            self._send(self._key_type, at, event, marker=frame == 1)

    def _send(self, payload_type, at, payload, marker=False):
        head = struct.pack("!BBHII", 0x80, payload_type | marker << 7, next(self._sequence) & 0xFFFF, at, 0x5EED)
        self._wire.send(head + payload, self._to)
