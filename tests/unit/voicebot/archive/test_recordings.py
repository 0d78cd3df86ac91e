import hashlib
import os
import stat
import wave
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from models.errors import ArchiveError, ArchiveUnavailable
from models.interview import RecordingFile
from voicebot.archive.recordings import RecordingInUse, RecordingWriter, find, repair, verify

NOW = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
LEFT = np.arange(160, dtype="<i2").tobytes()
RIGHT = np.arange(-160, 0, dtype="<i2").tobytes()
HEADER_BYTES = 44


def frames(path: Path) -> bytes:
    """What a player gets to hear; fails when the header is not sound."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        return file.readframes(file.getnframes())


def interleaved(times: int) -> bytes:
    return np.stack([np.frombuffer(LEFT, "<i2"), np.frombuffer(RIGHT, "<i2")], axis=1).tobytes() * times


def path_in(folder: Path, attempt_id: str = "a1") -> Path:
    return folder / "recordings" / "2026" / "03" / f"{attempt_id}.wav"


def test_left_is_the_candidate_and_right_the_interviewer(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    for _ in range(100):
        writer.append(LEFT, RIGHT)
    recording = writer.close()
    path = tmp_path / recording.path
    assert recording == RecordingFile(
        "recordings/2026/03/a1.wav", hashlib.sha256(path.read_bytes()).hexdigest(), 100 * 20
    )
    assert frames(path) == interleaved(100)
    assert find(tmp_path, "a1") == path
    assert find(tmp_path, "a2") is None


def test_it_plays_after_every_append(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    assert frames(path_in(tmp_path)) == b""
    for n in range(1, 4):
        writer.append(LEFT, RIGHT)
        assert frames(path_in(tmp_path)) == interleaved(n)
    writer.close()


def test_nobody_else_may_listen(tmp_path: Path) -> None:
    RecordingWriter.open(tmp_path, "a1", NOW).close()
    path = path_in(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_month_is_that_of_utc(tmp_path: Path) -> None:
    beijing = datetime(2026, 4, 1, 7, 0, tzinfo=timezone(timedelta(hours=8)))
    assert RecordingWriter.open(tmp_path, "a1", beijing).close().path == "recordings/2026/03/a1.wav"


@pytest.mark.parametrize(("left", "right"), [(LEFT, RIGHT[:-2]), (LEFT[:-1], RIGHT[:-1]), (b"", RIGHT)])
def test_channels_that_do_not_match_are_refused(tmp_path: Path, left: bytes, right: bytes) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    with pytest.raises(ArchiveError, match="both channels"):
        writer.append(left, right)
    assert writer.close().duration_ms == 0


def test_a_discarded_recording_is_gone(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    writer.append(LEFT, RIGHT)
    writer.discard()
    assert find(tmp_path, "a1") is None


def test_a_closed_recording_takes_nothing_more(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    recording = writer.close()
    for use in (writer.close, writer.discard, lambda: writer.append(LEFT, RIGHT)):
        with pytest.raises(ArchiveError, match="was closed before"):
            use()
    assert verify(recording, tmp_path)


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    RecordingWriter.open(tmp_path, "a1", NOW).close()
    with pytest.raises(ArchiveUnavailable):
        RecordingWriter.open(tmp_path, "a1", NOW)


@pytest.mark.parametrize("left_over", [0, 1, 43, 44, 45, 47, 48, 44 + 640, 44 + 641, 44 + 1280])
def test_a_file_cut_at_any_byte_is_repaired(tmp_path: Path, left_over: int) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    writer.append(LEFT, RIGHT)
    writer.append(LEFT, RIGHT)
    writer.close()
    path = path_in(tmp_path)
    os.truncate(path, left_over)
    recording = repair(path, tmp_path)
    whole = max(0, left_over - HEADER_BYTES) // 4 * 4
    assert frames(path) == interleaved(2)[:whole]
    assert recording.duration_ms == whole // 4 * 1000 // 8000
    assert verify(recording, tmp_path)
    assert repair(path, tmp_path) == recording, "a second repair changes nothing"


def test_samples_that_the_header_does_not_count_yet_are_kept(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    writer.append(LEFT, RIGHT)
    writer.close()
    path = path_in(tmp_path)
    with path.open("ab") as file:  # killed between the samples and the header
        file.write(interleaved(1) + b"\x01")
    assert frames(path) == interleaved(1)
    assert repair(path, tmp_path).duration_ms == 40
    assert frames(path) == interleaved(2)


def test_a_recording_under_way_is_not_repaired(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    with pytest.raises(RecordingInUse, match="still being recorded"):
        repair(path_in(tmp_path), tmp_path)
    writer.append(LEFT, RIGHT)
    assert writer.close().duration_ms == 20


def test_a_file_that_is_no_recording_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"RIFF but really only notes about a candidate, long enough")
    before = path.read_bytes()
    with pytest.raises(ArchiveError, match="not a recording"):
        repair(path, tmp_path)
    assert path.read_bytes() == before


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path, "a1", NOW)
    writer.append(LEFT, RIGHT)
    recording = writer.close()
    assert verify(recording, tmp_path)
    path = tmp_path / recording.path
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert not verify(recording, tmp_path)
    path.unlink()
    assert not verify(recording, tmp_path)
