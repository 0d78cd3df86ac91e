"""Two-channel recordings, encrypted and written as the call goes: left the candidate, right the interviewer.

A file is a signature and then records, one for each append:

    4 bytes   length of what follows after the nonce; the highest bit marks the last record
    12 bytes  nonce
    n bytes   16-bit PCM frames under AES-256-GCM with the file's own key, and the tag of 16 bytes

A record is bound to its place in the audio and to whether it is the last, so none can be moved, left out or cut off
unnoticed. The file's key is in the database, sealed; without it the file is noise, and once it is erased, for ever.

A process that is killed at any byte leaves whole records and perhaps part of one, which `repair` takes away. A power
cut loses at most `SYNC_MS` of audio and one append.
"""

import fcntl
import hashlib
import io
import os
import secrets
import struct
from bisect import bisect_right
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ
from models.errors import ArchiveAltered, ArchiveError
from models.interview import RecordingFile
from voicebot.archive.faults import explained

RECORDINGS = "recordings"
SUFFIX = ".vbr"
CHANNELS = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
"""One sample of each channel."""
SYNC_MS = 1000
"""Audio between two forced writes to the disk."""
KEY_BYTES = 32

_SIGNATURE = b"VBREC\x00\x01\n"
_RECORD = struct.Struct(">I12s")
_LAST = 1 << 31
_TAG_BYTES = 16
_WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_BLOCK_BYTES = 1 << 20


class RecordingInUse(ArchiveError):
    """Another process is still writing the recording."""


class RecordingWriter:
    """The recording of one call, for one thread at a time. Its writes may take tens of ms: keep them off the loop."""

    def __init__(self, folder: Path, path: Path, file: int, key: bytes) -> None:
        self._folder = folder
        self._path = path
        self._file: int | None = file
        self._cipher = AESGCM(key)
        self._size = len(_SIGNATURE)
        self._data_bytes = 0
        self._synced_bytes = 0

    @classmethod
    def open(cls, folder: Path, path: str, key: bytes) -> Self:
        """Begins the file, which must not exist yet. `path`: as `path_for` gives it.

        Errors: ArchiveUnavailable.
        """
        target = folder / path
        with explained(folder):
            _make_private(target.parent, folder)
            file = _open(target, os.O_CREAT | os.O_EXCL)
            try:
                _write(file, _SIGNATURE, 0)
                os.fsync(file)
                _sync_entry(target.parent)
            except OSError:
                os.close(file)
                target.unlink()
                raise
        return cls(folder, target, file, key)

    def append(self, left: bytes, right: bytes) -> None:
        """Adds audio to both channels: 16-bit little-endian mono at 8 kHz, equally long.

        After a failed write the recording is as it was before, and a later append goes on from there.
        Errors: ArchiveError, ArchiveUnavailable.
        """
        if len(left) != len(right) or len(left) % SAMPLE_BYTES:
            raise ArchiveError(
                f"both channels need the same whole number of samples: {len(left)} and {len(right)} bytes"
            )
        frames = np.stack([np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")], axis=1).tobytes()
        file = self._opened()
        with explained(self._folder):
            record = _sealed(self._cipher, frames, self._data_bytes, last=False)
            _write(file, record, self._size)
            self._size += len(record)
            self._data_bytes += len(frames)
            if _duration_ms(self._data_bytes - self._synced_bytes) >= SYNC_MS:
                os.fsync(file)
                self._synced_bytes = self._data_bytes

    def close(self) -> RecordingFile:
        """Errors: ArchiveUnavailable; the file stays as it is, for `repair`."""
        file, self._file = self._opened(), None
        with explained(self._folder):
            try:
                return _finish(file, self._cipher, self._size, self._data_bytes, self._path, self._folder)
            finally:
                os.close(file)

    def discard(self) -> None:
        """Removes the recording, such as when the candidate does not want one."""
        file, self._file = self._opened(), None
        with explained(self._folder):
            os.close(file)
            self._path.unlink(missing_ok=True)

    def _opened(self) -> int:
        """The open file; a closed one is refused, since its number may have become another file's."""
        if self._file is None:
            raise ArchiveError(f"the recording {self._path.name} was closed before: begin another for more audio")
        return self._file


class RecordingReader(io.RawIOBase):
    """A recording as a WAV file that one can read from anywhere: left the candidate, right the interviewer.

    Errors while reading: ArchiveAltered.
    """

    def __init__(self, folder: Path, path: str, key: bytes) -> None:
        """Errors: ArchiveAltered, also when the file is not there; ArchiveUnavailable."""
        super().__init__()
        self._name = path
        self._cipher = AESGCM(key)
        self._position = 0
        with explained(folder):
            try:
                self._file = os.open(folder / path, os.O_RDONLY)
            except FileNotFoundError:
                raise ArchiveAltered(f"the recording {path} is not there: restore it from a backup") from None
            try:
                self._records = _records(self._file, path)
                if not self._records or not self._records[-1].last:
                    raise ArchiveAltered(
                        f"the recording {path} is not whole: if no call is writing it, restore it from a backup"
                    )
            except BaseException:
                os.close(self._file)
                raise
        self._starts = [record.start for record in self._records]
        data_bytes = self._starts[-1]
        self._header = wav_header(data_bytes)
        self.size = len(self._header) + data_bytes
        """Bytes of the WAV file."""
        self._cached: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]  # what a stream is given
        """Fills the buffer, unless the file ends before."""
        filled = 0
        while filled < len(buffer) and (piece := self._at(self._position, len(buffer) - filled)):
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._position += len(piece)
        return filled

    def close(self) -> None:
        if not self.closed:
            os.close(self._file)
        super().close()

    def _at(self, position: int, length: int) -> bytes:
        """At most `length` bytes, as many as lie in one piece."""
        if position < len(self._header):
            return self._header[position : position + length]
        position -= len(self._header)
        if position >= self._starts[-1]:
            return b""
        n = bisect_right(self._starts, position) - 1
        if self._cached[0] != n:
            self._cached = (n, _opened(self._file, self._cipher, self._records[n], self._name))
        begin = position - self._starts[n]
        return self._cached[1][begin : begin + length]


def path_for(attempt_id: str, at: datetime) -> str:
    """Where the recording of an attempt lies, from the archive's folder."""
    utc = at.astimezone(UTC)
    return f"{RECORDINGS}/{utc:%Y}/{utc:%m}/{attempt_id}{SUFFIX}"


def repair(folder: Path, path: str, key: bytes) -> RecordingFile:
    """Finishes a recording that a killed process left: whole records only, and a mark that the last is the last.

    Errors: RecordingInUse while its writer lives; ArchiveError when it is no recording; ArchiveUnavailable.
    """
    target = folder / path
    cipher = AESGCM(key)
    with explained(folder):
        file = _open(target)
        try:
            if os.fstat(file).st_size < len(_SIGNATURE):  # killed before the signature was whole: there is no sample
                _write(file, _SIGNATURE, 0)
            size, data_bytes = len(_SIGNATURE), 0
            for record in _records(file, path):
                try:
                    _opened(file, cipher, record, path)
                except ArchiveAltered:
                    break  # a power cut may have left a hole where the last of it should be
                if record.last:
                    return _filed(file, data_bytes, target, folder)
                size, data_bytes = record.end, record.start + record.data_bytes
            return _finish(file, cipher, size, data_bytes, target, folder)
        finally:
            os.close(file)


def verify(recording: RecordingFile, folder: Path) -> bool:
    """Whether the file is there and is, byte for byte, the one that was filed. Needs no key."""
    path = folder / recording.path
    with explained(folder):
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == recording.sha256


def encrypt_wav(source: Path, folder: Path, path: str, key: bytes) -> RecordingFile:
    """The encrypted form of a recording that an older voicebot wrote as a WAV file, whatever its header says.

    Errors: ArchiveError when it is not such a recording; ArchiveUnavailable.
    """
    with explained(folder):
        (folder / path).unlink(missing_ok=True)  # of an earlier start that did not come to its end
        with source.open("rb") as plain:
            header = plain.read(_WAV_HEADER.size)
            if len(header) != _WAV_HEADER.size or header[:4] != b"RIFF":
                raise ArchiveError(f"{source} is not a recording of voicebot: move it away")
            writer = RecordingWriter.open(folder, path, key)
            while block := plain.read(_BLOCK_BYTES):
                frames = np.frombuffer(block[: len(block) // FRAME_BYTES * FRAME_BYTES], "<i2").reshape(-1, CHANNELS)
                writer.append(frames[:, 0].tobytes(), frames[:, 1].tobytes())
            return writer.close()


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def wav_header(data_bytes: int) -> bytes:
    bytes_per_second = TELEPHONE_RATE_HZ * FRAME_BYTES
    riff = (b"RIFF", _WAV_HEADER.size - 8 + data_bytes, b"WAVE")
    pcm = (b"fmt ", 16, 1, CHANNELS, TELEPHONE_RATE_HZ, bytes_per_second, FRAME_BYTES, SAMPLE_BYTES * 8)
    return _WAV_HEADER.pack(*riff, *pcm, b"data", data_bytes)


def _sealed(cipher: AESGCM, frames: bytes, start: int, last: bool) -> bytes:
    nonce = secrets.token_bytes(12)
    length = len(frames) + _TAG_BYTES
    return _RECORD.pack(length | (_LAST if last else 0), nonce) + cipher.encrypt(nonce, frames, _bound(start, last))


def _opened(file: int, cipher: AESGCM, record: "_Record", name: str) -> bytes:
    _, nonce = _RECORD.unpack(os.pread(file, _RECORD.size, record.offset))
    sealed = os.pread(file, record.data_bytes + _TAG_BYTES, record.offset + _RECORD.size)
    try:
        return cipher.decrypt(nonce, sealed, _bound(record.start, record.last))
    except InvalidTag as error:
        raise ArchiveAltered(f"the recording {name} has been altered: restore it from a backup") from error


def _bound(start: int, last: bool) -> bytes:
    return struct.pack(">Q?", start, last)


class _Record(NamedTuple):
    start: int
    """Of its audio, in bytes from the beginning."""
    offset: int
    """In the file."""
    data_bytes: int
    last: bool

    @property
    def end(self) -> int:
        return self.offset + _RECORD.size + self.data_bytes + _TAG_BYTES


def _records(file: int, name: str) -> list[_Record]:
    """The whole records from the beginning; the last of them is `last` when nothing is missing and nothing follows."""
    size, offset, start = os.fstat(file).st_size, len(_SIGNATURE), 0
    if os.pread(file, len(_SIGNATURE), 0) != _SIGNATURE:
        raise ArchiveAltered(f"{name} is not a recording of voicebot: move it away")
    found: list[_Record] = []
    while offset + _RECORD.size <= size:
        length, _ = _RECORD.unpack(os.pread(file, _RECORD.size, offset))
        record = _Record(start, offset, (length & ~_LAST) - _TAG_BYTES, bool(length & _LAST))
        if record.data_bytes < 0 or record.end > size or (record.last and record.end != size):
            break
        found.append(record)
        offset, start = record.end, start + record.data_bytes
    return found


def _open(path: Path, flags: int = 0) -> int:
    """The one place that opens a recording to write it; locked as long as it is open."""
    file = os.open(path, os.O_RDWR | flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise RecordingInUse(f"{path} is still being recorded: wait for the call's end") from error
    except OSError:
        os.close(file)
        raise
    return file


def _finish(file: int, cipher: AESGCM, size: int, data_bytes: int, path: Path, folder: Path) -> RecordingFile:
    _write(file, _sealed(cipher, b"", data_bytes, last=True), size)
    os.ftruncate(file, size + _RECORD.size + _TAG_BYTES)
    os.fsync(file)
    return _filed(file, data_bytes, path, folder)


def _filed(file: int, data_bytes: int, path: Path, folder: Path) -> RecordingFile:
    digest = hashlib.sha256()
    offset = 0
    while block := os.pread(file, _BLOCK_BYTES, offset):
        digest.update(block)
        offset += len(block)
    return RecordingFile(path.relative_to(folder).as_posix(), digest.hexdigest(), _duration_ms(data_bytes))


def _duration_ms(data_bytes: int) -> int:
    return data_bytes // FRAME_BYTES * 1000 // TELEPHONE_RATE_HZ


def _write(file: int, content: bytes, offset: int) -> None:
    while content:
        written = os.pwrite(file, content, offset)
        content, offset = content[written:], offset + written


def _make_private(path: Path, folder: Path) -> None:
    """Makes `path` under `folder`, for its owner alone (`mkdir` gives its mode to the last folder only)."""
    for parent in (*reversed(path.relative_to(folder).parents), path.relative_to(folder)):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)


def _sync_entry(folder: Path) -> None:
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
