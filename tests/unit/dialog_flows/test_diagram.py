"""A flow as a tree and as Mermaid: every way is there, and nothing in a question breaks the drawing."""

import re

from dialog_flows.diagram import Branch, mermaid, tree
from dialog_flows.loader import parse

FLOW = """\
id: tiny
version: 2
title: Tiny
language: en
disclosure: An AI from {company} is calling, and the call is recorded.
consent: {ask: May we}
identity: {ask: It is you}
good_time: {ask: Now}
sections:
  - id: end
    title: 'First "things"'
    questions:
      - {id: end, ask: 'Is it <b>yes</b> [or] no?', expects: yes_no, go_to: [{answer: no, to: last}],
         knock_out: {answer: no, note: said no}}
      - {id: years, ask: 'How many years?', expects: number, skip_when: {match_below: 40},
         follow_ups: [{id: more, ask: More?, when: {no_number: true}}]}
      - {id: last, ask: Last, criteria: [{id: a, name: A, weight: 3, points: [p]}, {id: b, name: B, points: [q]}]}
candidate_questions: {ask: Any, reply: Noted}
closing: Bye.
policies: {recording_refused: end}
""".replace("More?", "More")
READ = parse(FLOW, "tiny.yaml")


def texts(branch: Branch, depth: int = 0) -> list[tuple[int, str]]:
    return [(depth, branch.text), *(found for each in branch.below for found in texts(each, depth + 1))]


def test_the_tree_has_everything_in_the_order_of_the_call() -> None:
    assert texts(tree(READ)) == [
        (0, "Tiny  (tiny, version 2, en)"),
        (1, "disclosure: An AI from {company} is calling, and the call is recorded."),
        (1, "consent: May we"),
        (2, "no → the call ends"),
        (1, "identity: It is you"),
        (1, "good_time: Now"),
        (1, 'First "things"'),
        (2, "end: Is it <b>yes</b> [or] no?"),
        (3, "expects yes_no"),
        (3, "the answer is no → last"),
        (3, "marked when the answer is no: said no"),
        (2, "years: How many years?"),
        (3, "expects number"),
        (3, "skipped when the match score is below 40"),
        (3, "more: More"),
        (4, "asked when no number"),
        (2, "last: Last"),
        (3, "expects open"),
        (3, "A (75% of the score)"),
        (4, "p"),
        (3, "B (25% of the score)"),
        (4, "q"),
        (1, "candidate_questions: Any"),
        (1, "closing: Bye."),
    ]


def test_the_diagram_has_every_way_and_escapes_what_people_write() -> None:
    drawn = [line.strip() for line in mermaid(READ).splitlines()]
    assert drawn[0] == "flowchart TD"
    for line in (
        "consent -->|no| no_recording([goodbye])",
        "good_time -->|yes| q_end",
        'subgraph section_end["First #34;things#34;"]',
        'q_end{"Is it #60;b#62;yes#60;/b#62; #91;or#93; no?"}',
        'q_end -->|"no"| q_last',
        "q_end --> q_years",
        "q_years -.-> q_years__more",
        "q_last --> candidate_questions",
    ):
        assert line in drawn, line
    assert drawn.count("end") == 1
    for label in re.findall(r'"([^"]*)"', mermaid(READ)):
        assert not set(label) & set("<>[]{}|")
