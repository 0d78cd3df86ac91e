"""A flow file is read strictly, and all its problems are told at once, with their place and the mend."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog_flows.loader import find, library, load, parse
from models.errors import InvalidFlow, Problem, UsageError

FLOW = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: Hello, an AI from {company} is calling, and the call is recorded.
consent:
  ask: May we record?
identity:
  ask: Is this {candidate.name}?
good_time:
  ask: Is now a good time?
questions:
  - id: first
    ask: What did you build?
    criteria:
      - id: result
        name: Result
        weight: 2
        points:
          - names a number
    follow_ups:
      - id: more
        ask: And the result?
        when:
          no_evidence_for: result
candidate_questions:
  ask: Any questions?
  reply: We will answer.
closing: Goodbye.
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidFlow) as error:
        parse(text, "tiny.yaml")
    return error.value.problems


def test_a_right_flow_is_read_with_its_defaults() -> None:
    flow = parse(FLOW, "tiny.yaml")
    assert flow.questions[0].criteria[0].points == ("names a number",)
    assert (flow.policies.silence_ms, flow.policies.max_silences, flow.policies.max_call_minutes) == (7000, 2, 20)
    assert flow.questions[0].expects == "open"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "column", "message"),
    [
        # an unknown key, at three depths
        ("title: Tiny", "titel: Tiny", 3, 1, "`titel` is not a key; did you mean `title`?"),
        ("    criteria:", "    criterion:", 15, 5, "`criterion` is not a key in item 1 of `questions`; did you mean"),
        ("        weight: 2", "        wieght: 2", 18, 9, "did you mean `weight`?"),
        (
            "          no_evidence_for: result",
            "          no_evidense: result",
            25,
            11,
            "did you mean `no_evidence_for`?",
        ),
        ("  reply: We will answer.", "  reply: x\n  colour: red", 29, 3, "the keys here are: ask, reply"),
        # missing
        ("title: Tiny\n", "", 1, 1, "`title` is missing"),
        ("    ask: What did you build?\n", "", 13, 5, "`ask` is missing in item 1 of `questions`"),
        # wrong types
        ("version: 1", "version: one", 2, 10, "`version` must be a whole number"),
        ("version: 1", "version: 0", 2, 10, "`version` must be at least 1"),
        ("title: Tiny", "title: 5", 3, 8, "`title` must be text; put it in quotes"),
        ("language: en", "language: fr", 4, 11, "`language` must be one of: en, zh"),
        ("  ask: May we record?", "  ask: [a, b]", 7, 8, "`ask` must be text"),
        ("        points:\n          - names a number", "        points: a number", 19, 17, "must be a list"),
        ("        weight: 2", "        weight: 0", 18, 17, "`weight` must be more than 0"),
        ("        weight: 2", "        weight: -1", 18, 17, "`weight` must be more than 0"),
        ("        weight: 2", "        weight: .nan", 18, 17, "`weight` must be a number"),
        ("        weight: 2", "        must_have: often", 18, 20, "`must_have` must be true or false"),
        ("closing: Goodbye.", "closing: ''", 29, 10, "`closing` is empty"),
        ("id: tiny", "id: Tiny Flow", 1, 5, "`id` must be small letters, digits and _"),
        # what only the whole flow shows
        ("no_evidence_for: result", "no_evidence_for: resalt", 25, 28, "`resalt` is not a criterion of this question"),
        ("          no_evidence_for: result", "          shorter_than_words:", 25, 11, "`when` is empty"),
        ("  - id: first", "  - id: closing", 13, 9, "`closing` is a step of every flow"),
        ("closing: Goodbye.", "closing: Bye {candidate}.", 29, 10, "{candidate} is not a variable; did you mean"),
        ("closing: Goodbye.", "closing: Bye {company.", 29, 10, "a brace stands alone"),
        # YAML itself
        ("title: Tiny", "title: Tiny\ntitle: Two", 4, 1, "`title` is written twice (first in line 3)"),
        ("  ask: May we record?", "\task: May we record?", 7, 1, "a tab stands at the beginning of this line"),
        ("title: Tiny", "title: Tiny: a flow", 3, 12, "a colon does not fit here; put the text in quotes"),
        ("title: Tiny", "title Tiny", 3, 1, "a key needs a colon after it"),
        ("title: Tiny", "title:Tiny", 3, 1, "a space is missing after the colon"),
        ("title: Tiny", "title: 'Tiny's'", 3, 0, "the quotation mark before this ends the text"),
        ("title: Tiny", 'title: "A "tiny" one"', 3, 0, "the quotation mark before this ends the text"),
        ("title: Tiny", 'title: "Tiny', 3, 0, "a quotation mark is opened and not closed"),
        ("closing: Goodbye.", "closing: {company}, goodbye.", 29, 0, "text that begins with { must be in quotes"),
        ("title: Tiny", "title: &a Tiny\nclosing: *a", 4, 10, "a YAML alias"),
        ("title: Tiny", "title: Ti\x07ny", 3, 10, "invisible control character here (U+0007)"),
        ("title: Tiny", "title: Ti\u200bny", 3, 10, "invisible control character here (U+200B)"),
        ("  ask: May we record?", "  {ask: May we?, x: 1}", 7, 0, "text with a question mark must be in quotes"),
        ("title: Tiny", "title: !!python/name:os.system x", 3, 8, "this value cannot be read"),
        ("title: Tiny", "? [a, b]\n: Tiny", 3, 3, "a key must be one word"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_mend(
    right: str, wrong: str, line: int, column: int, message: str
) -> None:
    assert right in FLOW
    found = problems_of(FLOW.replace(right, wrong, 1))
    fitting = [problem for problem in found if message in problem.message]
    assert fitting, [str(problem) for problem in found]
    if column:
        assert (fitting[0].file, fitting[0].line, fitting[0].column) == ("tiny.yaml", line, column)


DISCLOSURE = "Hello, an AI from {company} is calling, and the call is recorded."


@pytest.mark.parametrize(
    ("disclosure", "lacks"),
    [
        ("An AI is calling, and the call is recorded.", "who is calling"),
        ("Sam from {company} is calling, said Maine, and the call is recorded.", "that an AI is calling"),
        ("An AI from {company} is calling.", "that the call is recorded"),
    ],
)
def test_a_disclosure_must_say_who_that_it_is_an_ai_and_that_it_records(disclosure: str, lacks: str) -> None:
    [problem] = problems_of(FLOW.replace(DISCLOSURE, disclosure))
    assert (problem.line, problem.column, problem.severity) == (5, 13, "error")
    assert lacks in problem.message


def test_a_chinese_disclosure_must_say_the_same() -> None:
    chinese = FLOW.replace("language: en", "language: zh")
    assert parse(chinese.replace(DISCLOSURE, "您好,我是{company}的人工智能面试官,本次通话会录音。"), "tiny.yaml")
    found = problems_of(chinese.replace(DISCLOSURE, "您好!"))
    assert sum(problem.severity == "error" for problem in found) == 3


def test_a_wrong_disclosure_is_told_with_everything_else_and_only_errors_stop_a_call() -> None:
    long = FLOW.replace("What did you build?", "What did you build, " + "and so on " * 15)
    assert parse(long, "tiny.yaml")
    wrong = long.replace(DISCLOSURE, "Hello, this is {company}.")
    assert [problem.severity for problem in problems_of(wrong)] == ["error", "error", "warning"]
    assert [problem.line for problem in problems_of(wrong.replace("title: Tiny", "titel: Tiny"))] == [1, 3, 5, 5]
    with pytest.raises(InvalidFlow) as error:
        parse(wrong, "tiny.yaml")
    assert "to say" not in str(error.value)


def test_ids_must_be_their_own() -> None:
    question = FLOW[FLOW.index("  - id: first") : FLOW.index("candidate_questions:")]
    [problem] = problems_of(FLOW.replace(question, question + question))
    assert (problem.line, problem.message) == (
        26,
        "another question already has the id `first`; give this one its own",
    )


def test_all_problems_are_told_at_once_in_the_order_of_the_lines() -> None:
    wrong = FLOW
    for right, mistake in (
        ("version: 1", "version: x"),
        ("  ask: May we", "  aks: May we"),
        ("weight: 2", "weight: 0"),
        ("no_evidence_for: result", "no_evidence_for: x"),
        ("closing: ", "closing: {x} "),
    ):
        wrong = wrong.replace(right, mistake, 1)
    wrong = wrong.replace("{x} Goodbye.", "Bye {x}")
    assert [problem.line for problem in problems_of(wrong)] == [2, 7, 7, 18, 25, 29]


def test_problems_are_in_plain_words() -> None:
    nonsense = FLOW.replace("questions:\n  - id: first", "questions:\n  - 5\n  - [x]\n  - id: [1]").replace(
        "May", "{y}"
    )
    for problem in problems_of(nonsense):
        assert not re.search(r"pydantic|type=|https?:|Input should|valid_|NoneType", problem.message), problem.message


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_says_how_a_flow_begins(text: str) -> None:
    assert "begins with" in problems_of(text)[0].message


@pytest.mark.parametrize("text", ["- a\n- b", "42", "just words", "null"])
def test_what_is_not_keys_and_values_is_no_flow(text: str) -> None:
    problems_of(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n",
        "[" * 100_000,
        "{a: " * 10_000,
        "a: " + "9" * 100_000,
        "- " * 50_000,
        "\ufeff" * 10,
        "a: 2024-99-99",
        "\ud800",
    ],
)
def test_a_bomb_is_refused(text: str) -> None:
    problems_of(text)


@settings(max_examples=150, deadline=None)
@given(
    start=st.integers(0, len(FLOW)),
    length=st.integers(0, 30),
    scrap=st.one_of(
        st.sampled_from([": ", "- ", "\n", "  ", "{", "}", "[", "'", "|", "&a", "*a", "!", "<<: ", "? ", "\t"]),
        st.text(),
    ),
)
def test_a_damaged_flow_gets_problems_and_never_a_traceback(start: int, length: int, scrap: str) -> None:
    try:
        parse(FLOW[:start] + scrap + FLOW[start + length :], "tiny.yaml")
    except InvalidFlow as error:
        assert all(problem.message for problem in error.problems)


def test_ten_thousand_lines_are_read_or_refused_soon() -> None:
    question = "  - id: q{0}\n    ask: What is {0}?\n    colour: red\n"
    text = FLOW.replace("questions:\n", "questions:\n" + "".join(question.format(n) for n in range(3333)), 1)
    begun = time.process_time()
    found = problems_of(text)
    assert time.process_time() - begun < 20
    assert len(found) == 101
    assert found[-1].message == "and 3233 more problems"


def test_a_file_may_be_missing_large_or_not_utf_8(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such flow file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InvalidFlow, match=r"large\.yaml: the file is larger than 1,000,000 bytes"):
        load(large)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("id: x\ntitle: café".encode("latin-1"))
    with pytest.raises(InvalidFlow, match=r"latin\.yaml:2:11: this is not UTF-8"):
        load(latin)


def test_a_flow_is_found_by_its_path_or_its_name(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(FLOW)
    assert find(own) == own
    assert find(str(own)) == own
    assert find("backend_engineer").name == "backend_engineer.yaml"
    with pytest.raises(UsageError, match=r"no flow of that name in the library \(en: .*backend_engineer"):
        find("astronaut")
    with pytest.raises(UsageError, match=r"\(zh: backend_engineer, .*store_assistant\)"):
        find("astronaut", "zh")


def test_the_library_holds_only_flows() -> None:
    names = [path.stem for path in library("en")]
    assert "backend_engineer" in names
    assert not {"lines", "understanding", "disclosure"} & set(names)


# Ways through the flow

CHOICE = "expects: choice\n    options: [{id: x, says: [ex]}, {id: z, says: [zet]}]"


@pytest.mark.parametrize(
    ("keys", "line", "message"),
    [
        ("go_to: [{to: first}]", 15, "`first` is not after this question: a way back could go on without end"),
        ("go_to: [{to: secnd}]", 15, "`secnd` is not a question of this flow; did you mean `second`?"),
        ("go_to: [{to: closing}]", 15, "`closing` is not a question of this flow"),
        ("go_to: [{answer: yes, to: second}]", 15, "this question can have; write `expects: yes_no`"),
        ("expects: yes_no\n    go_to: [{answer: maybe, to: second}]", 16, "named here are: yes, no, skipped"),
        ("go_to: [{less_than: 2, to: second}]", 15, "`less_than` needs a number to compare; write `expects: number`"),
        ("expects: number\n    go_to: [{less_than: 2, at_least: 3, to: second}]", 16, "no number is at least"),
        ("go_to: second", 15, "`go_to` must be a list"),
        ("go_to: [{answer: no!, to: second}]", 15, "`answer` must be yes, no, skipped, or the `id` of an option"),
        ("expects: choice", 15, "a choice needs its answers; list them under `options`"),
        ("options: [{id: x, says: [ex]}]", 15, "`options` belong to a choice; write `expects: choice`"),
        (CHOICE.replace("[zet]", "[Ex]"), 16, "two options say 'Ex'"),
        (CHOICE.replace("id: z", "id: x"), 16, "another option already has the id `x`"),
        (CHOICE.replace("id: z", "id: skipped"), 16, "`skipped` has a meaning of its own here"),
        (CHOICE.replace("[zet]", "[zet], go_to: first"), 16, "`first` is not after this question"),
        (CHOICE + "\n    knock_out: {answer: y, note: n}", 17, "`y` is not an answer that this question can have"),
        ("knock_out: {note: n}", 15, "write which answer is marked: `answer`, `less_than`, `at_least`, `before`"),
        ("expects: yes_no\n    knock_out: {answer: no}", 16, "`note` is missing in `knock_out`"),
        ("skip_when: {question: second, answer: yes}", 15, "`second` is not an earlier question; there is none before"),
        ("skip_when: {answer: yes}", 15, "write in `question:` which earlier question this answer is about"),
        ("skip_when: {}", 15, "`skip_when` is empty"),
        ("skip_when: {match_below: 20, match_at_least: 30}", 15, "no match score is at least the one"),
        ("skip_when: {match_below: 120}", 15, "`match_below` must be at most 100"),
        ("depth: shallow", 15, "`depth` must be one of: basic, deep"),
        ("follow_ups: [{id: f, ask: F, when: {no_number: false}}]", 15, "`no_number` must be one of: true"),
        ("follow_ups: [{id: f, ask: F, when: {answer: no}}]", 15, "`no` is not an answer that this question can have"),
        ("ask_also: x", 15, "`ask_also` is not a key in item 1 of `questions`"),
    ],
)  # fmt: skip
def test_a_way_that_leads_nowhere_is_told(keys: str, line: int, message: str) -> None:
    before, after = FLOW[: FLOW.index("    criteria:")], FLOW[FLOW.index("candidate_questions:") :]
    found = problems_of(f"{before}    {keys}\n  - {{id: second, ask: Second}}\n{after}")
    fitting = [problem for problem in found if message in problem.message]
    assert fitting, [str(problem) for problem in found]
    assert fitting[0].line == line


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("go_to: [{answer: skipped, to: second}]", ""),
        ("go_to: [{answer: skipped, to: candidate_questions}]", ""),
        ("skip_when: {question: first, answer: no}", "`first` is not an earlier question"),
        ("skip_when: {question: zero}", "write which answer to `zero` skips this question"),
        ("skip_when: {question: zero, less_than: 2}", "write `expects: number` in that question"),
        ("skip_when: {question: zero, answer: no}", ""),
    ],
)
def test_an_earlier_question_may_decide(keys: str, message: str) -> None:
    text = FLOW.replace("questions:\n", "questions:\n  - {id: zero, ask: Zero, expects: yes_no}\n", 1)
    text = text.replace("    criteria:", f"    {keys}\n    criteria:", 1)
    text = text.replace("candidate_questions:\n", "  - {id: second, ask: Second}\ncandidate_questions:\n", 1)
    if message:
        assert any(message in problem.message for problem in problems_of(text))
    else:
        assert parse(text, "tiny.yaml")


def test_questions_stand_in_one_place() -> None:
    neither = FLOW.replace(FLOW[FLOW.index("questions:") : FLOW.index("candidate_questions:")], "")
    assert [problem.message for problem in problems_of(neither)] == ["`questions` is missing"]
    both = FLOW + "sections: [{id: a, title: A, questions: [{id: first, ask: A}, {id: b, ask: B, go_to: [{to: b}]}]}]\n"
    messages = [problem.message for problem in problems_of(both)]
    assert "write either `questions` or `sections`; put these questions into a section" in messages
    assert "another question already has the id `first`; give this one its own" in messages
    assert any("`b` is not after this question" in message for message in messages), "in sections, too"
    twice = FLOW + "faq: [{id: a, asked: [x], answer: y}, {id: a, asked: [x], answer: y}]\n"
    assert "another entry of `faq` already has the id `a`; give this one its own" in problems_of(twice)[0].message


def test_candidates_are_not_told_their_match_score() -> None:
    text = FLOW.replace("closing: Goodbye.", "closing: '{candidate.match_score} of 100.'")
    assert "candidates are not told their match score" in problems_of(text)[0].message


def test_of_too_many_problems_warnings_are_left_out_first() -> None:
    questions = "".join(f"  - {{id: q{n}, ask: What}}\n" for n in range(300))
    text = FLOW.replace("questions:\n", f"questions:\n{questions}", 1).replace("closing: Goodbye.", "closing: '{x}'")
    assert sum(problem.severity == "error" and "{x}" in problem.message for problem in problems_of(text)) == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"{\\rtf1\\ansi\n{\\fonttbl\\f0 Helvetica;}\nid: x\nversion: 1}", "an RTF document"),
        (b"PK\x03\x04\x14\x00\xff\xfe", "a Word document or another archive"),
        (b"%PDF-1.7\nid: x", "a PDF"),
        (b"\n<!DOCTYPE html><html>id: x</html>", "a web page"),
    ],
)
def test_a_document_that_is_no_text_gets_one_problem(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "flow.yaml"
    file.write_bytes(content)
    with pytest.raises(InvalidFlow) as error:
        load(file)
    (problem,) = error.value.problems
    assert problem.message.startswith(f"this is {what}, not plain text; copy the flow into a text file")
