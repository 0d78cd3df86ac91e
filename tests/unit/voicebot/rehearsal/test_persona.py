import typing
from pathlib import Path

import numpy as np
import pytest

from dialog_flows import loader
from models.errors import InvalidPersona, UsageError
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal.persona import Persona, Reply, Script
from voicebot.wiring import model_store

LIBRARY = sorted(personas.LIBRARY.glob("*/*.yaml"))

LINES = {
    "consent": "May I record our conversation?",
    "project": "Please tell me about a project that you finished.",
    "project.number": "What came of it, in numbers?",
}


def script(**answers):
    return Script(Persona(id="p", name="Pat", flow="short", answers=answers), LINES)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_every_persona_that_ships_answers_every_line_of_its_flow(path):
    persona = personas.load(path)
    flow = loader.load(loader.find(persona.flow, persona.language))
    personas.check(persona, flow, str(path))
    assert set(personas.lines_to_answer(flow)) <= set(persona.answers) | {"anything_else"}


@pytest.mark.parametrize(
    "heard",
    [
        "May I record our conversation?",
        "may i record our conversation",
        "This is an AI calling from Northwind. May I record our conversation?",
        "May I regard our conversation.",
    ],
)
def test_a_line_is_understood_at_the_end_of_what_was_heard_and_in_spite_of_a_misheard_word(heard):
    assert script(consent="Yes.").reply_to(heard) == Reply(saying="Yes.")


@pytest.mark.parametrize(
    "heard", ["", "Thank you.", "May I", "May I record our conversation? No, tell me a story about the sea"]
)
def test_what_is_no_question_gets_no_answer(heard):
    assert script(consent="Yes.").reply_to(heard) is None


def test_a_question_without_an_answer_is_met_with_silence():
    assert script(consent="Yes.").reply_to("What came of it, in numbers?") is None


def test_a_list_is_said_one_at_a_time_as_the_line_is_asked_again():
    asked = script(project=("Sorry?", "I wrote a compiler."))
    replies = [asked.reply_to("Please tell me about a project that you finished.").saying for _ in range(3)]
    assert replies == ["Sorry?", "I wrote a compiler.", "I wrote a compiler."]


def test_a_persona_may_hang_up():
    hangs_up = Reply(saying="I was", hang_up_after_ms=500)
    assert script(project=hangs_up).reply_to("Please tell me about a project that you finished.") == hangs_up


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


def test_a_persona_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(UsageError, match="maya_chen"):
        personas.find("nobody")
