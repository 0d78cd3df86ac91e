"""A flow knows its digest and its rubric, and is filled for one call."""

import pytest

from dialog_flows import phrases
from dialog_flows.loader import parse
from dialog_flows.schema import Lines, spoken_digits
from models.errors import InvalidFlow

FLOW = """\
id: tiny
version: 3
title: Tiny
language: {language}
variables:
  city: Lyon
  street: null
disclosure: Hello {{candidate.name}}, an AI from {{company}}, recorded (录音).
consent: {{ask: May we}}
identity: {{ask: 'Is this {{candidate.name}}?'}}
good_time: {{ask: Now}}
questions:
  - id: first
    ask: Do you like {{city}}?
    skills: [SQL]
    criteria:
      - {{id: result, name: Result, weight: 2, must_have: true, points: [names a number]}}
candidate_questions: {{ask: Any questions, reply: We will answer.}}
closing: {closing}
policies: {{callback_number: "555 01 00"}}
"""
CALL = {"candidate.name": "Ann Lee", "company": "Acme"}


def flow_with(closing: str = "Bye.", language: str = "en"):
    return parse(FLOW.format(closing=closing, language=language), "tiny.yaml")


def test_the_digest_is_of_the_content_and_not_of_the_layout() -> None:
    flow = flow_with()
    commented = "# a comment\n" + FLOW.format(closing="   'Bye.'", language="en").replace("Is this ", "Is  this ")
    assert parse(commented, "other.yaml").digest == flow.digest
    assert flow_with("Good bye.").digest != flow.digest
    assert len(flow.digest) == 64
    assert (flow.ref.id, flow.ref.version, flow.ref.digest) == ("tiny", 3, flow.digest)


def test_a_filled_flow_keeps_the_digest_of_the_flow() -> None:
    flow = flow_with()
    assert flow.fill(CALL).ref == flow.fill({**CALL, "city": "Nice"}).ref == flow.ref


def test_filling_takes_the_call_s_values_before_the_defaults() -> None:
    flow = flow_with("Call {callback_number}.")
    assert flow.fill(CALL).questions[0].ask == "Do you like Lyon?"
    assert flow.fill({**CALL, "city": "Nice"}).questions[0].ask == "Do you like Nice?"
    assert flow.fill(CALL).identity.ask == "Is this Ann Lee?"
    assert flow.fill(CALL).closing == "Call 5 5 5, 0 1, 0 0."
    assert "5 5 5, 0 1, 0 0" in flow.fill(CALL).lines.unresponsive


def test_a_value_is_said_as_it_is_and_not_filled_again() -> None:
    assert flow_with().fill({**CALL, "city": "{company}\n\t x"}).questions[0].ask == "Do you like {company} x?"


@pytest.mark.parametrize(
    ("closing", "call", "message"),
    [
        ("Bye.", {"company": "Acme"}, r"tiny\.yaml:8:13: \{candidate\.name\} has no value"),
        ("Bye.", {"company": " ", "candidate.name": "Ann"}, r"\{company\} has no value"),
        ("Go to {street}.", CALL, r"tiny\.yaml:19:10: \{street\} has no value: give it a default"),
    ],
)
def test_a_variable_without_a_value_is_named(closing: str, call: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidFlow, match=message):
        flow_with(closing).fill(call)


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(InvalidFlow) as error:
        flow_with().fill({})
    assert len(error.value.problems) == 2


def test_own_lines_replace_the_library_s() -> None:
    text = FLOW.format(closing="Bye.", language="en") + "lines: {repeating: Gladly.}\n"
    lines = parse(text, "tiny.yaml").fill(CALL).lines
    assert lines.repeating == "Gladly."
    assert lines.unclear == Lines.model_validate(phrases.read("en", "lines")).unclear


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_library_has_every_line(language: str) -> None:
    lines = Lines.model_validate(phrases.read(language, "lines"))
    assert all(value for _, value in lines)
    assert all(value for _, value in flow_with(language=language).fill(CALL).lines)


def test_the_rubric_is_what_scoring_reads() -> None:
    [question] = flow_with().fill(CALL).rubric().questions
    assert (question.question_id, question.question, question.skills) == ("first", "Do you like Lyon?", ("SQL",))
    [criterion] = question.criteria
    assert (criterion.id, criterion.weight, criterion.must_have, criterion.points) == (
        "result",
        2.0,
        True,
        ("names a number",),
    )


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("555 01 00", "5 5 5, 0 1, 0 0"),
        ("+1 415-555-0123", "1, 4 1 5, 5 5 5, 0 1 2 3"),
        ("4155550123", "4 1 5, 5 5 5, 0 1 2 3"),
    ],
)
def test_a_telephone_number_is_read_digit_by_digit(number: str, spoken: str) -> None:
    assert spoken_digits(number) == spoken


def test_chinese_lines_are_joined_without_spaces() -> None:
    text = FLOW.format(closing=">-\n  谢谢您,\n  祝您顺利。\n  再见。", language="zh")
    assert parse(text, "tiny.yaml").closing == "谢谢您, 祝您顺利。再见。"
