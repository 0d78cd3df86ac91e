"""`voicebot flow` as a recruiter uses it."""

import json
import sys

import pytest

from dialog_flows.loader import library
from voicebot import cli

WAITER = """\
id: waiter
version: 1
title: Waiter
language: en
disclosure: An AI from {company} is calling, and the call is recorded.
consent: {ask: May we}
identity: {ask: It is you}
good_time: {ask: Now}
questions:
  - {id: evening, ask: 'How was the evening?', criteria: [{id: a, name: A, points: [p]}]}
candidate_questions: {ask: Any, reply: Noted}
closing: Bye.
"""


@pytest.fixture
def voicebot(monkeypatch, capsys, tmp_path):
    """Runs one command line. Returns exit code, stdout and stderr."""
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["voicebot", "flow", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def waiter(tmp_path):
    file = tmp_path / "waiter.yaml"
    file.write_text(WAITER)
    return file


def test_warnings_fail_only_when_that_is_asked_for(voicebot, waiter):
    waiter.write_text(WAITER.replace("How was the evening?", "How old are you?"))
    code, out, _ = voicebot("lint", waiter)
    assert code == 0
    assert out.startswith(f"{waiter}:10:24: “How old are you” asks for age")
    assert voicebot("lint", "--strict", waiter)[0] == 2
    code, out, _ = voicebot("lint", "--strict", "--json", waiter)
    assert (code, json.loads(out)["ok"]) == (2, False)


@pytest.mark.parametrize("arguments", [("show", "backend_engineer"), ("show", "backend_engineer", "--language", "zh")])
def test_a_flow_is_shown_as_a_tree(voicebot, arguments):
    code, out, _ = voicebot(*arguments)
    assert code == 0
    assert "├── " in out
    assert "disagreement: " in out


def test_a_flow_is_shown_as_a_diagram(voicebot, waiter):
    code, out, _ = voicebot("show", waiter, "--mermaid")
    assert code == 0
    assert out.startswith("flowchart TD\n")
    assert "q_evening --> candidate_questions\n" in out


def test_the_schema_is_for_editors_and_for_people(voicebot):
    code, out, _ = voicebot("schema")
    assert (code, json.loads(out)["properties"]["title"]["description"]) == (0, "The flow's name for people.")
    code, out, _ = voicebot("schema", "--markdown")
    assert (code, out.splitlines()[0]) == (0, "# Every key of a flow")


def test_a_published_version_stays_as_it_is(voicebot, waiter):
    code, out, _ = voicebot("publish", waiter)
    assert (code, out.partition(":")[0]) == (0, "waiter version 1 (en) published")
    code, out, _ = voicebot("publish", waiter, "--json")
    assert (code, json.loads(out)["new"]) == (0, False)
    waiter.write_text("# only a comment is new\n" + WAITER)
    assert voicebot("publish", waiter)[0] == 0

    waiter.write_text(WAITER.replace("evening?", "day?"))
    code, _, err = voicebot("publish", waiter)
    assert code == 2
    assert "waiter version 1 (en) was published on" in err
    assert "raise `version` in the file" in err

    waiter.write_text(WAITER.replace("evening?", "day?").replace("version: 1", "version: 2"))
    code, out, _ = voicebot("publish", waiter)
    assert (code, out.partition(":")[0]) == (0, "waiter version 2 (en) published")


def test_what_cannot_be_run_is_not_published(voicebot, waiter):
    waiter.write_text(WAITER.replace("An AI from", "Somebody from"))
    code, _, err = voicebot("publish", waiter)
    assert code == 2
    assert f"{waiter}:5:13: the disclosure does not say that an AI is calling" in err


@pytest.mark.parametrize("path", [*library("en"), *library("zh")], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_library_is_strictly_clean_and_can_be_published(voicebot, path):
    assert voicebot("lint", "--strict", path)[0] == 0
    code, out, _ = voicebot("publish", path)
    assert (code, out.partition(":")[0]) == (0, f"{path.stem} version 1 ({path.parent.name}) published")
