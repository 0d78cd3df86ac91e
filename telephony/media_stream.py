"""Twilio Media Streams: the JSON messages of a phone call's audio over a WebSocket, in both directions.

Carrier to us: connected, start, media, dtmf, mark, stop. Us to carrier: media, mark, clear.
Source: twilio.com/docs/voice/media-streams/websocket-messages. Other carriers (SignalWire, Telnyx TeXML) speak it too.
"""

import base64
import binascii
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ
from models.errors import MalformedMessage

MAX_MESSAGE_BYTES = 64 * 1024
"""Far above any real message (20 ms are 320 characters); a larger one is an attack or a bug."""

SILENCE = b"\xff"
"""Zero in mu-law."""


def _decode_base64(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ValueError("payload must be base64 text")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("payload is not base64") from None


Payload = Annotated[
    bytes, BeforeValidator(_decode_base64), PlainSerializer(lambda raw: base64.b64encode(raw).decode("ascii"))
]
NumberText = Annotated[int, Field(ge=0), PlainSerializer(str)]
"""A number that travels as text, such as "42"."""


class _Wire(BaseModel):
    """Unknown fields are ignored: carriers add some without notice."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class MediaFormat(_Wire):
    encoding: Literal["audio/x-mulaw"] = "audio/x-mulaw"
    sample_rate: Literal[8000] = 8000
    channels: Literal[1] = 1


class StartBody(_Wire):
    stream_sid: str = Field(min_length=1, max_length=200)
    call_sid: str = Field(min_length=1, max_length=200)
    account_sid: str = ""
    tracks: tuple[str, ...] = ("inbound",)
    custom_parameters: dict[str, str] = {}
    media_format: MediaFormat = MediaFormat()


class MediaBody(_Wire):
    payload: Payload
    """mu-law, 8 kHz; 160 bytes are 20 ms."""
    timestamp: NumberText | None = None
    """Milliseconds from the start of the stream. Absent on what we send."""
    chunk: NumberText | None = None
    track: str | None = None


class DtmfBody(_Wire):
    digit: Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
    track: str = "inbound_track"


class MarkBody(_Wire):
    name: str = Field(min_length=1, max_length=200)


class StopBody(_Wire):
    call_sid: str = ""
    account_sid: str = ""


class Connected(_Wire):
    event: Literal["connected"] = "connected"
    protocol: str = "Call"
    version: str = "1.0.0"


class _Streamed(_Wire):
    stream_sid: str = ""
    sequence_number: NumberText | None = None
    """From 1, on what the carrier sends."""


class Start(_Streamed):
    event: Literal["start"] = "start"
    start: StartBody


class Media(_Streamed):
    event: Literal["media"] = "media"
    media: MediaBody


class Dtmf(_Streamed):
    event: Literal["dtmf"] = "dtmf"
    dtmf: DtmfBody


class Mark(_Streamed):
    event: Literal["mark"] = "mark"
    mark: MarkBody


class Stop(_Streamed):
    event: Literal["stop"] = "stop"
    stop: StopBody = StopBody()


class Clear(_Streamed):
    event: Literal["clear"] = "clear"


T = TypeVar("T")

FromCarrier = Connected | Start | Media | Dtmf | Mark | Stop
ToCarrier = Media | Mark | Clear

_from_carrier: TypeAdapter[FromCarrier] = TypeAdapter(Annotated[FromCarrier, Field(discriminator="event")])
_to_carrier: TypeAdapter[ToCarrier] = TypeAdapter(Annotated[ToCarrier, Field(discriminator="event")])


def from_carrier(text: str | bytes) -> FromCarrier:
    """Read a message that a carrier sent. Raises MalformedMessage."""
    return _parse(_from_carrier, text)


def to_carrier(text: str | bytes) -> ToCarrier:
    """Read a message that was sent to a carrier. Raises MalformedMessage."""
    return _parse(_to_carrier, text)


def encode(message: FromCarrier | ToCarrier) -> str:
    return message.model_dump_json(by_alias=True, exclude_none=True)


def _parse(adapter: TypeAdapter[T], text: str | bytes) -> T:
    if isinstance(text, bytes):
        raise MalformedMessage("media stream message is binary; expected JSON text")
    if len(text) > MAX_MESSAGE_BYTES:
        raise MalformedMessage(
            f"media stream message has {len(text)} characters; at most {MAX_MESSAGE_BYTES} make sense"
        )
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "message"
        raise MalformedMessage(f"media stream {place}: {first['msg']}") from error


class Timeline:
    """Lays incoming media on the call's clock: lost packets become silence, late and repeated ones are dropped.

    The clock is the audio itself, so that a recording and the transcript keep step however unevenly packets arrive.
    """

    JITTER_MS = 3 * FRAME_MS
    """A timestamp this close to what was expected counts as in step: carriers' clocks round."""
    LONGEST_FILL_MS = 60_000
    """A jump beyond this is a broken timestamp, not a gap, and is not filled."""

    def __init__(self) -> None:
        self.now_ms = 0
        """Audio received so far."""
        self.lost_ms = 0
        self.late_ms = 0
        self._offset_ms: int | None = None
        self._last_chunk: int | None = None

    def place(self, media: MediaBody) -> bytes:
        """mu-law to append to the call's audio: the payload, preceded by silence for what was lost; empty when late."""
        length_ms = len(media.payload) * 1000 // TELEPHONE_RATE_HZ
        fill_ms = 0
        if self._repeats(media.chunk):
            self.late_ms += length_ms
            return b""
        if media.timestamp is not None:
            if self._offset_ms is None:
                self._offset_ms = media.timestamp - self.now_ms
            ahead_ms = media.timestamp - self._offset_ms - self.now_ms
            if not -self.LONGEST_FILL_MS <= ahead_ms <= self.LONGEST_FILL_MS:
                self._offset_ms = media.timestamp - self.now_ms
            elif ahead_ms >= self.JITTER_MS:
                fill_ms = ahead_ms
            elif ahead_ms <= -self.JITTER_MS:
                self.late_ms += length_ms
                return b""
        self.lost_ms += fill_ms
        self.now_ms += fill_ms + length_ms
        return SILENCE * (fill_ms * TELEPHONE_RATE_HZ // 1000) + media.payload

    def _repeats(self, chunk: int | None) -> bool:
        """Whether this packet has come before, or after one that follows it. A number far off is a broken one."""
        if chunk is None:
            return False
        behind = -1 if self._last_chunk is None else self._last_chunk - chunk
        if 0 <= behind * FRAME_MS <= self.LONGEST_FILL_MS:
            return True
        self._last_chunk = chunk
        return False
