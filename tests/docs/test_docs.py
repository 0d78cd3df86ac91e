"""The documentation tells the truth about commands, settings and personas."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from models.accounts import ROLE_SCOPES, Role, Scope
from voicebot import cli
from voicebot.rehearsal.persona import Persona, Reply, load
from voicebot.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands():
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.splitlines():
                line = line.split("#")[0].split(">")[0].strip()
                if line.startswith(("voicebot ", "make ")):
                    yield pytest.param(line, id=f"{page.name}: {line}")


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_in_the_documentation_exists(command):
    program, *words = shlex.split(command)
    if program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[0] in targets
        return
    group = typer.main.get_command(cli.app)
    while hasattr(group, "commands") and words and not words[0].startswith("-"):
        assert words[0] in group.commands, f"voicebot has no command {words[0]!r}"
        group = group.commands[words.pop(0)]
    options = {option for parameter in group.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name):
    settings_pages = [ROOT / "docs" / page for page in ("operating.md", "telephony.md")]
    assert any(f"`VOICEBOT_{name.upper()}`" in page.read_text() for page in settings_pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_persona_in_the_documentation_can_be_used(tmp_path):
    *_, example = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "rehearsal.md").read_text(), re.DOTALL)
    file = tmp_path / "terse_tom.yaml"
    file.write_text(example)
    assert load(file).name == "Tom"


@pytest.mark.parametrize("key", [*Persona.model_fields, *Reply.model_fields])
def test_every_persona_key_is_documented(key):
    assert f"`{key}`" in (ROOT / "docs" / "rehearsal.md").read_text()


def test_the_api_page_says_what_each_role_may_do():
    roles = [Role.ADMIN, Role.RECRUITER, Role.REVIEWER]
    told = {}
    for line in (ROOT / "docs" / "api.md").read_text().splitlines():
        scope, _, *marks = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| `") else ("", "")
        told[scope.strip("`")] = {role for role, mark in zip(roles, marks, strict=False) if mark}
    for scope in Scope:
        assert told[scope] == {role for role in roles if scope in ROLE_SCOPES[role]}, scope
