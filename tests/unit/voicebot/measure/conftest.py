import json
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from voicebot import cli


@pytest.fixture
def write_wav(tmp_path):
    """Writes samples in -1..1 as a WAV file and returns its path."""

    def write(name, samples, rate_hz=8000, channels=1):
        path = tmp_path / name
        pcm = (np.repeat(np.asarray(samples), channels) * 32767).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(pcm.tobytes())
        return path

    return write


@pytest.fixture
def talk():
    """Ten seconds in which somebody makes a noise at 1-3 s, 4-5 s and 7-8 s."""
    times = np.arange(80_000) / 8000
    sounding = ((times >= 1) & (times < 3)) | ((times >= 4) & (times < 5)) | ((times >= 7) & (times < 8))
    return 0.3 * np.sin(2 * np.pi * 300 * times) * sounding


@pytest.fixture
def write_labels(tmp_path, write_wav, talk):
    """Writes the recording and its labels, changed as asked, and returns the label file's path."""
    write_wav("caller.wav", talk)

    def write(**changes):
        labels = {
            "caller": "caller.wav",
            "caller_segments": [[1.0, 3.0], [4.0, 5.0], [7.0, 8.0]],
            "turn_ends": [{"end": 5.0}, {"end": 8.0, "expects": "yes_no"}],
        }
        path = tmp_path / "call.turns.json"
        path.write_text(json.dumps(labels | changes))
        return path

    return write


@pytest.fixture
def short_flow_path():
    return Path(__file__).parents[3] / "flows" / "short.yaml"


@pytest.fixture
def voicebot(monkeypatch, capsys, tmp_path):
    """Runs one command line. Returns exit code, stdout and stderr."""
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOICEBOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["voicebot", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    yield run
    assert not (tmp_path / "cache").exists(), "a model was prepared before the input was checked"
