"""What a persona says to what it hears, and how one that knows no flow gets its answers."""

import pytest

from models.errors import InvalidPersona
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal import script as scripts
from voicebot.rehearsal.persona import Persona, Reply
from voicebot.rehearsal.script import Script

LINES = {
    "consent": "May I record our conversation?",
    "project": "Please tell me about a project that you finished.",
    "project.number": "What came of it, in numbers?",
}


def script(**answers):
    return Script(Persona(id="p", name="Pat", flow="short", answers=answers), LINES)


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


def test_a_line_that_is_asked_again_in_another_language_is_the_same_line():
    asked = Script(Persona(id="p", name="Pat", answers={"project": ("A?", "A."), "zh.project": ("B?", "B.")}), LINES)
    assert [asked.reply(key).saying for key in ("project", "zh.project", "project")] == ["A?", "B.", "A."]


@pytest.fixture(scope="module")
def flow(short_flow):
    return short_flow.fill({"candidate.name": "Pat", "company": "Northwind"})


def sayings(persona, flow):
    answers = scripts.prepared(persona, flow).answers
    return {key: tuple(reply.saying for reply in replies) for key, replies in answers.items()}


def test_what_a_persona_says_otherwise_is_chosen_by_the_kind_of_line_the_closest_first(flow):
    otherwise = {"open": "O", "follow_up": "F", "short": "S", "any": "A", "first_question": "Q"}
    persona = Persona(id="p", name="Pat", answers={"consent": "C"}, otherwise=otherwise)
    assert sayings(persona, flow) == {
        "consent": ("C",),
        "identity": ("A",),
        "good_time": ("A",),
        "project": ("Q", "O"),
        "project.number": ("F",),
        "first_day": ("S",),
        "candidate_questions": ("A",),
        "go_ahead": ("A",),
        "anything_else": ("A",),
    }


def test_what_is_written_for_a_line_goes_before_its_kind(flow):
    persona = Persona(id="p", name="Pat", answers={"project": "mine"}, otherwise={"first_question": "Q", "any": "A"})
    assert sayings(persona, flow)["project"] == ("mine",)


def test_who_has_nothing_to_say_is_silent(flow):
    assert sayings(Persona(id="p", name="Pat"), flow) == {}


def test_answers_are_made_of_what_the_question_asks_for(flow):
    persona = Persona(id="p", name="Pat", otherwise={"open": "Well. {points}", "follow_up": "{subjects}!"})
    said = sayings(persona, flow)
    assert said["project"] == (
        "Well. As for the concrete result with a number: it took me three weeks instead of eight.",
    )
    assert said["project.number"] == ("Python!",)


@pytest.mark.parametrize(
    ("persona", "complaint"),
    [
        (Persona(id="p", name="Pat", answers={"projct": "x"}), "did you mean `project`?"),
        (Persona(id="p", name="Pat", otherwise={"any": "{point}"}), "did you mean `points`?"),
        (Persona(id="p", name="Pat", answers={"consent": "{x}"}), "placeholders here are: points, first_points"),
        (Persona(id="p", name="Pat", language="zh"), "speaks 'zh' and the flow 'en'"),
    ],
)
def test_what_does_not_fit_the_flow_is_told(short_flow, persona, complaint):
    with pytest.raises(InvalidPersona) as error:
        scripts.check(persona, short_flow, "p.yaml")
    assert str(error.value).startswith("p.yaml: ")
    assert complaint in str(error.value)


def test_a_written_persona_may_answer_in_the_flow_s_other_language(short_flow):
    scripts.check(Persona(id="p", name="Pat", answers={"zh.consent": "可以。"}), short_flow, "p.yaml")


def test_a_persona_for_any_flow_speaks_the_flow_s_other_language_too(flow):
    strong = personas.load(personas.find("strong", "en"))
    answers = scripts.in_every_language(strong, flow).answers
    assert answers["consent"][0].saying == "Yes, that's fine."
    assert answers["zh.consent"][0].saying == "可以，没问题。"
    assert answers["zh.project"][0].saying.startswith("用具体数字")
