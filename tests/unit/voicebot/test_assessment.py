"""What is told to the engine of an answer while the interview is held."""

import pytest

from dialog_flows.loader import parse
from models.dialog import Answer, AnswerPart
from models.speech import Utterance
from scoring.embedder import UniversalSentenceEncoder
from voicebot.assessment import skill_namer

FLOW = """\
id: skills
version: 1
title: Skills
language: en
disclosure: Hello, this is an AI calling from Acme. This call is recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is it you?'}
good_time: {ask: 'Is now good?'}
questions:
  - id: stack
    ask: What do you use?
    follow_ups:
      - {id: databases, ask: 'Which tables?', when: {skill_named: [Postgres, Kubernetes]}}
  - id: why
    ask: Why?
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: Goodbye.
policies: {callback_number: '5550100'}
"""


@pytest.mark.parametrize(
    ("question_id", "said", "skills"),
    [
        ("stack", "Mostly PostgreSQL, and I run it on k8s.", ("Postgres", "Kubernetes")),
        ("stack", "I have never used Kubernetes.", ()),
        ("stack", "My colleague knows Postgres.", ()),
        ("stack", "Java.", ()),
        ("why", "I like PostgreSQL.", ()),
    ],
)
def test_the_skills_that_a_follow_up_waits_for_are_known_by_any_name(question_id, said, skills):
    flow = parse(FLOW, "skills.yaml").fill({"company": "Acme"})
    answer = Answer(question_id, "?", (AnswerPart(Utterance(said, 0, 1000)),))
    assert skill_namer(flow, UniversalSentenceEncoder().load())(question_id, answer) == skills
