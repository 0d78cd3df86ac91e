"""G.711 mu-law and A-law to and from 16-bit linear PCM (ITU-T G.711), by table."""

import numpy as np
from numpy.typing import NDArray

_MU_BIAS = 0x84
_MU_CLIP = 32635


def _mulaw_values() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _MU_BIAS << ((code & 0x70) >> 4)) - _MU_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_values() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code & 0x70) >> 4
    step = (code & 0x0F) << 4
    magnitude = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest_codes(values: NDArray[np.int16], *, clip: int) -> NDArray[np.uint8]:
    """For each of the 65,536 samples (indexed as uint16) the code whose value lies nearest."""
    order = np.argsort(values, kind="stable")
    ascending = values[order].astype(np.int32)
    samples = np.clip(np.arange(65536, dtype=np.int32).astype(np.uint16).view(np.int16), -clip, clip).astype(np.int32)
    above = np.clip(np.searchsorted(ascending, samples, side="right"), 1, 255)
    nearer_below = samples - ascending[above - 1] < ascending[above] - samples
    return order[np.where(nearer_below, above - 1, above)].astype(np.uint8)


_MULAW_TO_PCM = _mulaw_values()
_ALAW_TO_PCM = _alaw_values()
_PCM_TO_MULAW = _nearest_codes(_MULAW_TO_PCM, clip=_MU_CLIP)
_PCM_TO_ALAW = _nearest_codes(_ALAW_TO_PCM, clip=32767)


def mulaw_to_pcm(mulaw: bytes) -> bytes:
    return _MULAW_TO_PCM[np.frombuffer(mulaw, np.uint8)].tobytes()


def pcm_to_mulaw(pcm: bytes) -> bytes:
    """Raises ValueError when `pcm` is not a whole number of 16-bit samples."""
    return _PCM_TO_MULAW[np.frombuffer(pcm, np.uint16)].tobytes()


def alaw_to_pcm(alaw: bytes) -> bytes:
    return _ALAW_TO_PCM[np.frombuffer(alaw, np.uint8)].tobytes()


def pcm_to_alaw(pcm: bytes) -> bytes:
    """Raises ValueError when `pcm` is not a whole number of 16-bit samples."""
    return _PCM_TO_ALAW[np.frombuffer(pcm, np.uint16)].tobytes()
