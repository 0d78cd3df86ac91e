"""Two-channel recordings, written as the call goes: left the candidate, right the interviewer.

A process that is killed at any byte leaves a file that plays. The samples of each append are written first, then the
header that counts them in, so the header never promises what is not there; `repair` counts in what the header does not
know yet. A power cut loses at most `SYNC_MS` of audio and one append.
"""

import fcntl
import hashlib
import os
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from models.audio import SAMPLE_BYTES, TELEPHONE_RATE_HZ
from models.errors import ArchiveError
from models.interview import RecordingFile
from voicebot.archive.faults import explained

RECORDINGS = "recordings"
CHANNELS = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
"""One sample of each channel."""
SYNC_MS = 1000
"""Audio between two forced writes to the disk."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_HASH_BLOCK_BYTES = 1 << 20


class RecordingInUse(ArchiveError):
    """Another process is still writing the recording."""


class RecordingWriter:
    """The recording of one call, for one thread at a time. Its writes may take tens of ms: keep them off the loop."""

    def __init__(self, folder: Path, path: Path, file: int) -> None:
        self._folder = folder
        self._path = path
        self._file: int | None = file
        self._data_bytes = 0
        self._synced_bytes = 0

    @classmethod
    def open(cls, folder: Path, attempt_id: str, at: datetime) -> Self:
        """Begins `<folder>/recordings/YYYY/MM/<attempt_id>.wav`, which must not exist yet.

        Errors: ArchiveUnavailable.
        """
        utc = at.astimezone(UTC)
        month = folder / RECORDINGS / f"{utc:%Y}" / f"{utc:%m}"
        path = month / f"{attempt_id}.wav"
        with explained(folder):
            _make_private(month, folder)
            file = _open(path, os.O_CREAT | os.O_EXCL)
            try:
                _write(file, _header(0), 0)
                os.fsync(file)
                _sync_entry(month)
            except OSError:
                os.close(file)
                path.unlink()
                raise
        return cls(folder, path, file)

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
            _write(file, frames, _HEADER.size + self._data_bytes)
            _write(file, _header(self._data_bytes + len(frames)), 0)
            self._data_bytes += len(frames)
            if _duration_ms(self._data_bytes - self._synced_bytes) >= SYNC_MS:
                os.fsync(file)
                self._synced_bytes = self._data_bytes

    def close(self) -> RecordingFile:
        """Errors: ArchiveUnavailable; the file stays as it is, for `repair`."""
        file, self._file = self._opened(), None
        with explained(self._folder):
            try:
                return _finish(file, self._data_bytes, self._path, self._folder)
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


def find(folder: Path, attempt_id: str) -> Path | None:
    """Where the attempt's recording lies, finished or not."""
    with explained(folder):
        return next((folder / RECORDINGS).glob(f"*/*/{attempt_id}.wav"), None)


def repair(path: Path, folder: Path) -> RecordingFile:
    """Finishes a recording that a killed process left: whole frames only, and a header that counts them all.

    Errors: RecordingInUse while its writer lives; ArchiveError when it is no recording; ArchiveUnavailable.
    """
    with explained(folder):
        file = _open(path)
        try:
            size = os.fstat(file).st_size
            if size < _HEADER.size:  # killed before the header was whole, so there is no sample either
                size = _HEADER.size
            elif not _is_ours(os.pread(file, _HEADER.size, 0)):
                raise ArchiveError(f"{path} is not a recording of voicebot: move it away")
            data_bytes = (size - _HEADER.size) // FRAME_BYTES * FRAME_BYTES
            return _finish(file, data_bytes, path, folder)
        finally:
            os.close(file)


def verify(recording: RecordingFile, folder: Path) -> bool:
    """Whether the file is there and is, byte for byte, the one that was filed."""
    path = folder / recording.path
    with explained(folder):
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == recording.sha256


def _open(path: Path, flags: int = 0) -> int:
    """The one place that opens a recording to write it, where encryption will go; locked as long as it is open."""
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


def _finish(file: int, data_bytes: int, path: Path, folder: Path) -> RecordingFile:
    os.ftruncate(file, _HEADER.size + data_bytes)
    _write(file, _header(data_bytes), 0)
    os.fsync(file)
    digest = hashlib.sha256()
    offset = 0
    while block := os.pread(file, _HASH_BLOCK_BYTES, offset):
        digest.update(block)
        offset += len(block)
    return RecordingFile(path.relative_to(folder).as_posix(), digest.hexdigest(), _duration_ms(data_bytes))


def _header(data_bytes: int) -> bytes:
    bytes_per_second = TELEPHONE_RATE_HZ * FRAME_BYTES
    riff = (b"RIFF", _HEADER.size - 8 + data_bytes, b"WAVE")
    pcm = (b"fmt ", 16, 1, CHANNELS, TELEPHONE_RATE_HZ, bytes_per_second, FRAME_BYTES, SAMPLE_BYTES * 8)
    return _HEADER.pack(*riff, *pcm, b"data", data_bytes)


def _is_ours(header: bytes) -> bool:
    data_bytes: int = _HEADER.unpack(header)[-1]
    return header == _header(data_bytes)


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
