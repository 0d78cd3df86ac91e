"""Whatever a file holds, there is one clear error or a flow that can be held: never a traceback, never a hang."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialog_flows import diagram
from dialog_flows.engine import lines, step
from dialog_flows.lint import lint
from dialog_flows.loader import load, parse
from dialog_flows.schema import Flow
from models.dialog import CallStarted, CandidateSilent, CandidateSpoke, DialogState, HangUp, LineHeard, Say
from models.errors import InvalidFlow, UsageError
from models.speech import Utterance

FULL = """\
id: full
version: 1
title: Everything
language: en
variables: {candidate.name: Ann, company: Acme, job.title: waiter, candidate.match_score: '80'}
disclosure: An AI from {company} is calling, and the call is recorded.
consent: {ask: May I record}
identity: {ask: 'Is this {candidate.name}'}
good_time: {ask: Is now good}
sections:
  - id: one
    title: One
    begin: First.
    questions:
      - id: licence
        ask: Do you drive
        variants: [Have you got a licence]
        expects: yes_no
        knock_out: {answer: no, note: no licence}
        go_to: [{answer: no, to: shift}, {answer: skipped, to: candidate_questions}]
      - id: years
        ask: How many years
        expects: number
        depth: deep
        follow_ups: [{id: exactly, ask: How many exactly, when: {no_number: true}, depth: deep}]
  - id: two
    title: Two
    questions:
      - id: shift
        ask: Early or late
        expects: choice
        options: [{id: early, says: [early], go_to: story}, {id: late, says: [late]}]
        skip_when: {question: years, less_than: 3}
      - id: night
        ask: How do you get home
        expects: short
        skip_when: {match_below: 20}
      - id: story
        ask: Tell me about a busy day
        max_follow_ups: 3
        skills: [teamwork]
        criteria:
          - {id: order, name: Order, weight: 2, must_have: true, points: [says what came first]}
          - {id: guests, name: Guests, points: [told guests how long it would take]}
        follow_ups:
          - {id: wait, ask: And the guests, when: {no_evidence_for: guests, shorter_than_words: 40}}
          - {id: tool, ask: Which till, when: {skill_named: [till, register]}}
candidate_questions: {ask: Any questions, reply: HR will answer.}
faq: [{id: pay, asked: ['What is the salary?'], answer: It pays ten.}]
closing: Goodbye.
policies: {callback_number: '555 01', recording_refused: end, max_reprompts: 2, deep_from: 50}
"""
DATA: dict[str, Any] = yaml.safe_load(FULL)


def read(text: str) -> Flow | None:
    """The flow, or None when it is refused as it should be."""
    try:
        return parse(text, "hostile.yaml")
    except InvalidFlow as error:
        assert error.problems
        for problem in error.problems:
            assert problem.message
            assert len(problem.message) < 2000
        return None


def test_the_flow_that_is_damaged_below_is_whole() -> None:
    flow = read(FULL)
    assert flow is not None
    assert [problem for problem in lint(flow) if "no criteria" not in problem.message] == []


# A file of another kind


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: &a [x, x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(1000)), id="aliases"),
        pytest.param(FULL + "x: &x {<<: *x}\n", id="merge"),
        pytest.param("[" * 400_000, id="brackets"),
        pytest.param("{a: " * 200_000, id="braces"),
        pytest.param("- " * 400_000, id="lists"),
        pytest.param("".join(" " * n + "a:\n" for n in range(1300)), id="deep mappings"),
        pytest.param("x" * 990_000 + ": 1\n", id="long key"),
        pytest.param(FULL + "title: again\n" * 60_000, id="duplicate keys"),
        pytest.param(FULL + f"lines: {{begin: '{'ab ' * 300_000}'}}\ntitel: x", id="long line"),
        pytest.param(FULL.replace("Goodbye.", "'" + "😀" * 200_000 + "{'"), id="emoji"),
        pytest.param(FULL.replace("Goodbye.", "Good\x07bye"), id="control character"),
        pytest.param(FULL.replace("Goodbye.", "Good\u202ebye"), id="direction mark"),
        pytest.param(FULL.encode().decode("utf-16-le", "replace"), id="wrong encoding"),
        pytest.param(
            FULL.replace("to: shift", "to: sh1ft") + "".join(f"x{n}: &a{n} y\n" for n in range(20_000)), id="anchors"
        ),
    ],
)
def test_a_bomb_gets_one_clear_error_and_soon(text: str) -> None:
    begun = time.process_time()
    assert read(text) is None
    assert time.process_time() - begun < 15


def test_ten_megabytes_are_not_even_read(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"title: " + b"x" * 10_000_000)
    with pytest.raises(InvalidFlow, match="larger than 1,000,000 bytes"):
        load(large)
    with pytest.raises(UsageError, match="not a file that can be read"):
        load("/dev/zero")


def test_thousands_of_questions_are_a_flow_or_refused_soon() -> None:
    head, tail = FULL[: FULL.index("sections:")], FULL[FULL.index("candidate_questions: {") :]
    begun = time.process_time()
    right = "".join(f"  - {{id: q{n}, ask: What, go_to: [{{to: q{n + 1}}}]}}\n" for n in range(3000))
    flow = read(f"{head}questions:\n{right}  - {{id: q3000, ask: Last}}\n{tail}")
    assert flow is not None
    assert lint(flow) == (), "an interview that scores nobody is one on purpose"
    assert read(f"{head}questions:\n{right.replace('to: q', 'to: w')}{tail}") is None
    assert time.process_time() - begun < 20


# A flow with something wrong in it

ODD = [None, True, False, 0, -1, 1e308, 10**30, "", " ", "yes", "no", "x" * 5000, "您好吗", "😀", "{", "{x}"]
NAMES = ["licence", "shift", "candidate_questions", [], {}, [[]], [None], {"": None}, {"id": 1}]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
SCRAPS = st.one_of(
    st.sampled_from([*ODD, *NAMES]),
    st.text(max_size=20),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in ((*path, key), *places(item, (*path, key)))]


PLACES = places(DATA)


def damaged(changes: list[tuple[int, str, Any]]) -> str:
    data = json.loads(json.dumps(DATA))
    for number, what, scrap in changes:
        *way, last = PLACES[number]
        parent = data
        try:
            for key in way:
                parent = parent[key]
            if what == "replace":
                parent[last] = scrap
            elif what == "delete":
                del parent[last]
            elif what == "double":
                parent.insert(last, parent[last]) if isinstance(parent, list) else parent.update({f"{last}2": scrap})
            else:
                other = PLACES[(number * 7 + 3) % len(PLACES)][-1]
                parent[other] = parent[last]
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return yaml.safe_dump(data, allow_unicode=True)


CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(PLACES) - 1), st.sampled_from(["replace", "replace", "delete", "double", "move"]), SCRAPS
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES, seed=st.integers(0, 2**32))
def test_a_damaged_flow_is_refused_or_held_to_its_end(changes: list[tuple[int, str, Any]], seed: int) -> None:
    flow = read(damaged(changes))
    if flow is None:
        return
    lint(flow)
    diagram.mermaid(flow)
    diagram.tree(flow)
    try:
        filled = flow.fill({})
    except InvalidFlow:
        return  # a variable without a value
    hold(filled, seed)


REPLIES = (
    "Yes.",
    "No.",
    "Early.",
    "Late.",
    "Seven years.",
    "One.",
    "I don't know.",
    "What is the salary?",
    "Well, the till.",
    "I first told every guest how long it would take, and then went to the kitchen.",
    "Could you repeat that?",
    "",
)


def hold(flow: Flow, seed: int) -> None:
    """Any candidate at all: the interview ends, and every line was known before."""
    chance, known = random.Random(seed), set(lines(flow))
    result = step(flow, DialogState(seed=seed), CallStarted())
    for number in range(400):
        said = [action for action in result.actions if isinstance(action, Say)]
        assert {line.text for line in said} <= known
        if any(isinstance(action, HangUp) for action in result.actions):
            break
        if result.state.awaiting:
            result = step(flow, result.state, LineHeard(result.state.awaiting, 0))
        elif chance.random() < 0.1:
            result = step(flow, result.state, CandidateSilent(0))
        else:
            words = Utterance(chance.choice(REPLIES), number, number + 1)
            result = step(flow, result.state, CandidateSpoke(words, ("guests",) if chance.random() < 0.5 else ()))
    else:
        pytest.fail("the interview does not end")
    order = [question.id for question in flow.questions]
    places = [order.index(answer.question_id) for answer in result.state.answers]
    assert places == sorted(set(places)), "each question once, in the order of the flow"
    assert not {answer.question_id for answer in result.state.answers} & set(result.state.passed_over)


@pytest.mark.parametrize("seed", range(60))
def test_every_interview_ends_whatever_is_answered(seed: int) -> None:
    flow = read(FULL)
    assert flow is not None
    hold(flow.fill({"candidate.match_score": str(seed)}), seed)
