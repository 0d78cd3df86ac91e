"""Spoken lines, ready for the telephone: made once, kept on disk, played from memory."""

import hashlib
import tempfile
import threading
import wave
from collections import OrderedDict
from pathlib import Path

import numpy as np
from loguru import logger

from models.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ, AudioChunk
from voicebot.speech.pcm import Samples, speech_rms, to_pcm, to_samples, trimmed
from voicebot.speech.protocols import Voice

LOUDNESS = 0.1
"""RMS of the speech (-20 dBFS), as loud as people are on a good line."""
KNEE = 0.8
"""Peaks above this are rounded off, so that none is clipped."""
LEAD_MS, TAIL_MS = 10, 90
"""Silence around a line. What comes before its first sound, the candidate waits for; what comes after its last keeps it
apart from the next line."""

RECIPE = "3"
"""Part of the key: changes with anything that makes the same voice sound different on the line."""


class SpeechCache:
    """Thread-safe; several processes may share the folder. Deleting files in it at any time is safe."""

    def __init__(self, folder: Path, *, memory_bytes: int = 64_000_000) -> None:
        """`memory_bytes`: most audio kept in memory, least recently used leaves first; 64 MB is more than an hour."""
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, AudioChunk] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    def recall(self, voice_name: str, text: str, length: float = 1.0) -> AudioChunk | None:
        """What `render` returns, if it is in memory. Takes microseconds: an event loop may ask."""
        key = _key(voice_name, text, length)
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
            return self._memory.get(key)

    def fetch(self, voice_name: str, text: str, length: float = 1.0) -> AudioChunk | None:
        """What `render` returns, if it is in memory or on disk."""
        audio = self.recall(voice_name, text, length)
        if audio is None:
            key = _key(voice_name, text, length)
            audio = _read(self._path(key))
            if audio is not None:
                self._remember(key, audio)
        return audio

    def render(self, voice: Voice, text: str, length: float = 1.0) -> AudioChunk:
        """`text` in `voice` as 8 kHz audio of even loudness, with LEAD_MS of silence before and TAIL_MS after, `length`
        times as long as usual.

        From memory, from disk, or synthesised; a damaged file is made anew. Raises SynthesisFailed.
        """
        audio = self.fetch(voice.name, text, length)
        if audio is None:
            key = _key(voice.name, text, length)
            audio = for_telephone(voice.synthesize(text, length))
            _write(self._path(key), audio)
            self._remember(key, audio)
        return audio

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.wav"

    def _remember(self, key: str, audio: AudioChunk) -> None:
        with self._lock:
            if key not in self._memory:
                self._held_bytes += len(audio.pcm)
            self._memory[key] = audio
            while self._held_bytes > self._memory_bytes:
                _, dropped = self._memory.popitem(last=False)
                self._held_bytes -= len(dropped.pcm)


def _key(voice_name: str, text: str, length: float) -> str:
    pace = () if length == 1 else (f"{length:g}",)
    return hashlib.sha256("\0".join((RECIPE, voice_name, text, *pace)).encode()).hexdigest()


def for_telephone(audio: AudioChunk) -> AudioChunk:
    """At 8 kHz, as loud as people are, without silence around it save LEAD_MS and TAIL_MS."""
    samples = trimmed(to_samples(audio, TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ, LEAD_MS, TAIL_MS)
    level = speech_rms(samples, TELEPHONE_RATE_HZ)
    if level > 1e-4:  # silence stays silence
        samples = _rounded(samples * np.float32(LOUDNESS / level))
    return AudioChunk(to_pcm(samples), TELEPHONE_RATE_HZ)


def louder(audio: AudioChunk, gain_db: float) -> AudioChunk:
    """The audio at that gain, its peaks rounded off, so that none is clipped. Takes a millisecond for ten seconds."""
    if not gain_db:
        return audio
    samples = to_samples(audio, audio.rate_hz) * np.float32(10 ** (gain_db / 20))
    return AudioChunk(to_pcm(_rounded(samples)), audio.rate_hz, audio.start_ms)


def _rounded(samples: Samples) -> Samples:
    """Peaks above the knee bent towards 1, the rest as it was."""
    over = np.abs(samples) - KNEE
    bent = np.sign(samples) * (KNEE + (1 - KNEE) * np.tanh(over / (1 - KNEE)))
    return np.asarray(np.where(over > 0, bent, samples), np.float32)


def _read(path: Path) -> AudioChunk | None:
    """The audio in a file of ours; None when there is no such file or it is damaged."""
    try:
        with wave.open(str(path)) as file:
            pcm = file.readframes(file.getnframes())
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            whole = len(pcm) == file.getnframes() * SAMPLE_BYTES > 0
    except (OSError, EOFError, wave.Error):
        return None
    return AudioChunk(pcm, TELEPHONE_RATE_HZ) if whole and shape == (1, SAMPLE_BYTES, TELEPHONE_RATE_HZ) else None


def _write(path: Path, audio: AudioChunk) -> None:
    """Whole or not at all. A disk that is full costs speed, not the call."""
    unfinished: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".unfinished", delete=False) as target:
            unfinished = Path(target.name)
            with wave.open(target, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(SAMPLE_BYTES)
                file.setframerate(TELEPHONE_RATE_HZ)
                file.writeframes(audio.pcm)
        unfinished.replace(path)
    except OSError as error:
        logger.warning("cannot keep a spoken line in {folder}: {reason}", folder=path.parent, reason=error.strerror)
        if unfinished:
            unfinished.unlink(missing_ok=True)
