"""Media Streams on pipecat: a WebSocket's JSON to frames and back, with marks, stops and lost packets."""

import asyncio

from fastapi import WebSocket
from loguru import logger
from pipecat.audio.dtmf.types import KeypadEntry
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
)
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.websocket.fastapi import (
    FastAPIWebsocketOutputTransport,
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)

from models.audio import TELEPHONE_RATE_HZ
from models.errors import MalformedMessage
from telephony import media_stream as wire
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.pipeline.clock import CallClock
from voicebot.pipeline.frames import LineLostFrame, PlayedFrame


class MediaStreamSerializer(FrameSerializer):
    """One call's stream. Advances the call's clock with every packet."""

    def __init__(self, stream_sid: str, clock: CallClock) -> None:
        super().__init__()
        self.malformed = 0
        """Messages dropped because they made no sense."""
        self.timeline = wire.Timeline()
        self._stream_sid = stream_sid
        self._clock = clock

    async def serialize(self, frame: Frame) -> str | None:
        match frame:
            case OutputAudioRawFrame():
                body = wire.MediaBody(payload=pcm_to_mulaw(frame.audio))
                return wire.encode(wire.Media(stream_sid=self._stream_sid, media=body))
            case OutputTransportMessageFrame():
                return wire.encode(
                    wire.Mark(stream_sid=self._stream_sid, mark=wire.MarkBody(name=frame.message["mark"]))
                )
            case InterruptionFrame():
                return wire.encode(wire.Clear(stream_sid=self._stream_sid))
        return None

    async def deserialize(self, data: str | bytes) -> Frame | None:
        try:
            message = wire.from_carrier(data)
        except MalformedMessage as error:
            self.malformed += 1
            logger.warning("dropped a malformed media stream message: {}", error)
            return None
        match message:
            case wire.Media(media=body):
                mulaw = self.timeline.place(body)
                self._clock.now_ms = self.timeline.now_ms
                return InputAudioRawFrame(audio=mulaw_to_pcm(mulaw), sample_rate=TELEPHONE_RATE_HZ, num_channels=1)
            case wire.Mark(mark=mark):
                return PlayedFrame(mark=mark.name, at_ms=self._clock.now_ms)
            case wire.Dtmf(dtmf=dtmf):
                return InputDTMFFrame(button=KeypadEntry(dtmf.digit))
            case wire.Stop():
                return LineLostFrame(at_ms=self._clock.now_ms)
        return None


def mark(name: str) -> OutputTransportMessageFrame:
    """A frame that asks the carrier to report when everything before it has been played."""
    return OutputTransportMessageFrame(message={"mark": name})


class MediaStreamTransport(FastAPIWebsocketTransport):
    """The call's audio over a WebSocket whose start message has been read."""

    tells_who_answered = True

    def __init__(self, socket: WebSocket, stream_sid: str) -> None:
        self.clock = CallClock()
        self._serializer = MediaStreamSerializer(stream_sid, self.clock)
        params = FastAPIWebsocketParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_out_10ms_chunks=2,
            audio_out_end_silence_secs=0,  # the closing line's mark has come back before we hang up
            serializer=self._serializer,
            allowed_origins=[],
        )
        super().__init__(socket, params)
        self._output = _Output(self, self._client, params)

    def facts(self) -> dict[str, int]:
        return {
            "malformed_messages": self._serializer.malformed,
            "lost_audio_ms": self._serializer.timeline.lost_ms,
            "late_audio_ms": self._serializer.timeline.late_ms,
        }


class _Output(FastAPIWebsocketOutputTransport):
    _due_s = 0.0

    async def _write_audio_sleep(self) -> None:
        """Paces the audio by the event loop's clock, which may run faster than the wall's that pipecat looks at."""
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0, self._due_s - now_s))
        self._due_s = max(self._due_s, now_s) + self._send_interval
