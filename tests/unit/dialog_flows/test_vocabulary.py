"""What the recogniser is told to expect."""

import pytest

from dialog_flows.loader import library, load, parse
from dialog_flows.vocabulary import MOST, hot_words

FLOW = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: '{candidate.name}, an AI calling from {company} about the {job.title} job, recorded.'
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now good?'}
questions:
  - id: built
    ask: Have you used Node.js or C++? Tell me about it. SQL counts as well.
    skills: [databases, SQL]
    criteria: [{id: tools, name: Tools, points: ['names a tool, such as Kafka']}]
    follow_ups: [{id: scale, ask: 'And did you run it on Kubernetes.', when: {no_evidence_for: tools}}]
  - {id: years, ask: 'How long have you written Go?', skills: [sql, testing]}
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: All done.
vocabulary: [Zephyr, '{job.title} guild']
policies: {callback_number: '1 2'}
"""
VALUES = {"candidate.name": "Ann Lee", "company": "Acme", "job.title": "backend engineer"}
TINY = parse(FLOW, "tiny.yaml").fill(VALUES)


def test_the_most_specific_words_come_first_and_each_once() -> None:
    own = ("databases", "SQL", "Node.js", "C++", "Kubernetes", "Kafka")
    everywhere = ("Zephyr", "backend engineer guild")

    assert hot_words(TINY, "built") == (*own, *everywhere, "testing", "Go", "backend engineer", "Acme", "Ann Lee")
    assert hot_words(TINY, "years")[:5] == ("sql", "testing", "Go", *everywhere)


@pytest.mark.parametrize("position", [None, "disclosure", "consent", "identity", "good_time", "closing", "nowhere"])
def test_nothing_is_expected_where_no_question_is_asked(position: str | None) -> None:
    assert hot_words(TINY, position) == ()


def test_they_are_no_more_than_a_recogniser_can_take() -> None:
    many = FLOW.replace("[Zephyr, ", f"[{', '.join(f'Name{n}' for n in range(1000))}, ")

    words = hot_words(parse(many, "tiny.yaml").fill(VALUES), "built")
    assert len(words) == MOST
    assert words[0] == "databases"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_flow_in_two_languages_has_words_for_both(language: str) -> None:
    [path] = [path for path in library(language) if path.stem == "backend_engineer"]
    flow = load(path).fill({})

    for each in flow.languages:
        words = hot_words(flow.in_language(each), "service")
        assert {"Python", "Java", "SQL"} <= set(words)
        assert flow.in_language(each).values["job.title"] in words
