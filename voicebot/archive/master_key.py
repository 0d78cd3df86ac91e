"""The master key: where it is kept, and how it is made.

It opens the archive's other keys and nothing else. It is kept outside the database: in a file, or in the environment
where a secret store puts it. Several keys may be given while one replaces another: the first is the current one.
"""

import base64
import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from models.errors import ArchiveLocked

KEY_BYTES = 32
"""AES-256, and as many as HMAC-SHA256's digest has: RFC 2104 discourages fewer."""
KEY_FILE = "archive.key"


@dataclass(frozen=True, slots=True)
class MasterKeySource:
    """Where the operator keeps the master key."""

    file: Path
    secret: str | None = None
    """The content of VOICEBOT_ARCHIVE_KEY, which goes before the file."""

    @property
    def place(self) -> str:
        return str(self.file) if self.secret is None else "VOICEBOT_ARCHIVE_KEY"

    def read(self) -> tuple[bytes, ...]:
        """The keys, the current one first; none where there is no file yet. Errors: ArchiveLocked."""
        text = self.secret
        if text is None:
            try:
                text = self.file.read_text("ascii")
            except FileNotFoundError:
                return ()
            except (OSError, UnicodeError) as error:
                reason = getattr(error, "strerror", None) or "it is not text"
                raise ArchiveLocked(
                    f"the archive's key in {self.file} cannot be read ({reason}): mend that, or set "
                    "VOICEBOT_ARCHIVE_KEY_FILE to another file"
                ) from error
        keys = tuple(self._decoded(word) for word in text.replace(",", " ").split())
        if not keys:
            raise ArchiveLocked(f"{self.place} is empty: put the archive's key back from your backup")
        return keys

    def make(self) -> tuple[bytes, ...]:
        """A key for a new archive, made unless there is one; says loudly that it must be backed up."""
        if keys := self.read():
            return keys
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = make_key_file(self.file, _text((secrets.token_bytes(KEY_BYTES),)))
        except OSError as error:
            raise ArchiveLocked(
                f"no key for the archive can be kept in {self.file} ({error.strerror}): set VOICEBOT_ARCHIVE_KEY_FILE "
                "to a file that can be written, or give the key itself in VOICEBOT_ARCHIVE_KEY"
            ) from error
        if made:
            logger.warning(
                "A KEY FOR THE ARCHIVE WAS MADE: {}. Copy it now to a safe place away from the archive's backups: "
                "without it no recording, transcript or name in the archive can ever be read again.",
                self.file,
            )
        return self.read()

    def replace(self, keys: tuple[bytes, ...]) -> None:
        """Writes the key file anew, whole or not at all. Errors: OSError."""
        fresh = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        _write(fresh, _text(keys))
        fresh.replace(self.file)

    def _decoded(self, word: str) -> bytes:
        try:
            key = base64.b64decode(word, validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise ArchiveLocked(
                f"{self.place} does not hold a key: it must be {KEY_BYTES} bytes in Base64 "
                "(`openssl rand -base64 32` makes one for a new archive)"
            )
        return key


def make_key_file(path: Path, content: bytes) -> bool:
    """Makes the file whole or not at all, also when the power fails; False when another process was first."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        _write(fresh, content)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)  # unlike a rename, never replaces what another process has just made
            return True
        return False
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _text(keys: tuple[bytes, ...]) -> bytes:
    return b"\n".join(base64.b64encode(key) for key in keys) + b"\n"
