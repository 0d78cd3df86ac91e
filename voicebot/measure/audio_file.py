"""Audio files that people bring to measure with."""

from pathlib import Path

import av
import numpy as np

from models.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ, AudioChunk
from models.errors import UsageError


def read(path: Path) -> AudioChunk:
    """An audio file of any format as mono PCM at its own rate. Raises UsageError when it holds no usable audio."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UsageError(f"{path} holds no audio track; name a recording, such as a WAV file")
            rate_hz = container.streams.audio[0].rate
            to_mono = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
            frames = [mono for frame in container.decode(audio=0) for mono in to_mono.resample(frame)]
            frames += to_mono.resample(None)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such audio file") from None
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read as audio ({reason}); save it anew as a WAV file") from error
    pcm = np.concatenate([np.zeros(0, np.int16), *(frame.to_ndarray().reshape(-1) for frame in frames)]).tobytes()
    if rate_hz < TELEPHONE_RATE_HZ:
        raise UsageError(f"{path} has {rate_hz} samples a second; speech needs {TELEPHONE_RATE_HZ} at least")
    if len(pcm) < rate_hz // 10 * SAMPLE_BYTES:
        raise UsageError(f"{path} lasts less than a tenth of a second; nobody can speak in it")
    return AudioChunk(pcm, rate_hz)


def read_telephone(path: Path) -> AudioChunk:
    """One side of a telephone call as it was recorded. Raises UsageError where it is not at the telephone's rate."""
    audio = read(path)
    if audio.rate_hz != TELEPHONE_RATE_HZ:
        raise UsageError(
            f"{path} has {audio.rate_hz} samples a second, a telephone line {TELEPHONE_RATE_HZ}:"
            f" convert it first, such as with `ffmpeg -i {path.name} -ar {TELEPHONE_RATE_HZ} -ac 1 telephone.wav`"
        )
    return audio
