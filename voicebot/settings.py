"""What an operator can set: environment variables named VOICEBOT_*, all with sensible defaults."""

import base64
import os
import secrets
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.archive import Retention
from models.errors import UsageError


class Vad(StrEnum):
    SILERO = "silero"
    WEBRTC = "webrtc"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VOICEBOT_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("voicebot")))
    """Where the archive and its recordings live."""
    database_url: SecretStr | None = None
    """A PostgreSQL database for the archive instead of SQLite in the home: postgresql://user:password@host/database."""
    archive_key: SecretStr | None = None
    """The archive's master key itself, 32 bytes in Base64, as a secret store puts it into the environment."""
    archive_key_file: Path | None = None
    """File with the archive's master key, instead of archive.key in the home."""
    keep_recordings_days: int | None = Field(default=None, ge=1)
    """`voicebot archive retain` removes recordings so long after an interview's last call; unset: never."""
    keep_transcripts_days: int | None = Field(default=None, ge=1)
    """The same for everything that was said or written."""
    keep_scores_days: int | None = Field(default=None, ge=1)
    """The same for scores and skills."""
    keep_people_days: int | None = Field(default=None, ge=1)
    """The same for the person and whatever is left."""
    cache: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("voicebot")))
    """Joined model weights and rendered speech; may be deleted at any time."""
    host: str = "127.0.0.1"
    """Address that `voicebot serve` listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port that `voicebot serve` listens on; 0 takes any free one."""
    api_requests_per_minute: int = Field(default=600, ge=1, le=1_000_000)
    """Requests that a user, or a key, may make of the API."""
    api_strangers_per_minute: int = Field(default=60, ge=1, le=1_000_000)
    """Requests that an address may make without signing in."""
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks of our own that webhooks may be sent to, also over plain http: 10.20.0.0/16,fd00:20::/32."""
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
    calibration: Path | None = None
    """What `voicebot eval scoring --save` fitted to your people's marks, instead of the calibration that ships."""
    recognition_workers: int = Field(default=1, ge=1, le=64)
    """Recognitions that may run at once, over all calls; about one for every two cores."""
    recognition_threads: int = Field(default=2, ge=1, le=64)
    """CPU threads for one recognition."""
    max_calls: int = Field(default_factory=lambda: 3 * (os.cpu_count() or 1), ge=1, le=1000)
    """Calls that this process may hold at once; three for each core by default."""
    company: str = "Northwind Software"
    """Who is calling, as the interviewer says it, where a flow does not say."""
    callback_number: str = "555 01 00"
    """The number candidates are told to call back, where a flow does not say."""
    region: str = Field(default="US", pattern="^[A-Z]{2}$")
    """The country that numbers written without one belong to: US, CN, DE ..."""
    calling_rules: Path | None = None
    """YAML file with your own hours and quotas for some countries, in place of those that ship."""
    public_url: str | None = None
    """How a carrier reaches this gateway from the internet, such as https://calls.example.com."""
    twilio_account_sid: str | None = None
    """Twilio's account SID, AC and 32 characters."""
    twilio_auth_token: SecretStr | None = None
    """Its auth token."""
    twilio_caller_id: str | None = None
    """The number that candidates see, such as +14155550123: one of the account's, or one that it has verified."""
    twilio_webhook_key: SecretStr | None = None
    """The secret of the shared key that signs webhooks, where the account uses one instead of the auth token."""
    twilio_api_url: str | None = None
    """Where Twilio's API is, when an emulator or a proxy stands in for it."""
    sip_domain: str | None = None
    """The SIP trunk's or PBX's host, with :port when it is not the usual one."""
    sip_user: str | None = None
    """The name that we have there; numbers are called as NUMBER@DOMAIN."""
    sip_password: SecretStr | None = None
    """Its password; none where the trunk knows us by our address."""
    sip_transport: Literal["udp", "tcp", "tls"] = "udp"
    """udp, tcp or tls."""
    sip_register: bool = False
    """Whether to register, as a PBX wants; most trunks do not."""
    sip_srtp: bool = False
    """Whether the audio must be encrypted (SDES); what cannot be is not called."""
    sip_listen: str | None = None
    """Our own ADDRESS:PORT for SIP; any free port otherwise."""
    sip_interface: str | None = None
    """Network interface or address that SIP uses; found otherwise. Loopback must be named."""
    sip_ca_file: Path | None = None
    """Certificates that the SIP server's is checked against; the system's otherwise."""

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        named = filter(None, map(str.strip, value.split(","))) if isinstance(value, str) else value
        return tuple(map(ip_network, named))

    @property
    def archive(self) -> dict[str, Any]:
        """What `open_archive` wants to know beside the home."""
        return {
            "database_url": self.database_url.get_secret_value() if self.database_url else None,
            "key": self.archive_key.get_secret_value() if self.archive_key else None,
            "key_file": self.archive_key_file,
        }

    def discarded_in(self, home: Path) -> "Settings":
        """The same, for an archive of its own in `home` that nobody will open again: its key is kept nowhere."""
        key = SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
        return self.model_copy(update={"home": home, "database_url": None, "archive_key": key})

    @property
    def retention(self) -> Retention:
        return Retention(
            recordings=self.keep_recordings_days,
            transcripts=self.keep_transcripts_days,
            scores=self.keep_scores_days,
            people=self.keep_people_days,
        )


def load() -> Settings:
    """Settings from the environment. Raises UsageError naming the variable to mend."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "VOICEBOT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(f"{name}={first['input']!r} cannot be used: {first['msg']}") from error
