"""What an operator can set: environment variables named VOICEBOT_*, all with sensible defaults."""

from enum import StrEnum
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import UsageError


class Vad(StrEnum):
    SILERO = "silero"
    WEBRTC = "webrtc"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VOICEBOT_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("voicebot")))
    """Where the archive and its recordings live."""
    cache: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("voicebot")))
    """Joined model weights and rendered speech; may be deleted at any time."""
    host: str = "127.0.0.1"
    """Address that `voicebot serve` listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port that `voicebot serve` listens on; 0 takes any free one."""
    vad: Vad = Vad.SILERO
    """Voice activity detector: silero (default) or webrtc (lighter, less sure in noise)."""
    smart_turn: bool = True
    """Whether the sound of the last words has a say in when a turn is over (45 ms of one core at each pause)."""
    whisper_model: Path | None = None
    """Folder of a CTranslate2 Whisper model to use instead of the packaged base model."""
    zh_piper_voice: Path | None = None
    """A Piper voice (.onnx, with its .onnx.json beside it) that speaks Mandarin instead of the packaged one, such as
    zh_CN-huayan-medium."""
    embedder: str | None = None
    """Folder or name of a sentence-transformers model that compares meanings instead of the packaged encoder; needs the
    extra `[torch]`."""
    embedder_device: str = "cpu"
    """Where that model runs: cpu, cuda or cuda:1."""
    recognition_workers: int = Field(default=1, ge=1, le=64)
    """Recognitions that may run at once, over all calls; about one for every two cores."""
    recognition_threads: int = Field(default=2, ge=1, le=64)
    """CPU threads for one recognition."""
    company: str = "Northwind Software"
    """Who is calling, as the interviewer says it, where a flow does not say."""
    callback_number: str = "555 01 00"
    """The number candidates are told to call back, where a flow does not say."""


def load() -> Settings:
    """Settings from the environment. Raises UsageError naming the variable to mend."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "VOICEBOT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(f"{name}={first['input']!r} cannot be used: {first['msg']}") from error
