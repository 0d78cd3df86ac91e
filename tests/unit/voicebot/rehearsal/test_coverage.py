"""Coverage names what no rehearsal came to, and what it would take."""

from pathlib import Path

import pytest

from dialog_flows import loader
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal.coverage import Part, coverage
from voicebot.rehearsal.interview import rehearse

SHORT = (Path(__file__).parents[3] / "flows" / "short.yaml").read_text()
BRANCHES = Path(__file__).parents[3] / "flows" / "branches.yaml"
NOBODY_COMES_HERE = """    follow_ups:
      - id: number
        ask: What came of it, in numbers?
        when: {no_evidence_for: result}
      - id: short
        ask: Could you say more about that?
        when: {no_evidence_for: result, shorter_than_words: 3}
"""


@pytest.fixture(scope="module")
def played(embedder, settings):
    def played(flow, *names):
        cast = [personas.load(personas.find(name, flow.language)) for name in names]
        return [rehearse(flow, persona, settings, embedder) for persona in cast]

    return played


def flow_with(follow_ups):
    start, end = SHORT.index("    follow_ups:"), SHORT.index("  - id: first_day")
    return loader.parse(SHORT[:start].replace("also_in: [zh]\n", "") + follow_ups + SHORT[end:], "short")


def test_a_follow_up_that_nobody_comes_to_is_found_with_what_it_takes(played):
    flow = flow_with(NOBODY_COMES_HERE)
    everybody = [path.stem for path in personas.library("en") if personas.load(path).flow is None]
    found = coverage(flow, played(flow, *everybody))
    assert [place.key for place in found.missed] == ["project.short"]
    assert found.missed[0].asks == "Could you say more about that?"
    assert found.missed[0].reached_by == (
        "an answer to `project` with no evidence for result and shorter than 3 words, and room for it: "
        "`number` may come first, and `max_follow_ups` is 1"
    )
    assert found.count(Part.QUESTION) == (2, 2)
    assert found.count(Part.FOLLOW_UP) == (1, 2)


def test_what_comes_after_the_end_of_a_call_is_missed(played):
    flow = loader.parse(SHORT, "short")
    found = coverage(flow, played(flow, "leaves_early"))
    assert [(place.key, place.reached_by) for place in found.missed] == [
        ("project.number", "an answer to `project` with no evidence for result")
    ]
    assert [(place.key, place.reached_by) for place in coverage(flow, played(flow, "hostile", "not_now")).missed] == [
        ("project.number", "an answer to `project` with no evidence for result"),
        ("first_day", "a candidate who is still there after `project`"),
    ]
    assert coverage(flow, played(flow, "silent")).missed[0].reached_by == "a candidate who agrees to begin"


def test_a_follow_up_that_the_flow_forbids_says_so(played):
    follow_ups = NOBODY_COMES_HERE + "    max_follow_ups: 0\n"
    flow = flow_with(follow_ups)
    takes = {place.reached_by for place in coverage(flow, played(flow, "terse")).missed}
    assert takes == {"a larger `max_follow_ups` of `project`, which is 0"}


def test_what_was_asked_in_another_language_counts(played):
    flow = loader.load(loader.find("backend_engineer"))
    (rehearsal,) = played(flow, "switches_language")
    assert not {question.id for question in flow.questions} & set(rehearsal.path)
    assert coverage(flow, [rehearsal]).count(Part.QUESTION) == (len(flow.questions), len(flow.questions))


def test_a_branch_that_no_answer_takes_is_found(played):
    flow = loader.load(BRANCHES)
    names = [path.stem for path in personas.library("en") if personas.load(path).flow is None]
    found = coverage(flow, played(flow, *names))
    assert [(place.key, place.reached_by) for place in found.missed] == [
        ("years > candidate_questions", "an answer to `years` that is at least 50")
    ]
    assert found.count(Part.BRANCH) == (5, 6)
    takes = {place.key: place.reached_by for place in coverage(flow, []).missed}
    assert takes["shift > years"] == "an answer to `shift` that is night"
    assert takes["permit marked"] == "an answer to `permit` that is no"
    assert takes["start passed over"] == "a call where the match score is below 30"
