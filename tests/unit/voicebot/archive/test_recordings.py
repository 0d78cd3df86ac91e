import hashlib
import io
import os
import random
import stat
import wave
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from models.errors import ArchiveAltered, ArchiveError, ArchiveUnavailable
from models.interview import RecordingFile
from voicebot.archive.recordings import (
    RecordingInUse,
    RecordingReader,
    RecordingWriter,
    encrypt_wav,
    new_key,
    path_for,
    repair,
    verify,
    wav_header,
)

NOW = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
PATH = path_for("a1", NOW)
KEY = new_key()
LEFT = np.arange(160, dtype="<i2").tobytes()
RIGHT = np.arange(-160, 0, dtype="<i2").tobytes()
SIGNATURE_BYTES = 8
RECORD_BYTES = 4 + 12 + 640 + 16
"""Of 20 ms: length, nonce, both channels, tag."""


def begun(folder: Path, path: str = PATH) -> RecordingWriter:
    return RecordingWriter.open(folder, path, KEY)


def filed(folder: Path, times: int) -> RecordingFile:
    writer = begun(folder)
    for _ in range(times):
        writer.append(LEFT, RIGHT)
    return writer.close()


def frames(folder: Path, key: bytes = KEY) -> bytes:
    """What a player gets to hear; fails when the header is not sound."""
    with RecordingReader(folder, PATH, key) as reader, wave.open(reader) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        return file.readframes(file.getnframes())


def interleaved(times: int) -> bytes:
    return np.stack([np.frombuffer(LEFT, "<i2"), np.frombuffer(RIGHT, "<i2")], axis=1).tobytes() * times


def test_left_is_the_candidate_and_right_the_interviewer(tmp_path: Path) -> None:
    recording = filed(tmp_path, 100)
    digest = hashlib.sha256((tmp_path / recording.path).read_bytes()).hexdigest()
    assert recording == RecordingFile("recordings/2026/03/a1.vbr", digest, 100 * 20)
    assert frames(tmp_path) == interleaved(100)


def test_it_can_be_read_from_anywhere(tmp_path: Path) -> None:
    filed(tmp_path, 50)
    whole = wav_header(50 * 640) + interleaved(50)
    places = random.Random(1)
    with RecordingReader(tmp_path, PATH, KEY) as file:
        reader = io.BufferedReader(file)
        assert (reader.read(), file.size) == (whole, len(whole))
        for _ in range(200):
            start, length = places.randrange(len(whole) + 100), places.randrange(3000)
            reader.seek(start)
            assert reader.read(length) == whole[start : start + length]


def test_the_file_tells_nothing_without_its_key(tmp_path: Path) -> None:
    path = tmp_path / filed(tmp_path, 100).path
    content = path.read_bytes()
    assert LEFT[:16] not in content
    assert interleaved(1)[:16] not in content
    assert interleaved(1)[-16:] not in content
    with pytest.raises(ArchiveAltered):
        frames(tmp_path, new_key())
    again = (tmp_path / "other" / filed(tmp_path / "other", 100).path).read_bytes()
    assert not {content[n : n + 16] for n in range(8, 3000)} & {again[n : n + 16] for n in range(8, 3000)}


def test_nobody_else_may_listen(tmp_path: Path) -> None:
    path = tmp_path / filed(tmp_path, 1).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_month_is_that_of_utc() -> None:
    beijing = datetime(2026, 4, 1, 7, 0, tzinfo=timezone(timedelta(hours=8)))
    assert path_for("a1", beijing) == "recordings/2026/03/a1.vbr"


@pytest.mark.parametrize(("left", "right"), [(LEFT, RIGHT[:-2]), (LEFT[:-1], RIGHT[:-1]), (b"", RIGHT)])
def test_channels_that_do_not_match_are_refused(tmp_path: Path, left: bytes, right: bytes) -> None:
    writer = begun(tmp_path)
    with pytest.raises(ArchiveError, match="both channels"):
        writer.append(left, right)
    assert writer.close().duration_ms == 0


def test_a_discarded_recording_is_gone(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.append(LEFT, RIGHT)
    writer.discard()
    assert not (tmp_path / PATH).exists()


def test_a_closed_recording_takes_nothing_more(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    recording = writer.close()
    for use in (writer.close, writer.discard, lambda: writer.append(LEFT, RIGHT)):
        with pytest.raises(ArchiveError, match="was closed before"):
            use()
    assert verify(recording, tmp_path)


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with pytest.raises(ArchiveUnavailable):
        begun(tmp_path)


WHOLE = SIGNATURE_BYTES + 2 * RECORD_BYTES + 32


@pytest.mark.parametrize(
    "left_over",
    [0, 1, 7, 8, 9, 8 + 15, 8 + RECORD_BYTES - 1, 8 + RECORD_BYTES, 8 + RECORD_BYTES + 5, WHOLE - 33, WHOLE - 1, WHOLE],
)
def test_a_file_cut_at_any_byte_is_repaired(tmp_path: Path, left_over: int) -> None:
    path = tmp_path / filed(tmp_path, 2).path
    assert path.stat().st_size == WHOLE
    os.truncate(path, left_over)
    recording = repair(tmp_path, PATH, KEY)
    whole = max(0, left_over - SIGNATURE_BYTES) // RECORD_BYTES
    assert frames(tmp_path) == interleaved(whole)
    assert recording.duration_ms == whole * 20
    assert verify(recording, tmp_path)
    assert repair(tmp_path, PATH, KEY) == recording, "a second repair changes nothing"


def test_a_hole_that_a_power_cut_left_is_where_the_repair_ends(tmp_path: Path) -> None:
    path = tmp_path / filed(tmp_path, 3).path
    os.truncate(path, SIGNATURE_BYTES + 3 * RECORD_BYTES)
    content = bytearray(path.read_bytes())
    content[-100:] = bytes(100)
    path.write_bytes(content)
    assert repair(tmp_path, PATH, KEY).duration_ms == 40
    assert frames(tmp_path) == interleaved(2)


def test_a_recording_under_way_is_not_repaired(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    with pytest.raises(RecordingInUse, match="still being recorded"):
        repair(tmp_path, PATH, KEY)
    with pytest.raises(ArchiveAltered, match="not whole: if no call is writing it"):
        RecordingReader(tmp_path, PATH, KEY)
    writer.append(LEFT, RIGHT)
    assert writer.close().duration_ms == 20


def test_a_file_that_is_no_recording_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"RIFF but really only notes about a candidate, long enough")
    before = path.read_bytes()
    with pytest.raises(ArchiveError, match="not a recording"):
        repair(tmp_path, "notes.txt", KEY)
    with pytest.raises(ArchiveAltered, match="not a recording"):
        RecordingReader(tmp_path, "notes.txt", KEY)
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", ["a byte", "the end", "the order", "left out", "more", "gone"])
def test_whatever_is_changed_is_noticed(tmp_path: Path, change: str) -> None:
    recording = filed(tmp_path, 3)
    path = tmp_path / recording.path
    content = bytearray(path.read_bytes())
    first, second = SIGNATURE_BYTES, SIGNATURE_BYTES + RECORD_BYTES
    match change:
        case "a byte":
            content[-100] ^= 1
        case "the end":
            del content[second:]
        case "the order":
            one, two = content[first:second], content[second : second + RECORD_BYTES]
            content[first : second + RECORD_BYTES] = two + one
        case "left out":
            del content[first:second]
        case "more":
            content += b"more"
    path.write_bytes(content)
    if change == "gone":
        path.unlink()
    assert not verify(recording, tmp_path)
    with pytest.raises(ArchiveAltered, match=r"altered|not whole|not there"):
        frames(tmp_path)


def test_a_recording_of_an_older_voicebot_is_encrypted(tmp_path: Path) -> None:
    plain = tmp_path / "old.wav"
    plain.write_bytes(wav_header(640) + interleaved(3) + b"\x01")  # its process died before the header counted it all
    recording = encrypt_wav(plain, tmp_path, PATH, KEY)
    assert recording.duration_ms == 60
    assert frames(tmp_path) == interleaved(3)
    assert encrypt_wav(plain, tmp_path, PATH, KEY).duration_ms == 60, "once more after it was stopped"
