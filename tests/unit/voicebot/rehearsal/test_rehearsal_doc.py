"""docs/rehearsal.md: its worked example prints what it says, and its table has every persona."""

import re
import sys
from pathlib import Path

import pytest

from voicebot import cli
from voicebot.rehearsal import persona as personas

ROOT = Path(__file__).parents[4]
DOC = (ROOT / "docs" / "rehearsal.md").read_text()
WAITER = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "flows.md").read_text(), re.DOTALL)[1]
FOLLOW_UP = re.search(r"```yaml\n(.*?)```", DOC, re.DOTALL)[1]
SHOWN = re.findall(r"```text\n(.*?)```", DOC, re.DOTALL)
TWO = "    max_follow_ups: 2\n    follow_ups:\n"


@pytest.mark.parametrize(
    ("mend", "options", "shown"),
    [("", ["--all"], SHOWN[0]), (TWO, ["--all"], SHOWN[1]), ("", ["--persona", "not_now"], SHOWN[2])],
    ids=["nobody comes there", "mended", "not now"],
)
def test_the_worked_example_is_true(tmp_path, monkeypatch, capsys, mend, options, shown):
    """`...` stands for lines that are left out."""
    first, rest = WAITER.split("          no_evidence_for: guests\n")
    flow = f"{first}          no_evidence_for: guests\n{FOLLOW_UP}{rest}"
    (tmp_path / "waiter.yaml").write_text(flow.replace("    follow_ups:\n", mend) if mend else flow)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["voicebot", "rehearse", "waiter.yaml", *options])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert stopped.value.code == 0
    for part in filter(None, shown.split("...\n")):
        before, found, printed = printed.partition(part.rstrip("\n"))
        assert found, f"not printed, or not in this order:\n{part}\n---\n{before}"


def test_every_persona_is_in_the_table_as_it_describes_itself():
    table = dict(re.findall(r"^\| `(\w+)` \| ([A-Z].*?)\.? \|$", DOC, re.MULTILINE))
    shipped = [personas.load(path) for path in personas.library("en")]
    for persona in shipped:
        if persona.flow is None:
            assert table[persona.id] == persona.description.rstrip("."), persona.id
