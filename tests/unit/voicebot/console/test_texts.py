import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from dialog_flows.engine import FAQ_MEANING
from dialog_flows.meaning import Kind
from models.archive import Decision
from models.call import Disposition
from models.desk import Stage
from models.interview import SkillLevel
from models.invitation import WishKind
from models.speech import Speaker
from voicebot.archive import audit
from voicebot.console import errors, mount, sign_in
from voicebot.console.frame import PLACES
from voicebot.console.texts import LANGUAGES, catalogue, clock, preferred

CODE = "\n".join(path.read_text() for path in Path(mount.__code__.co_filename).parent.glob("*.py"))


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_language_says_the_same_things(language):
    english, other = catalogue("en"), catalogue(language)
    assert english.keys() == other.keys()
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in other.items()}


@pytest.mark.parametrize(
    "key",
    [
        *(f"disposition.{each}" for each in Disposition),
        *(f"stage.{each}" for each in Stage),
        *(f"decision.{each}" for each in Decision),
        *(f"decision.do_{each}" for each in Decision),
        *(f"speaker.{each}" for each in Speaker),
        *(f"level.{each}" for each in SkillLevel),
        *(f"wish.{each}" for each in WishKind),
        *(f"meaning.{each}" for each in (*Kind, FAQ_MEANING) if each is not Kind.ANSWER),
        *(f"nav.{place.id}" for place in PLACES),
        *(f"sign_in.problem_{each}" for each in sign_in.PROBLEMS),
        *(f"error.title_{status}" for status in (*errors.KNOWN, 400, 500)),
        *(f"error.next_{status}" for status in (*errors.KNOWN, 400, 500)),
    ],
)
def test_whatever_there_is_has_a_name(key):
    assert catalogue("en")[key]


def actions():
    """What the archive tells the audit, as far as it stands where it is told."""
    for path in Path(audit.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.append", "self._change", "_vouch"):
                said = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                yield from (each for each in said if isinstance(each, str) and each not in ("archive", "keys"))


def test_every_action_of_the_audit_is_told_in_words():
    written = {*actions(), "note", "decide"}
    assert len(written) > 30
    assert {each for each in written if f"action.{each.replace('.', '_')}" not in catalogue("en")} == set()


def test_the_pages_say_only_what_is_in_the_catalogue_and_the_catalogue_has_nothing_else():
    said = set(re.findall(r"""["']([a-z_]+\.[a-z0-9_]+)["']""", CODE))
    said -= {"player.js"}
    begun = set(re.findall(r"""f["']([a-z_]+\.[a-z_]*)\{""", CODE))
    groups = {key.split(".")[0] for key in catalogue("en")}
    assert {key for key in said if key.split(".")[0] in groups} <= catalogue("en").keys()
    assert {key for key in catalogue("en") if key not in said and not key.startswith(tuple(begun))} == set()


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr-FR,zh;q=0.5", "zh"),
        (None, "de,fr", "en"),
        ("zh", "en", "zh"),
        ("xx", "zh", "zh"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_browsers(cookie, accepted, language):
    assert preferred(cookie, accepted) == language


def test_a_place_in_a_recording_reads_as_minutes_and_seconds():
    assert [clock(ms) for ms in (0, 999, 75_000, 3_600_000)] == ["0:00", "0:00", "1:15", "60:00"]
