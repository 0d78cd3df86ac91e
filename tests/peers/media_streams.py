"""Twilio's end of a media stream, written from its documentation and from nothing of ours but mu-law.

Source: twilio.com/docs/voice/media-streams/websocket-messages.
"""

import asyncio
import base64
import contextlib
import json
from collections import deque

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from telephony.loopback import Hook, Press

FRAME_MS, FRAME_BYTES = 20, 160
SILENCE = b"\xff"
ACCOUNT_SID, CALL_SID, STREAM_SID = "AC" + "0" * 32, "CA" + "1" * 32, "MZ" + "2" * 32


class MediaStream:
    """Connects a phone that somebody holds (see telephony.loopback.Handset) to a stream's URL.

    `order`: of the packets on the wire, given each packet's number: how often it is sent, and how many packets late.
    """

    def __init__(self, handset, parameters, order=lambda number: (1, 0)):
        self.handset = handset
        self.parameters = parameters
        self.order = order
        self.played_marks, self.cleared_marks = [], []
        self.close_code = None
        self._sequence = 0
        self._play_out = deque()

    async def run(self, url, signature="", headers=None):
        """Until our side closes the stream. `headers`: what proves who connects, where that is not Twilio."""
        proof = headers or {"X-Twilio-Signature": signature}
        async with connect(url, additional_headers=proof, compression=None) as socket:
            await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            start = {
                "accountSid": ACCOUNT_SID,
                "streamSid": STREAM_SID,
                "callSid": CALL_SID,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": self.parameters,
            }
            await self._send(socket, "start", start)
            listening = asyncio.create_task(self._listen(socket))
            with contextlib.suppress(ConnectionClosed):
                await self._talk(socket, listening)
            await listening
            self.close_code = socket.close_code

    async def _talk(self, socket, listening):
        loop = asyncio.get_running_loop()
        began, number, late = loop.time(), 0, {}
        while not listening.done():
            did = self.handset.exchange(mulaw_to_pcm(await self._play(socket)))
            if did is Hook.DOWN:
                await self._send(socket, "stop", {"accountSid": ACCOUNT_SID, "callSid": CALL_SID})
                return
            if isinstance(did, Press):
                await self._send(socket, "dtmf", {"track": "inbound_track", "digit": did.digit})
                did = bytes(2 * FRAME_BYTES)
            said = pcm_to_mulaw(did or b"")
            media = {
                "track": "inbound",
                "chunk": str(number + 1),
                "timestamp": str(number * FRAME_MS),
                "payload": base64.b64encode(said).decode(),
            }
            times, packets_late = self.order(number) if did else (0, 0)  # lost before it came to the carrier
            late.setdefault(number + packets_late, []).extend([media] * times)
            for due in late.pop(number, ()):
                await self._send(socket, "media", due)
            number += 1
            await asyncio.sleep(began + number * FRAME_MS / 1000 - loop.time())

    async def _listen(self, socket):
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                message = json.loads(text)
                assert message["streamSid"] == STREAM_SID
                match message["event"]:
                    case "media":
                        self._play_out.append(base64.b64decode(message["media"]["payload"], validate=True))
                    case "mark":
                        self._play_out.append(message["mark"]["name"])
                    case "clear":
                        names = [each for each in self._play_out if isinstance(each, str)]
                        self._play_out.clear()
                        for name in names:
                            self.cleared_marks.append(name)
                            await self._send(socket, "mark", {"name": name})
                    case other:
                        raise AssertionError(f"Twilio knows no message {other!r}")

    async def _play(self, socket):
        """20 ms for the ear; a mark goes back when all before it has been played."""
        played = b""
        while self._play_out and (isinstance(self._play_out[0], str) or len(played) < FRAME_BYTES):
            each = self._play_out.popleft()
            if isinstance(each, str):
                self.played_marks.append(each)
                await self._send(socket, "mark", {"name": each})
                continue
            played += each
        if len(played) > FRAME_BYTES:
            self._play_out.appendleft(played[FRAME_BYTES:])
        return played[:FRAME_BYTES].ljust(FRAME_BYTES, SILENCE)

    async def _send(self, socket, event, body):
        self._sequence += 1
        await socket.send(
            json.dumps({"event": event, "sequenceNumber": str(self._sequence), event: body, "streamSid": STREAM_SID})
        )
