"""Interviews by text end as the candidate's behaviour asks for, in any flow and in both languages."""

import time
from pathlib import Path

import pytest

from dialog_flows import loader
from models.call import Disposition
from models.errors import InvalidFlow
from models.speech import Speaker
from scoring.embedder import CharacterNgrams
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal.coverage import coverage
from voicebot.rehearsal.interview import MOST_TIMES_ASKED, printable, rehearse
from voicebot.rehearsal.persona import Persona, Reply

ENDS_AS = {
    "asks_questions": Disposition.COMPLETED,
    "evasive": Disposition.COMPLETED,
    "hostile": Disposition.OPTED_OUT,
    "leaves_early": Disposition.ENDED_EARLY,
    "not_now": Disposition.RESCHEDULE,
    "one_sided": Disposition.COMPLETED,
    "rambling": Disposition.COMPLETED,
    "refuses_recording": Disposition.COMPLETED,
    "silent": Disposition.UNRESPONSIVE,
    "strong": Disposition.COMPLETED,
    "switches_language": Disposition.COMPLETED,
    "terse": Disposition.COMPLETED,
    "wants_person": Disposition.DECLINED,
    "weak": Disposition.COMPLETED,
    "wrong_person": Disposition.WRONG_PERSON,
}
FLOWS = {f"{language}/{path.stem}": path for language in ("en", "zh") for path in loader.library(language)}
SCORED = [name for name, path in FLOWS.items() if any(question.criteria for question in loader.load(path).questions)]
SPELLING = CharacterNgrams()
"""How a call ends does not hang on what the scorer finds: this one takes no time."""
SHORT = Path(__file__).parents[3] / "flows" / "short.yaml"


@pytest.fixture(scope="module")
def play(embedder, settings):
    """Rehearses a persona, by name or as it is, against a flow."""

    def play(persona, flow, embedder=embedder, **options):
        flow = loader.load(flow) if isinstance(flow, Path) else flow
        who = persona
        if isinstance(persona, str):
            who = personas.load(personas.find(persona, flow.language))
        return rehearse(flow, who, settings, embedder, **options)

    return play


def said(rehearsal, speaker=Speaker.INTERVIEWER):
    return [line.text for line in rehearsal.transcript if line.speaker is speaker]


def test_every_behaviour_of_the_library_is_in_the_table():
    for language in ("en", "zh"):
        shipped = [personas.load(path) for path in personas.library(language)]
        assert {persona.id for persona in shipped if persona.flow is None} == set(ENDS_AS)


@pytest.mark.parametrize("persona", ENDS_AS)
@pytest.mark.parametrize("flow", FLOWS)
def test_every_behaviour_ends_every_flow_of_the_library_as_it_should(play, flow, persona):
    held = play(persona, FLOWS[flow], embedder=SPELLING)
    assert (held.disposition, held.stopped) == (ENDS_AS[persona], None)
    assert said(held)


@pytest.mark.parametrize("flow", SCORED)
def test_the_strong_show_most_of_the_rubric_and_more_than_the_weak_and_the_terse(play, flow):
    strong, *others = (play(name, FLOWS[flow]).scorecard for name in ("strong", "weak", "terse"))
    assert strong.assessed_weight >= 0.7
    for other in others:
        assert strong.overall * strong.assessed_weight > (other.overall or 1.0) * other.assessed_weight


def test_a_check_in_and_an_exit_interview_grade_nobody(play):
    assert {name.partition("/")[2] for name in set(FLOWS) - set(SCORED)} == {"onboarding_check_in", "exit_interview"}
    for name in set(FLOWS) - set(SCORED):
        held = play("strong", FLOWS[name])
        assert (held.scorecard.scores, held.scorecard.overall) == ((), None)
        assert len(held.answers) == len(loader.load(FLOWS[name]).questions)


@pytest.mark.parametrize("flow", FLOWS)
def test_somebody_comes_to_every_place_of_every_flow_of_the_library(play, flow):
    held = [play(name, FLOWS[flow]) for name in ("strong", "terse", "weak")]
    assert [place.key for place in coverage(loader.load(FLOWS[flow]), held).missed] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_refuses_to_be_recorded_is_not(play, language):
    flow = loader.find("backend_engineer", language)
    assert play("strong", flow).recording_permitted
    assert play("refuses_recording", flow).recording_permitted is False


@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
def test_who_asks_for_another_language_goes_on_in_it(play, language, other):
    held = play("switches_language", loader.find("backend_engineer", language))
    assert held.language == language
    assert held.path[:4] == ("consent", "identity", "good_time", f"{other}.good_time")
    assert all(key.startswith(f"{other}.") for key in held.path[3:])
    assert {part.utterance.language for answer in held.answers for part in answer.parts} == {other}


def test_who_asks_for_a_language_that_there_is_not_goes_on(play):
    flow = loader.parse(SHORT.read_text().replace("also_in: [zh]\n", ""), "short")
    held = play("switches_language", flow)
    assert held.disposition is Disposition.COMPLETED
    assert "I'm sorry, this interview is in English." in said(held)


def test_what_the_candidate_wants_to_know_goes_to_hr(play):
    asked = [question.text for question in play("asks_questions", SHORT).questions_for_hr]
    assert "What is the salary?" in asked
    assert "How does it go on after this call?" in asked


def test_a_follow_up_is_asked_by_what_the_real_scorer_finds(play):
    assert "project.number" not in play("strong", SHORT).path
    assert "project.number" in play("terse", SHORT).path


def test_the_same_rehearsal_twice_is_the_same(play):
    assert play("rambling", SHORT) == play("rambling", SHORT)


def test_each_line_is_told_when_it_is_said(play):
    told = []
    held = play("weak", SHORT, on_line=told.append)
    assert tuple(told) == held.transcript
    assert [line.start_ms for line in told] == sorted(line.start_ms for line in told)
    assert told[-1].end_ms == held.duration_ms


def test_a_persona_may_hang_up_in_the_middle_of_a_sentence(play):
    begins = Reply(saying="I wrote a compiler for my own language", hang_up_after_ms=1200)
    yes = Reply(saying="Yes.")
    persona = Persona(
        id="p", name="Pat", answers={"consent": (yes,), "identity": (yes,), "good_time": (yes,), "project": (begins,)}
    )
    held = play(persona, SHORT)
    assert held.disposition is Disposition.DROPPED
    assert held.answers[0].text == said(held, Speaker.CANDIDATE)[-1]
    assert held.answers[0].text.startswith("I wrote")
    assert "language" not in held.answers[0].text


def test_who_always_asks_again_comes_to_an_end(play):
    persona = Persona(id="p", name="Pat", otherwise={"any": "Could you repeat that?"})
    assert play(persona, SHORT).disposition is not None


def test_a_loop_is_cut_and_says_where(play):
    asks = "What is the salary?"
    pay = f"faq: [{{id: pay, asked: ['{asks}'], answer: It pays ten.}}]\n"
    held = play(Persona(id="p", name="Pat", otherwise={"any": asks}), loader.parse(SHORT.read_text() + pay, "short"))
    assert held.disposition is None
    assert f"`consent` came up more than {MOST_TIMES_ASKED} times" in held.stopped
    assert said(held, Speaker.CANDIDATE) == [asks] * MOST_TIMES_ASKED


def test_who_always_wants_to_think_comes_to_an_end(play):
    assert play(Persona(id="p", name="Pat", otherwise={"any": "Let me think."}), SHORT).disposition is not None


def test_a_call_that_would_be_too_long_is_closed_as_it_would_be(play):
    flow = loader.parse(SHORT.read_text() + "  max_call_minutes: 1\n", "short")
    held = play("rambling", flow)
    assert held.disposition is Disposition.TOO_LONG
    assert "reached the end of our time" in said(held)[-1]


HOSTILE = ["word " * 2000, "🙂" * 500, "a" * 20_000, "\x1b[31mred\x00\x07", "，。！" * 400, "是" * 4000]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_said_is_sane(play, words):
    began = time.monotonic()
    held = play(Persona(id="p", name="Pat", otherwise={"first_question": words, "any": "Yes."}), SHORT)
    assert held.disposition is not None
    assert all(line.text.isprintable() for line in held.transcript)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a\tb\n c", "a b c"), ("\x1b[31mx", "[31mx"), ("\udcff", ""), ("你\u3000好", "你 好"), ("👍 ok", "👍 ok")],
)
def test_only_what_can_be_printed_is_said(text, plain):
    assert printable(text) == plain


def test_a_variable_without_a_value_is_told(play):
    flow = loader.parse(
        SHORT.read_text().replace("When could you start?", "Could you start in {job.city}?")
        + "variables: {job.city: null}\n",
        "short",
    )
    with pytest.raises(InvalidFlow, match="job.city"):
        play("strong", flow)


def test_faq_is_answered_by_its_meaning_as_in_a_call(play):
    text = SHORT.read_text().replace("also_in: [zh]\n", "")
    faq = "faq: [{id: pay, asked: [How much does the job pay, What is the salary], answer: It pays ten.}]\n"
    asks = "What is the salary range for this position?"
    answers = {"consent": "Yes.", "identity": "Yes.", "good_time": "Yes.", "project": asks, "first_day": "Monday."}
    held = play(Persona(id="p", name="Pat", answers=answers), loader.parse(text + faq, "f.yaml"))
    assert "It pays ten." in said(held)
    assert "faq" in [line.meaning for line in held.transcript]
