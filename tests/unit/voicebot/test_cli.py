"""The command line as a person uses it: exit codes, JSON, and one clear line for what must be mended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loguru import logger

from dialog_flows.loader import find
from voicebot import cli
from voicebot.archive.store import open_archive

FLOW = find("backend_engineer")


@pytest.fixture
def voicebot(monkeypatch, capsys, tmp_path, cache):
    """Runs one command line. Returns exit code, stdout and stderr."""
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOICEBOT_CACHE", str(cache))
    monkeypatch.setenv("COLUMNS", "200")
    logger.remove()  # the log of the command before went to a stderr that is gone

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["voicebot", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    return run


def one_line(text):
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_version(voicebot):
    code, out, _ = voicebot("--version")
    assert code == 0
    assert out.startswith("voicebot 0.")


@pytest.mark.parametrize("command", [(), ("demo",), ("serve",), ("flow", "lint"), ("archive", "show")])
def test_help_has_an_example(voicebot, command):
    code, out, _ = voicebot(*command, "--help")
    assert code == 0
    assert "Example" in out


@pytest.mark.parametrize(
    "arguments", [("dance",), ("demo", "--loud"), ("archive", "show"), ("demo", "--port", "99999")]
)
def test_wrong_usage_exits_with_2(voicebot, arguments):
    assert voicebot(*arguments)[0] == 2


def test_lint_of_a_good_flow(voicebot):
    code, out, _ = voicebot("flow", "lint", FLOW)
    assert (code, out) == (0, "1 flow: nothing to mend.\n")


def test_lint_names_file_line_and_nearest_key(voicebot, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FLOW.read_text().replace("closing:", "clossing:"))
    code, out, _ = voicebot("flow", "lint", wrong)
    line = next(n for n, text in enumerate(wrong.read_text().splitlines(), 1) if text.startswith("clossing"))
    assert code == 2
    assert f"{wrong}:{line}:1: `clossing` is not a key; did you mean `closing`?" in out


def test_lint_as_json(voicebot, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: x\nquestons: []\n")
    code, out, _ = voicebot("flow", "lint", "--json", wrong)
    found = json.loads(out)
    assert code == 2
    assert not found["ok"]
    assert {"file", "line", "column", "severity", "message"} == set(found["problems"][0])


def test_lint_tells_of_every_flow_also_where_one_is_missing(voicebot, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FLOW.read_text().replace("an AI interviewer", "somebody").replace("closing:", "clossing:"))
    code, out, _ = voicebot("flow", "lint", "no/such.yaml", "backend_engineer", wrong)
    assert code == 2
    assert out.startswith("no/such.yaml: there is no flow file")
    assert "does not say that an AI is calling" in out
    assert "did you mean `closing`?" in out


def test_a_flow_that_hides_that_an_ai_calls_is_not_dialled(voicebot, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FLOW.read_text().replace("an AI interviewer", "somebody"))
    code, _, err = voicebot("demo", "--flow", wrong)
    assert code == 2
    assert "does not say that an AI is calling" in one_line(err)


def test_examples_fit_a_terminal(voicebot, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = voicebot("--help")
    for example in cli.EXAMPLES.split("\n\n")[1:]:
        assert example.strip() in out


def test_output_on_a_full_disk_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "voicebot", "models", "list", "--json"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "the disk is full" in one_line(ended.stderr)


def test_ctrl_c_while_loading_is_one_line(tmp_path, cache):
    environment = os.environ | {"VOICEBOT_HOME": str(tmp_path), "VOICEBOT_CACHE": str(cache)}
    heeds = ["env", "--default-signal=INT"]  # whoever runs the tests may ignore it
    command = [*heeds, sys.executable, "-m", "voicebot", "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        while not (tmp_path / "stream-token.key").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == cli.Exit.INTERRUPTED == 130
    assert err.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in err


def test_an_empty_archive_says_what_to_do_next(voicebot):
    code, out, _ = voicebot("archive", "list")
    assert code == 0
    assert "voicebot demo" in out


def test_an_unknown_interview(voicebot):
    voicebot("archive", "list")  # makes the archive, and says that its key must be backed up
    code, out, err = voicebot("archive", "show", "3f9c")
    assert (code, out) == (2, "")
    assert "voicebot archive list" in one_line(err)


def test_the_models_of_this_machine(voicebot):
    code, out, _ = voicebot("models", "list", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["ok"]
    assert {"whisper-base", "piper-joe"} <= {model["name"] for model in found["models"]}
    assert all(model["licence"] for model in found["models"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("demo", "--persona", "nobody"), "maya_chen"),
        (("demo", "--flow", "nothing"), "backend_engineer"),
        (("demo", "--flow", "no/such/file.yaml"), "no/such/file.yaml"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(voicebot, arguments, complaint):
    code, _, err = voicebot(*arguments)
    assert code == 2
    assert complaint in one_line(err)


def test_a_wrong_flow_stops_the_demo_before_anything_is_loaded(voicebot, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: x\n\tversion: 1\n")
    code, _, err = voicebot("demo", "--flow", wrong)
    assert code == 2
    assert f"{wrong}:2" in err
    assert "tab" in one_line(err)


def test_a_persona_that_answers_what_nobody_asks(voicebot, tmp_path):
    persona = tmp_path / "p.yaml"
    persona.write_text("id: p\nname: Pat\nflow: backend_engineer\nanswers:\n  servce: I built it.\n")
    code, _, err = voicebot("demo", "--persona", persona)
    assert code == 2
    assert "`servce`" in one_line(err)
    assert "`service`" in err


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_in_use_is_told_before_anything_is_loaded(voicebot, monkeypatch, tmp_path, command):
    monkeypatch.setenv("VOICEBOT_WHISPER_MODEL", str(tmp_path / "nothing"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = voicebot(command, "--port", port)
    assert (code, out) == (2, "")
    assert f"port {port} on 127.0.0.1 is in use" in one_line(err)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machine_s(voicebot, host):
    code, _, err = voicebot("serve", "--host", host, "--port", 0)
    assert code == 2
    assert f"cannot listen on {host}:0: " in one_line(err)
    assert "--host" in err
    assert "attempting" not in err


def test_a_missing_model(voicebot, monkeypatch, tmp_path):
    monkeypatch.setenv("VOICEBOT_WHISPER_MODEL", str(tmp_path))
    code, _, err = voicebot("demo")
    assert code == 2
    assert str(tmp_path) in one_line(err)


def test_corrupt_weights(voicebot, monkeypatch, tmp_path):
    monkeypatch.setenv("VOICEBOT_CACHE", str(tmp_path))
    weights = tmp_path / "models" / "whisper-base" / "model.bin"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"not a model")
    code, _, err = voicebot("demo")
    assert code == 2
    assert f"{weights} is damaged; delete it" in one_line(err)
    code, out, _ = voicebot("models", "verify")
    assert code == 2
    assert str(weights) in out


@pytest.mark.parametrize(
    ("name", "value"), [("VOICEBOT_PORT", "http"), ("VOICEBOT_VAD", "ears"), ("VOICEBOT_RECOGNITION_WORKERS", "0")]
)
def test_a_wrong_setting_is_named(voicebot, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    code, _, err = voicebot("archive", "list")
    assert code == 2
    assert f"{name}='{value}'" in one_line(err)


def test_a_home_that_cannot_be_used(voicebot, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "file"))
    code, _, err = voicebot("archive", "list")
    assert code == 2
    assert str(tmp_path / "file") in one_line(err)


def test_a_home_that_cannot_be_made_names_the_setting(voicebot, monkeypatch):
    monkeypatch.setenv("VOICEBOT_HOME", "/proc/nothing")
    code, _, err = voicebot("archive", "list")
    assert code == 2
    assert "set VOICEBOT_HOME" in one_line(err)


def test_a_damaged_archive(voicebot, tmp_path):
    open_archive(tmp_path / "home").close()
    for file in (tmp_path / "home").glob("archive.sqlite3*"):
        file.write_bytes(b"This is no database. " * 1000)
    code, _, err = voicebot("archive", "list")
    assert code == 2
    assert one_line(err)


CALL = ("call", "--to", "+14155550123", "--candidate", "Maya", "--flow", "backend_engineer", "--at-any-hour")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (CALL, "--consent"),
        (("call", "--to", "+14155550123"), "--candidate and --flow"),
        (("call",), "--resume"),
        ((*CALL, "--resume", "3f9c"), "--resume ID alone"),
        (("call", "--resume", "3f9c"), "there is no interview '3f9c'"),
        ((*CALL, "--consent", "We may call you."), "no carrier is set up"),
        ((*CALL, "--consent", "We may call you.", "--carrier", "sip"), "VOICEBOT_SIP_DOMAIN"),
        (("call", "--to", "call me", *CALL[3:]), "'call me' is not a telephone number"),
        (("carrier", "check"), "no carrier is set up"),
        (("carrier", "check", "--carrier", "sip"), "VOICEBOT_SIP_DOMAIN"),
        (("carrier", "check", "--call", "12"), "'12' is not a telephone number"),
    ],
)
def test_a_call_that_cannot_be_placed_is_refused_before_anything_is_loaded(voicebot, tmp_path, arguments, says):
    with open_archive(tmp_path / "home"):
        logger.remove()  # it tells of the key that was made
    code, _, err = voicebot(*arguments)
    assert code == 2
    assert says in one_line(err)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICEBOT_SIP_DOMAIN", "sip:pbx.example.com"),
        ("VOICEBOT_SIP_USER", "maya@pbx"),
        ("VOICEBOT_SIP_LISTEN", "5060"),
        ("VOICEBOT_SIP_CA_FILE", "/nowhere.pem"),
        ("VOICEBOT_SIP_TRANSPORT", "ws"),
    ],
)
def test_a_sip_setting_that_makes_no_sense(voicebot, monkeypatch, name, value):
    for setting, good in {"DOMAIN": "pbx.example.com", "USER": "voicebot"}.items():
        monkeypatch.setenv(f"VOICEBOT_SIP_{setting}", good)
    monkeypatch.setenv(name, value)
    code, _, err = voicebot("carrier", "check")
    assert code == 2
    assert name in one_line(err)


def test_a_sip_server_that_is_not_there(voicebot, monkeypatch):
    monkeypatch.setenv("VOICEBOT_SIP_DOMAIN", "127.0.0.1:9")
    monkeypatch.setenv("VOICEBOT_SIP_USER", "voicebot")
    code, out, _ = voicebot("carrier", "check", "--call", "+14155550123")
    assert code == 2
    assert one_line(out).startswith("mend  127.0.0.1:9 over UDP does not answer (Connection refused)")
    code, out, _ = voicebot("carrier", "check", "--json")
    assert (code, json.loads(out)["findings"][0]["verdict"]) == (2, "bad")


def test_consent_that_the_operator_states_is_filed_and_can_be_taken_back(voicebot, tmp_path):
    number = "+14155550123"
    with open_archive(tmp_path / "home"):
        logger.remove()
    voicebot(*CALL, "--consent", "We may call you.", "--carrier", "sip")
    code, out, _ = voicebot("archive", "consent", number)
    assert code == 0
    assert f"call  {number}  by operator: We may call you." in one_line(out)
    _, _, err = voicebot(*CALL, "--carrier", "sip")
    assert "VOICEBOT_SIP_DOMAIN" in err, "it need not be stated again"
    assert "taken back" in voicebot("archive", "consent", number, "--withdraw")[1]
    code, _, err = voicebot(*CALL, "--carrier", "sip")
    assert code == 2
    assert "was taken back" in one_line(err)
