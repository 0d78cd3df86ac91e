"""The measuring commands with what cannot be measured: one clear line, exit code 2, before any model is loaded."""

import sys

import pytest

from voicebot import cli


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


@pytest.mark.parametrize(
    "command", [("bench", "latency"), ("bench", "capacity"), ("bench", "memory"), ("eval", "asr"), ("eval", "turns")]
)
def test_help_has_an_example(voicebot, command):
    code, out, _ = voicebot(*command, "--help")
    assert code == 0
    assert "Example" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("bench", "latency", "--language", "fr"), "no simulated candidate speaks 'fr'; there are some for: en"),
        (("bench", "capacity", "--language", "fr", "--json"), "no simulated candidate speaks 'fr'"),
        (("bench", "memory", "--language", "fr", "--json"), "no simulated candidate speaks 'fr'"),
        (("bench", "latency", "--audio", "."), "has no label files"),
        (("eval", "turns", "nobody.turns.json", "--json"), "nobody.turns.json: there is no such label file"),
        (("eval", "asr", "nobody.csv"), "nobody.csv: the manifest cannot be read"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_line(voicebot, monkeypatch, tmp_path, arguments, complaint):
    monkeypatch.chdir(tmp_path)
    code, out, err = voicebot(*arguments)
    assert (code, out) == (2, "")
    (line,) = err.strip().splitlines()
    assert complaint in line


def test_labels_that_do_not_fit_their_audio(voicebot, write_labels):
    path = write_labels(caller_segments=[[1.0, 30.0]], turn_ends=[{"end": 30.0}])
    for command in (("eval", "turns", path), ("bench", "latency", "--audio", path.parent)):
        code, out, err = voicebot(*command)
        assert (code, out) == (2, "")
        (line,) = err.strip().splitlines()
        assert "lies beyond caller.wav, which ends at 10 s" in line
