"""Puts the parts together, once a process: a new carrier, voice or recogniser is one line here."""

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from dialog_flows.switch import asked_for
from dialog_flows.understanding import understand
from models.dialog import Expects
from models.errors import ModelMissing, UsageError
from scoring.calibration import Calibration, load_calibration, shipped
from scoring.embedder import Embedder, UniversalSentenceEncoder
from voicebot import heap
from voicebot.archive.master_key import KEY_BYTES, make_key_file
from voicebot.archive.store import Archive, open_archive
from voicebot.live_calls import LiveCalls
from voicebot.settings import Settings
from voicebot.speech.cached_voice import CachedVoice
from voicebot.speech.model_store import ModelStore
from voicebot.speech.protocols import Voice
from voicebot.speech.recognition import Ear, Recognition
from voicebot.speech.speech_cache import SpeechCache

if TYPE_CHECKING:
    from telephony.sip import SipGateway
    from telephony.twilio import TwilioGateway
    from voicebot.speech.whisper import WhisperTranscriber


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything heavy, loaded once and shared by all calls of the process."""

    settings: Settings
    archive: Archive
    recognition: Recognition
    voices: dict[str, CachedVoice]
    """The interviewer's voice for each language."""
    synthesis: dict[str, ThreadPoolExecutor]
    """Where the lines of each are synthesised: one language's slow voice holds up no other."""
    embedder: Embedder
    calibration: Calibration | None
    """What people's marks taught the scorer; None where nothing ships for the embedder."""
    token_secret: bytes
    speech_cache: SpeechCache
    live_calls: LiveCalls
    rehearsal: ThreadPoolExecutor
    """Where simulated candidates' sentences are: their voice is slow, and no interviewer waits for it."""

    def voice(self, language: str) -> CachedVoice:
        """Raises ModelMissing when no voice speaks `language`."""
        try:
            return self.voices[language]
        except KeyError:
            spoken = ", ".join(sorted(self.voices))
            raise ModelMissing(f"no interviewer's voice speaks {language!r}; this machine has: {spoken}") from None

    def kokoro(self, voice: str, language: str = "en") -> CachedVoice:
        """A voice for simulated candidates. Raises ModelError, or UsageError when there is no such voice."""
        from voicebot.speech.kokoro import KokoroVoice

        speaker = KokoroVoice(model_store(self.settings).kokoro(), voice, language=language)
        speaker.load()
        return CachedVoice(speaker, self.speech_cache, self.rehearsal)

    def close(self) -> None:
        self.recognition.close()
        for pool in self.synthesis.values():
            pool.shutdown(cancel_futures=True)
        self.rehearsal.shutdown(cancel_futures=True)
        self.archive.close()


def load(settings: Settings) -> Parts:
    """Load every model; takes some seconds. Raises ModelError, ArchiveError or UsageError."""
    heap.share()
    listening = ear(settings)
    interviewers = voices(settings)
    encoder = embedder(settings)
    for language in interviewers:
        understand("", Expects.OPEN, language)  # reads its phrases now, not in the first call
    cache = SpeechCache(settings.cache / "speech")
    secret = token_secret(settings.home)
    archive = open_archive(settings.home, **settings.archive)
    synthesis = {
        language: ThreadPoolExecutor(1, thread_name_prefix=f"synthesis-{language}") for language in interviewers
    }
    heap.give_back()
    return Parts(
        settings=settings,
        archive=archive,
        recognition=Recognition(listening, workers=settings.recognition_workers),
        voices={language: CachedVoice(voice, cache, synthesis[language]) for language, voice in interviewers.items()},
        synthesis=synthesis,
        embedder=encoder,
        calibration=calibration(settings, encoder),
        token_secret=secret,
        speech_cache=cache,
        live_calls=LiveCalls(settings.max_calls),
        rehearsal=ThreadPoolExecutor(1, thread_name_prefix="rehearsal"),
    )


def voices(settings: Settings) -> dict[str, Voice]:
    """The interviewer's voice for each language. Raises ModelError."""
    from voicebot.speech.kokoro import KokoroVoice
    from voicebot.speech.piper import PiperVoice

    store = model_store(settings)
    english = PiperVoice(store.piper_joe())
    english.load()
    if settings.zh_piper_voice:
        mandarin = PiperVoice(settings.zh_piper_voice)
        mandarin.load()
        return {"en": english, "zh": mandarin}
    return {"en": english, "zh": KokoroVoice(store.kokoro(), "jm_kumo", language="zh")}  # read with its first line


def embedder(settings: Settings) -> Embedder:
    """What compares meanings, loaded. Raises ModelError."""
    if settings.embedder is None:
        return UniversalSentenceEncoder().load()
    from scoring.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(settings.embedder, settings.embedder_device).load()


def calibration(settings: Settings, encoder: Embedder) -> Calibration | None:
    """The calibration that the settings name, else the one that ships for this embedder. Raises UsageError."""
    if settings.calibration is None:
        return shipped(encoder.name)
    return load_calibration(settings.calibration, encoder.name)


def ear(settings: Settings) -> Ear:
    """What recognises speech, loaded. Raises ModelError."""
    from voicebot.pipeline.smart_turn import SmartTurn

    heard_by = transcriber(settings)
    return Ear(heard_by, SmartTurn().completeness if settings.smart_turn else None, asked_for)


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


TWILIO_NEEDS = ("twilio_account_sid", "twilio_auth_token", "twilio_caller_id", "public_url")
SIP_NEEDS = ("sip_domain", "sip_user")


def missing(settings: Settings, needed: Iterable[str]) -> list[str]:
    """The variables that are still to be set."""
    return [f"VOICEBOT_{name.upper()}" for name in needed if not getattr(settings, name)]


def carrier(settings: Settings, name: str | None = None) -> "TwilioGateway | SipGateway":
    """The carrier of that name, `twilio` or `sip`; else the one that is set up. Raises UsageError."""
    if name is None and not (settings.twilio_account_sid or settings.sip_domain):
        raise UsageError(
            f"no carrier is set up: for Twilio set {', '.join(missing(settings, TWILIO_NEEDS))}; for SIP set "
            f"{', '.join(missing(settings, SIP_NEEDS))}; docs/telephony.md says where to find them"
        )
    uses_twilio = name == "twilio" if name else settings.twilio_account_sid
    return twilio(settings) if uses_twilio else sip(settings)


def twilio(settings: Settings) -> "TwilioGateway":
    """The carrier that the settings name. Raises UsageError with every setting that is missing."""
    from telephony.numbers import e164
    from telephony.twilio import TwilioAccount, TwilioGateway

    if unset := missing(settings, TWILIO_NEEDS):
        raise UsageError(f"Twilio is not set up: set {', '.join(unset)}; docs/telephony.md says where to find them")
    return TwilioGateway(
        TwilioAccount(
            account_sid=settings.twilio_account_sid or "",
            auth_token=_secret(settings.twilio_auth_token) or "",
            caller_id=e164(settings.twilio_caller_id or "", settings.region),
            public_url=settings.public_url or "",
            webhook_key=_secret(settings.twilio_webhook_key),
            api_url=settings.twilio_api_url,
        )
    )


def sip(settings: Settings) -> "SipGateway":
    """The SIP trunk that the settings name. Raises UsageError with every setting that is missing."""
    from telephony.sip import SipGateway, SipTrunk

    if unset := missing(settings, SIP_NEEDS):
        raise UsageError(f"SIP is not set up: set {', '.join(unset)}; docs/telephony.md says what they mean")
    return SipGateway(
        SipTrunk(
            user=settings.sip_user or "",
            domain=settings.sip_domain or "",
            password=_secret(settings.sip_password) or "",
            transport=settings.sip_transport,
            register=settings.sip_register,
            srtp=settings.sip_srtp,
            listen=settings.sip_listen,
            interface=settings.sip_interface,
            ca_file=settings.sip_ca_file,
        )
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def model_store(settings: Settings) -> ModelStore:
    return ModelStore(settings.cache / "models")


def token_secret(home: Path) -> bytes:
    """The key that stream tokens are signed with: made at first use, shared by every process on this home.

    Raises UsageError when it cannot be made or read, or is too short to be safe.
    """
    path = home / "stream-token.key"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            make_key_file(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except FileExistsError as error:
        raise UsageError(f"{home} is a file: set VOICEBOT_HOME to a folder") from error
    except NotADirectoryError as error:
        raise UsageError(f"{home} lies under a file: set VOICEBOT_HOME to a folder") from error
    except OSError as error:
        raise UsageError(
            f"cannot keep a key in {home}: {error.strerror}; set VOICEBOT_HOME to a writable folder"
        ) from error
    if len(key) < KEY_BYTES:
        raise UsageError(
            f"{path} holds {len(key)} bytes instead of {KEY_BYTES}, perhaps since a power cut: delete it, and the next "
            "start makes a new one; calls that are being dialled then have to be dialled again"
        )
    return key
