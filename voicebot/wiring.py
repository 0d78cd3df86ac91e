"""Puts the parts together, once a process: a new carrier, voice or recogniser is one line here."""

import contextlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialog_flows.understanding import understand
from models.dialog import Expects
from models.errors import ModelMissing, UsageError
from scoring.embedder import Embedder, UniversalSentenceEncoder
from voicebot.archive.store import Archive, open_archive
from voicebot.settings import Settings
from voicebot.speech.cached_voice import CachedVoice
from voicebot.speech.model_store import ModelStore
from voicebot.speech.recognition import Ear, Recognition
from voicebot.speech.speech_cache import SpeechCache

if TYPE_CHECKING:
    from voicebot.speech.whisper import WhisperTranscriber


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything heavy, loaded once and shared by all calls of the process."""

    settings: Settings
    archive: Archive
    recognition: Recognition
    voices: dict[str, CachedVoice]
    """The interviewer's voice for each language."""
    embedder: Embedder
    token_secret: bytes
    speech_cache: SpeechCache
    synthesis: ThreadPoolExecutor

    def voice(self, language: str) -> CachedVoice:
        """Raises ModelMissing when no voice speaks `language`."""
        try:
            return self.voices[language]
        except KeyError:
            spoken = ", ".join(sorted(self.voices))
            raise ModelMissing(f"no interviewer's voice speaks {language!r}; this machine has: {spoken}") from None

    def kokoro(self, voice: str) -> CachedVoice:
        """A voice for simulated candidates. Raises ModelError, or UsageError when there is no such voice."""
        from voicebot.speech.kokoro import KokoroVoice

        speaker = KokoroVoice(model_store(self.settings).kokoro(), voice)
        speaker.load()
        return CachedVoice(speaker, self.speech_cache, self.synthesis)

    def close(self) -> None:
        self.recognition.close()
        self.synthesis.shutdown(cancel_futures=True)
        self.archive.close()


def load(settings: Settings) -> Parts:
    """Load every model; takes some seconds. Raises ModelError, ArchiveError or UsageError."""
    from voicebot.speech.piper import PiperVoice

    store = model_store(settings)
    listening = ear(settings)
    piper = PiperVoice(store.piper_joe())
    piper.load()
    embedder = UniversalSentenceEncoder()
    embedder.load()
    understand("", Expects.OPEN, "en")  # reads its phrases now, not in the first call
    cache = SpeechCache(settings.cache / "speech")
    secret = token_secret(settings.home)
    archive = open_archive(settings.home)
    synthesis = ThreadPoolExecutor(1, thread_name_prefix="synthesis")
    return Parts(
        settings=settings,
        archive=archive,
        recognition=Recognition(listening, workers=settings.recognition_workers),
        voices={"en": CachedVoice(piper, cache, synthesis)},
        embedder=embedder,
        token_secret=secret,
        speech_cache=cache,
        synthesis=synthesis,
    )


def ear(settings: Settings) -> Ear:
    """What recognises speech, loaded. Raises ModelError."""
    from voicebot.pipeline.smart_turn import SmartTurn

    heard_by = transcriber(settings)
    return Ear(heard_by, SmartTurn().completeness if settings.smart_turn else None)


def transcriber(settings: Settings) -> "WhisperTranscriber":
    """The recogniser alone, loaded. Raises ModelError."""
    from voicebot.speech.whisper import WhisperTranscriber

    whisper = WhisperTranscriber(
        settings.whisper_model or model_store(settings).whisper_base(),
        cpu_threads=settings.recognition_threads,
        num_workers=settings.recognition_workers,
    )
    whisper.load()
    return whisper


def model_store(settings: Settings) -> ModelStore:
    return ModelStore(settings.cache / "models")


def token_secret(home: Path) -> bytes:
    """The key that stream tokens are signed with: made at first use, shared by every process on this home."""
    path = home / "stream-token.key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)  # unlike a rename, never replaces what another process has just made
            fresh.unlink()
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot keep a key in {home}: {error.strerror}; set VOICEBOT_HOME to a writable folder"
        ) from error
