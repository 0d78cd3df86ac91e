"""The measuring commands with what cannot be measured: one clear line, exit code 2, before any model is loaded."""

import pytest

COMMANDS = {"bench": ("latency", "capacity", "memory"), "eval": ("asr", "turns", "skills", "understanding")}


@pytest.mark.parametrize(
    "command",
    [(command, name) for command, names in COMMANDS.items() for name in names],
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
        (("eval", "asr", "nobody.csv"), "nobody.csv: the file cannot be read"),
        (("eval", "skills", "nobody.jsonl", "--json"), "nobody.jsonl: the file of labelled answers cannot be read"),
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
