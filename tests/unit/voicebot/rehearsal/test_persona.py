import typing
from pathlib import Path

import numpy as np
import pytest

from dialog_flows import loader
from models.errors import InvalidPersona, UsageError
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal import script
from voicebot.rehearsal.persona import Persona, Reply
from voicebot.wiring import model_store

LIBRARY = sorted(personas.LIBRARY.glob("*/*.yaml"))
PREPARED = [path for path in LIBRARY if personas.load(path).flow is not None]
FOR_ANY_FLOW = [path for path in LIBRARY if path not in PREPARED]


@pytest.mark.parametrize("path", FOR_ANY_FLOW, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_persona_for_any_flow_is_there_in_both_languages_and_asks_for_nothing_that_is_not_there(path):
    persona = personas.load(path)
    script.check(persona, loader.load(loader.find("backend_engineer", persona.language)), str(path))
    (other,) = {"en", "zh"} - {persona.language}
    assert (path.parent.name, path.stem) == (persona.language, persona.id)
    same = personas.same_in(other, persona)
    assert same is not None
    assert same.id == persona.id
    for lines in ("answers", "otherwise"):
        counts = [{key: len(replies) for key, replies in getattr(each, lines).items()} for each in (persona, same)]
        assert counts[0] == counts[1]


@pytest.mark.parametrize("path", PREPARED, ids=lambda path: path.stem)
def test_every_persona_that_prepared_for_a_flow_answers_every_line_of_it(path):
    persona = personas.load(path)
    flow = loader.load(personas.find_flow(persona, path))
    script.check(persona, flow, str(path))
    own = {key for key in script.lines_to_answer(flow) if not key.startswith(("en.", "zh."))}
    assert own <= set(persona.answers) | {"go_ahead", "anything_else"}


def test_everything_that_is_said_aloud_is_rendered_once():
    persona = Persona(
        id="p",
        name="Pat",
        flow="short",
        answers={"a": "Yes.", "b": ("Sorry?", "Yes."), "c": Reply(saying="I was", hang_up_after_ms=1)},
    )
    assert persona.sentences() == ("Yes.", "Sorry?", "I was")


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        ("", "", "empty"),
        ("id: p\nname: Pat\nflow: f\nanswer: {}\n", ":4:1", "did you mean `answers`"),
        ("id: p\nname: Pat\nflow: f\nanswers:\n  a: 7\n", ":5", "`a`"),
        (
            "id: p\nname: Pat\nflow: f\nanswers:\n  a:\n    saying: x\n    hang_up: 1\n",
            ":6",
            "did you mean `hang_up_after_ms`",
        ),
        ("- a\n- b\n", ":1:1", "persona"),
        ("id: p\nname: Pat\nflow: f\nanswers:\n  a: Yes\n", ":5:6", "`a` must be text; put it in quotes"),
        ("id: p\nname: Pat\nflow: f\nanswers:\n  a:\n    - x\n    - No\n", ":7:7", "must be text; put it in quotes"),
        (
            "id: p\nname: Pat\notherwise:\n  opne: Yes.\n",
            ":4:3",
            "`opne` must be one of: first_question, yes_no, number, date, choice, short, open, follow_up, any",
        ),
        ("id: p\nname: Pat\notherwise:\n  any: 7\n", ":4:8", "`any` must be text; put it in quotes"),
        ("id: p\nname: Pat\nanswers:\n  a: x\x1b[31m\n", ":4:7", "invisible control character"),
        ("id: p\nname: &n Pat\ndescription: *n\n", ":3:14", "alias"),
        ("id: p\nname: Pat\nflow: f\nvoice: joe\nanswers: {}\n", ":4:8", "`voice` must be one of: jm_kumo, "),
    ],
)
def test_a_wrong_persona_says_where_and_how_to_mend_it(tmp_path, text, place, complaint):
    file = tmp_path / "p.yaml"
    file.write_text(text)
    with pytest.raises(InvalidPersona) as error:
        personas.load(file)
    assert f"{file}{place}" in str(error.value)
    assert complaint in str(error.value)
    assert "pydantic" not in str(error.value)


def test_the_voices_are_those_of_the_model(parts):
    with np.load(model_store(parts.settings).kokoro() / "voices_ja.npz") as voices:
        assert set(typing.get_args(personas.Voice)) == set(voices.files)


def test_a_flow_file_lies_beside_the_persona_or_in_the_current_folder_or_is_in_the_library(tmp_path, monkeypatch):
    persona = Persona(id="p", name="Pat", flow="backend_engineer", answers={})
    mine, here = tmp_path / "mine", tmp_path / "here"
    for folder in (mine, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    assert personas.find_flow(persona, mine / "p.yaml") == loader.find("backend_engineer")
    for folder, found in ((here, Path("backend_engineer")), (mine, mine / "backend_engineer")):
        (folder / "backend_engineer").touch()
        assert personas.find_flow(persona, mine / "p.yaml") == found


def test_a_persona_for_any_flow_asks_for_a_flow():
    with pytest.raises(UsageError, match="--flow"):
        personas.find_flow(Persona(id="p", name="Pat"), Path("p.yaml"))


def test_of_two_personas_with_one_name_the_one_that_speaks_the_language_is_found():
    for language in ("en", "zh"):
        assert personas.find("strong", language) == personas.LIBRARY / language / "strong.yaml"
    assert personas.find("maya_chen", "zh") == personas.LIBRARY / "en" / "maya_chen.yaml"


def test_chinese_folded_over_two_lines_has_no_gap(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("id: p\nname: P\nlanguage: zh\nanswers:\n  consent: >-\n    可以，\n    没问题。\n")
    assert personas.load(file).answers["consent"] == (Reply(saying="可以，没问题。"),)


def test_a_persona_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(UsageError, match="maya_chen"):
        personas.find("nobody")
