"""What the archive's keys are used for: sealing, blind indexes, search tokens, and chaining the audit.

    master key ── data keys ──── sealed columns, recordings' own keys      AES-256-GCM
              └── index key ─┬── blind indexes, search tokens              HMAC-SHA-256
                             ├── audit chain                               HMAC-SHA-256
                             └── signatures of links and cursors           HMAC-SHA-256

The newest data key seals, all of them open; rotation puts a new one in their place. The index key is made once: what
it has hashed cannot be hashed anew, because an opt-out outlives the number it stands for.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, func, insert, select

from models.errors import ArchiveAltered, ArchiveLocked
from models.tables import KeyRow
from voicebot.archive.master_key import KEY_BYTES, MasterKeySource

NONCE_BYTES = 12
"""As NIST SP 800-38D asks for; random, so at most 2^32 seals with one key (section 8.3)."""
BLIND_BYTES = 16
TOKEN_BYTES = 6
"""Of a search token: 2.8e14 values, so that among a million different words one in 3e8 look-ups is mistaken, and the
words are looked at again after they are found."""
_KEYS = KeyRow.metadata.tables["keys"]
_DATA, _INDEX = "data", "index"


class Keyring:
    """The opened keys of one archive, for all threads of the process. `load` or `make` comes first."""

    def __init__(self, source: MasterKeySource) -> None:
        self.source = source
        self._data: dict[int, AESGCM] = {}
        self._index = b""
        self._current = 0

    # Opening

    def make(self, connection: Connection, at: datetime | None = None) -> None:
        """The first keys of a new archive, in the transaction of `connection`. Errors: ArchiveLocked."""
        master = self.source.make()[0]
        for number, purpose in ((1, _DATA), (2, _INDEX)):
            connection.execute(insert(_KEYS).values(wrapped_row(number, purpose, secrets.token_bytes(32), master, at)))
        self.load(connection)

    def load(self, connection: Connection) -> None:
        """Opens the keys that were made since. Errors: ArchiveLocked."""
        masters = {fingerprint(key): key for key in self.source.read()}
        for row in connection.execute(select(_KEYS).order_by(_KEYS.c.id)).mappings():
            if row["id"] in self._data or (row["purpose"] == _INDEX and self._index):
                continue
            key = self.unwrap(row["id"], row["purpose"], row["master"], row["wrapped"], masters)
            if row["purpose"] == _INDEX:
                self._index = key
            else:
                self._data[row["id"]] = AESGCM(key)
        self._current = max(self._data)

    def refresh(self, connection: Connection, for_writing: bool) -> None:
        """Once a transaction: after this the newest key seals, and stays in place until the transaction ends."""
        newest = select(_KEYS.c.id).where(_KEYS.c.purpose == _DATA).order_by(_KEYS.c.id.desc())
        if for_writing:
            newest = newest.with_for_update(read=True)
        ids = connection.execute(newest).scalars().all()
        if not ids:
            raise ArchiveLocked("the archive's database has lost its keys: restore it from a backup")
        if not self._index or ids[0] != self._current or not self._data.keys() >= set(ids):
            self.load(connection)

    def unwrap(self, number: int, purpose: str, master: str, wrapped: bytes, masters: dict[str, bytes]) -> bytes:
        if not masters:
            raise ArchiveLocked(
                f"the archive is encrypted and its key is missing: put it back at {self.source.place}, or set "
                "VOICEBOT_ARCHIVE_KEY or VOICEBOT_ARCHIVE_KEY_FILE; without it nothing personal can be read"
            )
        if master not in masters:
            raise ArchiveLocked(
                f"the key in {self.source.place} is not the one of this archive ({master}): put the right one back "
                "from your backup, or set VOICEBOT_ARCHIVE_KEY or VOICEBOT_ARCHIVE_KEY_FILE"
            )
        try:
            return AESGCM(masters[master]).decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _key_place(number, purpose)
            )
        except InvalidTag as error:
            raise ArchiveAltered("the archive's keys have been altered: restore the database from a backup") from error

    # Sealing

    @property
    def seal_prefix(self) -> bytes:
        """How everything begins that the current key has sealed."""
        return _prefix(self._current)

    def seal(self, plain: bytes, place: str) -> bytes:
        """`place` names table and primary key: a sealed value opens nowhere else."""
        current, nonce = self._current, secrets.token_bytes(NONCE_BYTES)  # another thread may bring a newer key
        return _prefix(current) + nonce + self._data[current].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Errors: ArchiveAltered."""
        start = len(self.seal_prefix)
        key = self._data.get(int.from_bytes(sealed[1:start], "big"))
        if key is None or sealed[:1] != b"\x01":
            raise ArchiveAltered(f"{place} in the archive has been altered: restore it from a backup")
        nonce, body = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError) as error:
            raise ArchiveAltered(f"{place} in the archive has been altered: restore it from a backup") from error

    # Hashing

    def blind(self, kind: str, text: str) -> bytes:
        """By which a value is found that is not to be read."""
        return self._hmac(f"blind/{kind}", text.encode())[:BLIND_BYTES]

    def token(self, word: str) -> bytes:
        """A word as the full-text index has it."""
        return self._hmac("token", word.encode())[:TOKEN_BYTES]

    def mac(self, *parts: bytes) -> str:
        """For the audit chain and what it answers for; hexadecimal."""
        return self._hmac("audit", b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hex()

    def signature(self, purpose: str, claim: str) -> str:
        """For what is given to others and comes back, such as a link; hexadecimal."""
        return self._hmac(f"sign/{purpose}", claim.encode()).hex()

    def _hmac(self, purpose: str, content: bytes) -> bytes:
        return hmac.digest(self._index, purpose.encode() + b"\0" + content, "sha256")


def fingerprint(master: bytes) -> str:
    return hashlib.sha256(b"voicebot master key\0" + master).hexdigest()[:12]


def wrapped_row(number: int, purpose: str, key: bytes, master: bytes, at: datetime | None = None) -> dict[str, object]:
    """A row of the table of keys."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = nonce + AESGCM(master).encrypt(nonce, key, _key_place(number, purpose))
    created_at = at or datetime.now(UTC)
    return {
        "id": number,
        "purpose": purpose,
        "master": fingerprint(master),
        "wrapped": wrapped,
        "created_at": created_at,
    }


def rotate_keys(connection: Connection, keys: Keyring, masters: tuple[bytes, ...]) -> int:
    """A new data key, and all keys wrapped by the first of `masters`. Returns the new key's number."""
    by_print = {fingerprint(key): key for key in masters}
    for row in connection.execute(select(_KEYS).with_for_update()).mappings().all():
        key = keys.unwrap(row["id"], row["purpose"], row["master"], row["wrapped"], by_print)
        changed = wrapped_row(row["id"], row["purpose"], key, masters[0], row["created_at"])
        connection.execute(_KEYS.update().where(_KEYS.c.id == row["id"]).values(changed))
    number = (connection.execute(select(func.max(_KEYS.c.id))).scalar() or 0) + 1
    connection.execute(insert(_KEYS).values(wrapped_row(number, _DATA, secrets.token_bytes(KEY_BYTES), masters[0])))
    keys.load(connection)
    return number


def old_keys(connection: Connection, newest: int) -> list[int]:
    """The data keys before `newest`; waits for the transactions that still seal with them, and holds up new ones."""
    old = select(_KEYS.c.id).where(_KEYS.c.purpose == _DATA, _KEYS.c.id < newest).with_for_update()
    return list(connection.execute(old).scalars())


def retire_keys(connection: Connection, numbers: list[int]) -> None:
    connection.execute(_KEYS.delete().where(_KEYS.c.id.in_(numbers)))


def _prefix(number: int) -> bytes:
    return b"\x01" + number.to_bytes(4, "big")


def _key_place(number: int, purpose: str) -> bytes:
    return f"keys/{number}/{purpose}".encode()
