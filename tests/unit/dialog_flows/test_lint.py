"""What is valid in a flow and still unwise is told with its line."""

import pytest

from dialog_flows.lint import lint, seconds_to_say
from dialog_flows.loader import library, load, parse

FLOW = """\
id: tiny
version: 1
title: Tiny
language: {language}
disclosure: {disclosure}
consent: {{ask: May we}}
identity: {{ask: It is you}}
good_time: {{ask: Now}}
questions:
  - id: first
    ask: {ask}
    criteria: [{criteria}]
candidate_questions: {{ask: Any questions, reply: We'll answer.}}
closing: Bye.
"""
GOOD = {
    "language": "en",
    "disclosure": "An AI from {company} is calling, and the call is recorded.",
    "ask": "What did you build?",
    "criteria": "{id: a, name: A, points: [x]}",
}


def problems(**changes: str) -> list[tuple[int, int, str, str]]:
    found = lint(parse(FLOW.format(**GOOD | changes), "tiny.yaml"))
    return [(problem.line, problem.column, problem.severity, problem.message) for problem in found]


def test_a_wise_flow_has_no_problems() -> None:
    assert problems() == []
    disclosure = "您好,我是{company}的人工智能面试官,本次通话会录音。"
    assert problems(language="zh", disclosure=disclosure, ask="您做过什么?") == []


def test_a_line_too_long_to_say_is_told() -> None:
    [(line, column, severity, message)] = problems(ask="and so on " * 15)
    assert (line, column, severity) == (11, 10, "warning")
    assert "18 s" in message


def test_a_question_that_will_not_be_scored_is_told() -> None:
    [(line, _, severity, message)] = problems(criteria="")
    assert (line, severity) == (10, "warning")
    assert "`first` has no criteria" in message


def test_how_long_a_line_takes() -> None:
    assert seconds_to_say("one two three four five") == 2.0
    assert seconds_to_say("5 5 5, 0 1") == 2.0
    assert seconds_to_say("一二三四五六七八九") == 2.0


@pytest.mark.parametrize("path", [*library("en"), *library("zh")], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_flow_of_the_library_is_wise_and_runs_as_it_is(path) -> None:  # type: ignore[no-untyped-def]
    flow = load(path)
    assert lint(flow) == ()
    filled = flow.fill({})
    assert seconds_to_say(filled.disclosure) <= 12
    assert len(filled.questions) <= 5
