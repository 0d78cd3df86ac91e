"""A carrier that ships with voicebot: a simulated phone that speaks Twilio Media Streams over a real WebSocket.

"Dialling" rings the phone and, when it is picked up, connects to the gateway as a carrier would: the gateway cannot
tell the difference. Audio runs in real time, 20 ms a packet, through mu-law, and what the gateway sends goes into a
play-out buffer whose marks come back when the audio before them has been played, or cleared.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, ms_to_bytes
from models.call import CallAnswered, CallEnded, CallEvent, CallRinging, DialRequest, Disposition
from models.errors import CarrierUnreachable
from telephony import media_stream as wire
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw

FRAME_BYTES = ms_to_bytes(FRAME_MS, TELEPHONE_RATE_HZ)
"""PCM bytes in one 20 ms frame."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key on the phone."""

    digit: str


class Hook(Enum):
    DOWN = "down"
    """The person hangs up."""


class Handset(Protocol):
    """Whoever holds the simulated phone. Called once every 20 ms of audio time."""

    def exchange(self, heard: bytes) -> bytes | Press | Hook | None:
        """`heard`: 20 ms of 8 kHz PCM from the earpiece.

        Returns 20 ms for the microphone, a key press, or hangs up. None: what was said gets lost on its way.
        """
        ...


PickUp = Callable[[DialRequest], Handset | Disposition]
"""Who picks up a call, or how it fails: BUSY, NO_ANSWER or REJECTED."""


class LoopbackGateway:
    """Dials simulated phones. `media_url` is the gateway's own WebSocket, such as ws://127.0.0.1:8080/media."""

    name = "loopback"
    rings_people = False

    def __init__(self, media_url: str, pick_up: PickUp, *, ringing_ms: int = 200) -> None:
        self._media_url = media_url
        self._pick_up = pick_up
        self._ringing_ms = ringing_ms

    async def dial(self, request: DialRequest) -> "LoopbackLeg":
        return LoopbackLeg(Phone(self._media_url, request, self._pick_up(request), self._ringing_ms))


class LoopbackLeg:
    """One simulated call."""

    def __init__(self, phone: "Phone") -> None:
        self._phone = phone
        self._task = asyncio.create_task(phone.run(), name="loopback phone")

    async def events(self) -> AsyncIterator[CallEvent]:
        """Raises CarrierUnreachable when the gateway's WebSocket could not be reached or refused the stream."""
        while True:
            event = await self._phone.status.get()
            if isinstance(event, CallEnded):
                await asyncio.wait({self._task})
                if not self._task.cancelled():
                    self._task.result()
                yield event
                return
            yield event

    async def hang_up(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def go_dead(self) -> None:
        """The network loses the call: nothing more comes over the wire, not even a goodbye."""
        self._phone.go_dead()


class Phone:
    """One phone during one call."""

    def __init__(self, media_url: str, request: DialRequest, picked_up: Handset | Disposition, ringing_ms: int) -> None:
        self.status: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._media_url = media_url
        self._request = request
        self._picked_up = picked_up
        self._ringing_ms = ringing_ms
        self._stream_sid = f"MZ{request.attempt_id}"
        self._sequence = 0
        self._socket: ClientConnection | None = None
        self._dead = False
        self._play_out: deque[bytes | str] = deque()
        """What is still to be heard, in order: 20 ms of mu-law or less, or the name of a mark."""

    async def run(self) -> None:
        outcome = CallEnded()
        try:
            self.status.put_nowait(CallRinging())
            await asyncio.sleep(self._ringing_ms / 1000)
            if isinstance(self._picked_up, Disposition):
                outcome = CallEnded(self._picked_up)
            else:
                self.status.put_nowait(CallAnswered())
                await self._talk(self._picked_up)
        except asyncio.CancelledError:  # we have hung up
            outcome = CallEnded(None if self._socket else Disposition.FAILED)
            raise
        except BaseException:
            outcome = CallEnded(Disposition.FAILED)
            raise
        finally:
            self.status.put_nowait(outcome)

    def go_dead(self) -> None:
        self._dead = True
        if self._socket is not None:
            self._socket.transport.abort()

    async def _talk(self, handset: Handset) -> None:
        try:
            async with connect(self._media_url, compression=None, proxy=None) as socket:
                self._socket = socket
                if self._dead:
                    self.go_dead()
                with contextlib.suppress(ConnectionClosed):
                    await self._announce(socket)
                    await self._converse(socket, handset)
        except (OSError, InvalidStatus, InvalidHandshake) as error:
            raise CarrierUnreachable(
                f"the simulated phone cannot reach the gateway at {self._media_url}: start `voicebot serve` there first"
            ) from error

    async def _converse(self, socket: ClientConnection, handset: Handset) -> None:
        listening = asyncio.create_task(self._listen(socket))
        try:
            await self._exchange(socket, handset, listening)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await listening

    async def _announce(self, socket: ClientConnection) -> None:
        await socket.send(wire.encode(wire.Connected()))
        body = wire.StartBody(
            stream_sid=self._stream_sid,
            call_sid=f"CA{self._request.attempt_id}",
            custom_parameters={"token": self._request.stream_token},
        )
        await self._send(socket, wire.Start(start=body))

    async def _exchange(self, socket: ClientConnection, handset: Handset, listening: asyncio.Task[None]) -> None:
        """Play and send 20 ms at a time, in real time, until either side hangs up or the longest time is over."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        frames = 0
        while not listening.done():
            said = handset.exchange(mulaw_to_pcm(await self._play(socket)))
            if said is Hook.DOWN or frames * FRAME_MS >= self._request.longest_ms:
                await self._send(socket, wire.Stop(stop=wire.StopBody(call_sid=f"CA{self._request.attempt_id}")))
                return
            if isinstance(said, Press):
                await self._send(socket, wire.Dtmf(dtmf=wire.DtmfBody.model_validate({"digit": said.digit})))
                said = bytes(FRAME_BYTES)
            if isinstance(said, bytes):
                payload, at_ms = pcm_to_mulaw(said), frames * FRAME_MS
                body = wire.MediaBody(payload=payload, timestamp=at_ms, chunk=frames + 1, track="inbound")
                await self._send(socket, wire.Media(media=body))
            frames += 1
            await asyncio.sleep(started + frames * FRAME_MS / 1000 - loop.time())

    async def _play(self, socket: ClientConnection) -> bytes:
        """The next 20 ms of mu-law for the earpiece; marks that fall due are echoed."""
        size = FRAME_BYTES // 2
        played = b""
        while self._play_out and (len(played) < size or isinstance(self._play_out[0], str)):
            item = self._play_out.popleft()
            if isinstance(item, str):
                await self._send(socket, wire.Mark(mark=wire.MarkBody(name=item)))
                continue
            played += item
        if len(played) > size:
            self._play_out.appendleft(played[size:])
            played = played[:size]
        return played.ljust(size, wire.SILENCE)

    async def _listen(self, socket: ClientConnection) -> None:
        """Take what the gateway sends, until it closes the stream."""
        async for text in _messages(socket):
            match wire.to_carrier(text):
                case wire.Media(media=body):
                    self._play_out.extend(body.payload[at : at + 160] for at in range(0, len(body.payload), 160))
                case wire.Mark(mark=mark):
                    self._play_out.append(mark.name)
                case wire.Clear():
                    marks = [item for item in self._play_out if isinstance(item, str)]
                    self._play_out.clear()
                    for name in marks:
                        await self._send(socket, wire.Mark(mark=wire.MarkBody(name=name)))

    async def _send(
        self, socket: ClientConnection, message: wire.Start | wire.Media | wire.Dtmf | wire.Mark | wire.Stop
    ) -> None:
        self._sequence += 1
        await socket.send(
            wire.encode(message.model_copy(update={"sequence_number": self._sequence, "stream_sid": self._stream_sid}))
        )


async def _messages(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """What arrives until the connection is closed, in whatever way: a line that goes dead is a call that has ended."""
    with contextlib.suppress(ConnectionClosed):
        async for text in socket:
            yield text
