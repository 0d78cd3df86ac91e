"""Audio as every part of the product passes it on: 16-bit little-endian mono PCM."""

from dataclasses import dataclass

TELEPHONE_RATE_HZ = 8000
FRAME_MS = 20
"""One telephone packet: what carriers send and expect."""

SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of audio with its place in the call."""

    pcm: bytes
    """16-bit little-endian mono samples."""
    rate_hz: int
    start_ms: int = 0
    """Milliseconds from the start of the call's media."""

    @property
    def duration_ms(self) -> int:
        return bytes_to_ms(len(self.pcm), self.rate_hz)

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


def ms_to_bytes(ms: int, rate_hz: int) -> int:
    """Bytes of PCM that last `ms`, always a whole number of samples."""
    return ms * rate_hz // 1000 * SAMPLE_BYTES


def bytes_to_ms(size: int, rate_hz: int) -> int:
    """Milliseconds that `size` bytes of PCM last, rounded down."""
    return size // SAMPLE_BYTES * 1000 // rate_hz
