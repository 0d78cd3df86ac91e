"""What a person reads of an interview: nothing untrue, nothing cut, and nothing broken that must be whole."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from models.call import Candidate, Disposition
from models.dialog import Answer
from models.interview import FlowRef, InterviewRecord, Score, Scorecard
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot import screen

RECORD = InterviewRecord(
    id="3f9c" * 8,
    candidate=Candidate("c", "Ann Lee", "+15555550100"),
    flow=FlowRef("waiter", 1, "ab" * 32),
    flow_title="Waiter",
    language="en",
    disposition=Disposition.DROPPED,
    started_at=datetime(2026, 3, 31, tzinfo=UTC),
    ended_at=None,
    transcript=(),
    answers=(),
    questions_for_hr=(Utterance("How large is the team?", 61_000, 62_000),),
    scorecard=None,
    recording=None,
    call_facts={},
)
ANSWERED = replace(RECORD, answers=(Answer("start", "When?"),))


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=80, highlight=False)


def printed(console):
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (RECORD, "nothing was answered"),
        (ANSWERED, "Not scored yet"),
        (replace(ANSWERED, disposition=None), "the call is not over"),
    ],
)
def test_why_there_is_no_scorecard(console, record, why):
    screen.print_scorecard(console, record)
    assert why in " ".join(printed(console).split())


def test_what_the_candidate_wants_to_know_is_shown_without_a_scorecard(console):
    screen.print_questions(console, RECORD)
    assert "1:01 “How large is the team?”" in printed(console)


def test_must_haves_are_marked(console):
    scores = (
        Score("start", "evenings", "Can work evenings", 1, None, must_have=True),
        Score("start", "soon", "Starts soon", 1, 4.0, must_have=True),
        Score("start", "keen", "Is keen", 1, 4.0),
    )
    screen.print_scorecard(console, replace(ANSWERED, scorecard=Scorecard(scores, 4.0, 0.5, (), "s")))
    lines = [line.rstrip() for line in printed(console).splitlines()]
    assert lines[lines.index(next(line for line in lines if "Can work" in line)) + 1] == "must have: missing"
    assert lines[lines.index(next(line for line in lines if "Starts soon" in line)) + 1] == "must have"
    assert sum("must have" in line for line in lines) == 2


def test_long_lines_go_on_below_where_they_began(console):
    text = "I rewrote our billing service in Python, and errors fell from four percent to less than one percent."
    screen.print_transcript(console, (TranscriptLine(Speaker.CANDIDATE, text, 61_000, 66_000, "project"),))
    first, *others = printed(console).splitlines()
    begins = first.index("I rewrote")
    assert first.startswith(" 1:01  candidate")
    assert others
    assert all(line[:begins].isspace() and not line[begins].isspace() for line in others)
