"""A SIP server that answers as nobody should, by the number that is called."""

import asyncio
import re

GOOD = "v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
BODIES = {
    "no-sdp": "",
    "garbled-sdp": "v=0\r\nm=audio \x00\xff\xfe nonsense\r\nc=\r\n=\r\n" * 20,
    "no-codec": GOOD.replace("RTP/AVP 0", "RTP/AVP 18"),
    "no-audio": GOOD.replace("m=audio {port}", "m=audio 0"),
    "garbled-media": GOOD,
    "good": GOOD,
}
RTP_HEADER = b"\x80\x00\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x01"
JUNK = [b"", b"\x00", b"\xff" * 11, b"\x80" * 1400, RTP_HEADER, RTP_HEADER + b"\x01", b"\x9f" + RTP_HEADER[1:] * 90]


class BadPhone(asyncio.DatagramProtocol):
    """Answers INVITE and BYE over UDP."""

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._media, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
        self.sip_port = self._transport.get_extra_info("sockname")[1]
        self._media_port = self._media.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_):
        self._transport.close()
        self._media.close()

    def datagram_received(self, data, sender):
        method, uri = data.decode(errors="replace").split(" ")[:2]
        if method == "ACK" or method.startswith("SIP"):
            return
        how = re.search("sip:(.*?)@", uri)
        how = how[1] if how else ""
        if method == "INVITE" and how == "no-sip":
            self._transport.sendto(b"\x00\xff\x16\x03 hello\r\n\r\n" * 50, sender)
            return
        if method == "INVITE" and how == "half-sip":
            self._transport.sendto(b"SIP/2.0 200 OK\r\nVia: \r\nCSeq: x INVITE\r\n\r\n", sender)
            return
        is_call = method == "INVITE"
        body = BODIES.get(how, "").format(port=self._media_port).encode("latin-1") if is_call else b""
        self._transport.sendto(self._ok(data.decode(), body), sender)
        if is_call and how == "garbled-media":
            port = int(re.search(r"m=audio (\d+)", data.decode())[1])
            for junk in JUNK * 20:
                self._media.sendto(junk, ("127.0.0.1", port))

    def _ok(self, request, body):
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        lines = [line for line in request.split("\r\n") if line.split(":")[0] in names]
        lines = [line + ";tag=bad" if line.startswith("To:") and "tag=" not in line else line for line in lines]
        lines += [f"Contact: <sip:bad@127.0.0.1:{self.sip_port}>", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join(["SIP/2.0 200 OK", *lines, "", ""]).encode() + body
