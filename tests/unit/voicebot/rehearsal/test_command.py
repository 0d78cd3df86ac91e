"""`voicebot rehearse` as a recruiter uses it."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dialog_flows import loader
from voicebot import cli

SHORT = Path(__file__).parents[3] / "flows" / "short.yaml"


NEVER_ASKED = """    expects: short
    max_follow_ups: 0
    follow_ups:
      - id: why
        ask: Why so late?
        when: {shorter_than_words: 9}
"""


@pytest.fixture
def rehearse(monkeypatch, capsys, tmp_path):
    """Runs `voicebot rehearse` with what is typed. Returns exit code, stdout and stderr."""
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments, typed=b""):
        monkeypatch.setattr(sys, "argv", ["voicebot", "rehearse", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    yield run
    assert not (tmp_path / "home").exists(), "a rehearsal is filed nowhere"


def words(text):
    return " ".join(text.split())


def test_one_candidate_s_dialog_path_scores_and_what_was_not_reached(rehearse):
    code, out, _ = rehearse(SHORT)
    assert code == 0
    assert "candidate    Yes, that's fine.  [yes]" in out
    assert "Ended as completed after about" in out
    assert "consent > identity > good_time > project > first_day > candidate_questions" in words(out)
    assert "Overall" in out
    assert "Reached 2 of 2 questions, 0 of 1 follow-ups." in words(out)
    assert "Not reached project.number" in words(out)


def test_everybody_is_one_line_each_and_what_nobody_came_to_is_explained(rehearse, tmp_path):
    flow = tmp_path / "flow.yaml"
    flow.write_text(SHORT.read_text().replace("also_in: [zh]\n", "").replace("    expects: short\n", NEVER_ASKED))
    code, out, _ = rehearse(flow, "--all")
    assert code == 0
    lines = out.splitlines()
    assert next(line for line in lines if line.startswith("not_now")).split()[1] == "reschedule"
    assert next(line for line in lines if line.startswith("hostile")).split()[1:3] == ["opted", "out"]
    assert "first_day.why “Why so late?” takes a larger `max_follow_ups` of `first_day`, which is 0" in words(out)
    assert "interviewer" not in out


def test_a_flow_made_from_a_copy_of_the_library_s_is_played_by_everybody_for_any_flow(rehearse, tmp_path):
    copy = tmp_path / "mine.yaml"
    text = loader.find("backend_engineer").read_text().replace("also_in: [zh]\n", "")
    copy.write_text(text.replace("  - id: slow_endpoint\n", "  - id: slow\n"))
    code, out, _ = rehearse(copy, "--all")
    assert code == 0
    assert "strong" in out
    assert "maya_chen" not in out
    assert "maya_chen" in rehearse("backend_engineer", "--all")[1]


def test_json_has_one_shape(rehearse):
    code, out, err = rehearse(SHORT, "--persona", "weak", "--persona", "silent", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["flow"] == {"id": "short", "version": 1, "digest": found["flow"]["digest"], "language": "en"}
    weak, silent = found["rehearsals"]
    assert set(weak) == {
        "persona",
        "name",
        "language",
        "disposition",
        "stopped",
        "path",
        "duration_ms",
        "recording_permitted",
        "transcript",
        "answers",
        "questions_for_hr",
        "call_back",
        "passed_over",
        "knock_outs",
        "scorecard",
    }
    assert (weak["persona"], weak["disposition"], silent["disposition"]) == ("weak", "completed", "unresponsive")
    assert weak["path"][0] == silent["path"][0] == "consent"
    assert silent["scorecard"] is None
    assert {"speaker", "text", "start_ms", "end_ms", "position", "meaning"} <= set(weak["transcript"][0])
    assert set(weak["scorecard"]) >= {"scores", "overall", "skills", "scorer"}
    assert found["coverage"] == {
        "question": {"reached": 2, "total": 2},
        "follow_up": {"reached": 1, "total": 1},
        "branch": {"reached": 0, "total": 0},
        "never_reached": [],
    }


def test_all_as_json_says_what_nobody_reached_and_is_the_same_each_time(rehearse):
    first, second = (rehearse(SHORT, "--persona", "wrong_person", "--json")[1] for _ in range(2))
    assert first == second
    assert [place["key"] for place in json.loads(first)["coverage"]["never_reached"]] == [
        "project",
        "project.number",
        "first_day",
    ]


def test_another_of_the_flow_s_languages(rehearse):
    code, out, _ = rehearse(SHORT, "--language", "zh")
    assert code == 0
    assert "您好，我是" in out
    assert "可以，没问题。" in out


def test_a_candidate_who_never_ends_is_stopped_and_said_so(rehearse, tmp_path):
    asks = "What is the salary?"
    flow, persona = tmp_path / "flow.yaml", tmp_path / "p.yaml"
    alone = SHORT.read_text().replace("also_in: [zh]\n", "")
    flow.write_text(alone + f"faq: [{{id: pay, asked: ['{asks}'], answer: It pays ten.}}]\n")
    persona.write_text(f"id: p\nname: Pat\notherwise:\n  any: {asks}\n")
    code, out, _ = rehearse(flow, "--persona", persona)
    assert code == cli.Exit.NOT_COMPLETED
    assert "stopped because `consent` came up more than 25 times" in out


def test_a_persona_of_one_s_own_for_one_flow(rehearse):
    code, out, _ = rehearse("backend_engineer", "--persona", "maya_chen")
    assert code == 0
    assert "I built the payment service" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nothing",), "there is no flow file 'nothing'"),
        (("backend_engineer", "--persona", "nobody"), "no persona of that name in the library (asks_questions"),
        (("backend_engineer", "--all", "--interactive"), "exclude each other"),
        (("backend_engineer", "--all", "--persona", "weak"), "exclude each other"),
        (("backend_engineer", "--persona", "chen_jing"), "choose two that agree"),
        ((SHORT, "--persona", "maya_chen"), "`service` under `answers` is not a line of the flow short"),
        (
            (SHORT, "--language", "fr"),
            "'--language': 'fr' is not a language of flows",
        ),
        ((), "Missing argument"),
    ],
)
def test_wrong_usage_says_what_to_mend(rehearse, arguments, complaint):
    code, out, err = rehearse(*arguments)
    assert (code, out) == (2, "")
    assert complaint in words(err.replace("│", " "))


def test_a_flow_in_one_language_is_not_rehearsed_in_another(rehearse, tmp_path):
    flow = tmp_path / "mine.yaml"
    flow.write_text(SHORT.read_text().replace("also_in: [zh]\n", ""))
    code, _, err = rehearse(flow, "--language", "zh")
    assert code == 2
    assert err == f"{flow} is not held in zh, only in: en\n"


def test_a_flow_that_cannot_be_published_is_refused_with_all_its_errors(rehearse, tmp_path):
    flow = tmp_path / "wrong.yaml"
    flow.write_text(SHORT.read_text().replace("an AI", "somebody").replace("no_evidence_for: result", "no_evidence: x"))
    code, out, err = rehearse(flow, "--all")
    assert (code, out) == (2, "")
    assert "does not say that an AI is calling" in err
    assert "did you mean `no_evidence_for`" in err


TYPED = "Yes\n\ncould you repeat that\nyes it is me\nsure\nI wrote a parser, 20 percent faster\x1b[31m 👍\n"


def test_typing_as_the_candidate(rehearse):
    code, out, err = rehearse(
        SHORT, "--interactive", typed=f"{TYPED}It is 20 percent faster.\non Monday\nno\n".encode()
    )
    assert (code, err) == (0, "")
    assert "Am I speaking with Alex?" in out
    assert "could you repeat that  [repeat]" in out
    assert "Take your time." in out
    assert "Ended as completed after about" in out
    assert "\x1b" not in out


def test_the_end_of_what_is_typed_puts_the_phone_down(rehearse):
    code, out, err = rehearse(SHORT, "--interactive", "--json", typed=TYPED.encode())
    (held,) = json.loads(out)["rehearsals"]
    assert (code, held["disposition"]) == (0, "dropped")
    assert held["answers"][0]["parts"][0]["utterance"]["text"] == "I wrote a parser, 20 percent faster [31m 👍"
    assert "Ended as dropped after about" in err


def test_typing_gives_json_with_the_dialog_beside_it(rehearse):
    code, out, err = rehearse(SHORT, "--interactive", "--json", typed=b"yes\n\xff\xfe what\nno, wrong number\n")
    assert code == 0
    assert json.loads(out)["rehearsals"][0]["disposition"] == "wrong_person"
    assert "May I record our conversation?" in err


def test_two_thousand_words_typed_at_once(rehearse):
    typed = "yes\nyes\nyes\n" + "I improved it by 40 percent because it was slow. " * 200 + "\n\n\n\n"
    code, out, _ = rehearse(SHORT, "--interactive", typed=typed.encode())
    assert code == 0
    assert "Ended as unresponsive after about" in out


@pytest.mark.parametrize("ending", [b"\x04", b"\x03"], ids=["Ctrl-D", "Ctrl-C"])
def test_in_a_terminal_the_keys_that_end_a_program_put_the_phone_down(tmp_path, ending):
    controller, terminal = pty.openpty()
    environment = os.environ | {"VOICEBOT_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "voicebot", "rehearse", str(SHORT), "--interactive"]

    def candidate_terminal():
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background has it ignored
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, preexec_fn=candidate_terminal
    ) as process:
        os.close(terminal)
        shown = read_until(controller, b"> ", after=b"May I record our conversation?")
        os.write(controller, b"Yes.\r")
        shown += read_until(controller, b"> ", after=b"Am I speaking with Alex?")
        shown += press_until_it_ends(controller, ending)
        assert process.wait(timeout=60) == 0
    os.close(controller)
    assert b"understood as: yes" in shown
    assert b"dropped" in shown
    assert b"Traceback" not in shown


def read_until(controller, sought, after):
    """What the terminal shows, up to `sought` after `after`."""
    shown = b""
    while sought not in shown.partition(after)[2]:
        assert select.select([controller], [], [], 60)[0], shown
        shown += os.read(controller, 4096)
    return shown


def press_until_it_ends(controller, key):
    """What the terminal shows until the program is gone. Python may lose a Ctrl-C that comes just before it waits for
    a line; a person presses it again."""
    shown = b""
    os.write(controller, key)
    for _ in range(100):
        if not select.select([controller], [], [], 10)[0]:
            os.write(controller, key)
            continue
        try:
            shown += os.read(controller, 4096)
        except OSError:  # the other side is closed
            return shown
    raise AssertionError(shown)


def test_what_is_marked_for_hr_is_shown_and_an_unscored_flow_shows_no_table(rehearse, tmp_path):
    flow = tmp_path / "driver.yaml"
    text = SHORT.read_text().replace("also_in: [zh]\n", "")
    begin, end = text.index("questions:"), text.index("candidate_questions:")
    question = (
        "  - {id: licence, ask: 'Have you a licence?', expects: yes_no, knock_out: {answer: no, note: no licence}}\n"
    )
    flow.write_text(f"{text[:begin]}questions:\n{question}{text[end:]}")
    _, out, _ = rehearse(flow, "--interactive", typed=b"yes\nyes\nyes\nno\nno\n")
    assert "Look at this first no licence (licence)" in words(out)
    assert "No scores: nothing was asked that has criteria." in out
    assert "criterion" not in out
