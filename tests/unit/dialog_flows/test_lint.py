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


def test_words_that_yaml_takes_for_a_remark_are_told() -> None:
    [(line, column, severity, message)] = problems(ask="Are you our #1 baker")
    assert (line, column, severity) == (11, 10, "warning")
    assert "what stands after # is a remark" in message
    assert problems(ask="'Are you our #1 baker'") == problems(ask="Do you write C#") == problems(ask="What # why") == []


def test_a_question_that_will_not_be_scored_is_told_where_others_are() -> None:
    scored = "{id: a, name: A, points: [x]}]\n  - id: second\n    ask: What else?\n    criteria: ["
    [(line, _, severity, message)] = problems(criteria=scored)
    assert (line, severity) == (13, "warning")
    assert "`second` has no criteria" in message
    assert problems(criteria="") == [], "an interview that scores nobody is one on purpose"


def test_how_long_a_line_takes() -> None:
    assert seconds_to_say("one two three four five") == 2.0
    assert seconds_to_say("5 5 5, 0 1") == 2.0
    assert seconds_to_say("一二三四五六七八九") == 2.0


@pytest.mark.parametrize("path", [*library("en"), *library("zh")], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_flow_of_the_library_is_wise_and_runs_as_it_is(path) -> None:
    flow = load(path)
    assert lint(flow) == ()
    filled = flow.fill({})
    assert seconds_to_say(filled.disclosure) <= 12
    assert len(filled.questions) <= 8
    assert all(question.expects.value in ("yes_no", "number", "date") for question in filled.questions[7:])


# What the whole flow shows

HEAD = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: An AI from {company} is calling, and the call is recorded.
consent: {ask: May we}
identity: {ask: It is you}
good_time: {ask: Now}
candidate_questions: {ask: Any questions, reply: We'll answer.}
closing: Bye.
questions:
"""
TELL = "criteria: [{id: c, name: C, points: [%s]}]"


def told(questions: str) -> list[tuple[int, str]]:
    """The lines, counted from `questions:`, and what is said about them."""
    found = lint(parse(HEAD + questions, "tiny.yaml"))
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.line - 11, problem.message) for problem in found if "no criteria" not in problem.message]


@pytest.mark.parametrize(
    ("questions", "line", "message"),
    [
        # who is asked what
        (
            "  - {id: a, ask: A, go_to: [{to: c}]}\n  - {id: b, ask: B}\n  - {id: c, ask: C}\n",
            2,
            "nobody is ever asked `b`: every question before it leads past it",
        ),
        (
            "  - {id: a, ask: A, expects: yes_no, go_to: [{answer: yes, to: c}, {answer: no, to: c}]}\n"
            "  - {id: b, ask: B}\n  - {id: c, ask: C}\n",
            2,
            "only somebody whose answer before was not clear is asked `b`",
        ),
        (
            "  - {id: a, ask: A, go_to: [{to: candidate_questions}]}\n  - {id: b, ask: B}\n",
            2,
            "nobody is ever asked `b`",
        ),
        (
            "  - id: a\n    ask: A\n    expects: yes_no\n    go_to:\n      - {to: b}\n      - {answer: no, to: b}\n"
            "  - {id: b, ask: B}\n",
            6,
            "the rule before this one always applies, so this one never does",
        ),
        (
            "  - {id: a, ask: A, depth: deep}\n",
            -10,
            "a candidate whose match score is low or unknown is asked no question",
        ),
        ("  - {id: a, ask: A, skip_when: {match_at_least: 0}}\n", 1, "every known match score is at least 0"),
        (
            "  - {id: a, ask: A, max_follow_ups: 0, follow_ups: [{id: b, ask: B, when: {no_number: true}}]}\n",
            1,
            "with 0 no follow-up is ever asked",
        ),
        # what can be earned
        (f"  - {{id: a, ask: A, expects: yes_no, {TELL % 'x'}}}\n", 1, "nobody can earn these: the answer is a yes/no"),
        (f"  - {{id: a, ask: A, expects: number, {TELL % 'x'}}}\n", 1, "nobody can earn these: the answer is a number"),
        (f"  - {{id: a, ask: What did you do, {TELL % 'What did you do.'}}}\n", 1, "this repeats the question"),
        (f"  - {{id: a, ask: A, {TELL % 'says why, Says why.'}}}\n", 1, "this point stands in the question twice"),
        # protected traits
        ("  - {id: a, ask: How old are you}\n", 1, "“How old are you” asks for age, which must not decide about a job"),
        ("  - {id: a, ask: A, variants: [Are you married]}\n", 1, "asks for marriage and family"),
        (f"  - {{id: a, ask: A, {TELL % 'is not pregnant'}}}\n", 1, "asks for pregnancy"),
        (
            "  - {id: a, ask: A, follow_ups: [{id: b, ask: Which church do you go to, when: {no_number: true}}]}\n",
            1,
            "asks for religion",
        ),
        # other languages
        ("  - {id: a, ask: 您好}\n", 1, "Chinese characters"),
    ],
)
def test_what_the_whole_flow_shows(questions: str, line: int, message: str) -> None:
    [(found_line, found)] = told(questions)
    assert message in found
    assert found_line == line


@pytest.mark.parametrize(
    "questions",
    [
        "  - {id: a, ask: A, expects: yes_no, go_to: [{answer: no, to: c}]}\n"
        "  - {id: b, ask: B}\n  - {id: c, ask: C}\n",
        "  - {id: a, ask: A, depth: deep}\n  - {id: b, ask: B, depth: basic}\n",
        "  - {id: a, ask: A, expects: choice, options: [{id: x, says: [x], go_to: c}, {id: y, says: [y]}]}\n"
        "  - {id: b, ask: B}\n  - {id: c, ask: C}\n",
        "  - {id: a, ask: A, expects: yes_no, follow_ups: [{id: b, ask: B, when: {answer: no}}], "
        f"{TELL % 'x'}}}\n",
    ],
)
def test_what_is_in_order(questions: str) -> None:
    assert told(questions) == []


def weighed(*questions: tuple[float, ...]) -> list[str]:
    blocks = [
        f"  - {{id: q{n}, ask: A, criteria: ["
        + ", ".join(f"{{id: c{m}, name: C, weight: {w}, points: [p{m}]}}" for m, w in enumerate(weights))
        + "]}\n"
        for n, weights in enumerate(questions)
    ]
    return [message for _, message in told("".join(blocks))]


@pytest.mark.parametrize(
    ("weights", "messages"),
    [
        (((1, 2), (2, 1)), []),
        (((50, 20), (30,)), []),
        (((50, 50), (60, 40)), []),
        (((0.5, 0.2), (0.3,)), []),
        (((10, 20), (10, 10)), []),
        (((50, 20), (25,)), ["the weights of the flow add up to 95, not to 100; mend one of them"]),
        (((0.5, 0.2), (0.2,)), ["the weights of the flow add up to 0.9, not to 1; mend one of them"]),
        (((50, 50), (60, 30)), ["the weights of this question add up to 90, not to 100"]),
        (((1, 500),), ["this counts for 0.2 % of the score, which nobody will notice; weigh it more"]),
    ],
)
def test_weights(weights: tuple[tuple[float, ...], ...], messages: list[str]) -> None:
    assert weighed(*weights) == messages


def test_a_line_that_was_forgotten_in_translation_is_told_and_so_is_the_sister_s_own() -> None:
    flow = parse(HEAD + "  - {id: a, ask: A, criteria: [{id: c, name: C, points: [x]}]}\n", "tiny.yaml")
    chinese = HEAD.replace("language: en", "language: zh").replace(
        "An AI from {company} is calling", "我是{company}的 AI"
    )
    chinese = chinese.replace("and the call is recorded", "通话会录音").replace("May we", "您今年多大")
    sister = parse(chinese + "  - {id: a, ask: 您几岁, criteria: [{id: c, name: C, points: [x]}]}\n", "tiny.zh.yaml")
    found = {
        (problem.file, problem.line, problem.message.partition(";")[0]) for problem in lint(flow.with_sisters([sister]))
    }
    assert found == {
        ("tiny.yaml", 7, "this line is the same in tiny.zh.yaml"),
        ("tiny.yaml", 9, "this line is the same in tiny.zh.yaml"),
        ("tiny.zh.yaml", 6, "“您今年多大” asks for age, which must not decide about a job"),
        ("tiny.zh.yaml", 12, "“您几岁” asks for age, which must not decide about a job"),
    }
