"""What a person reads of an interview: nothing untrue, nothing cut, and nothing broken that must be whole."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from models.call import Candidate, Disposition
from models.dialog import Answer, CallBack, TimeWindow
from models.interview import (
    Experience,
    FlowRef,
    InterviewRecord,
    Score,
    Scorecard,
    SkillKind,
    SkillLevel,
    SkillTag,
    Told,
)
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


@pytest.mark.parametrize(
    ("window", "shown"),
    [
        (None, "Call back"),
        (TimeWindow(datetime(2026, 4, 1, 15), None), "from Wed 2026-04-01 15:00"),
        (TimeWindow(datetime(2026, 4, 1, 15), datetime(2026, 4, 1, 18)), "Wed 2026-04-01 15:00 to 18:00"),
    ],
)
def test_when_to_call_back_is_shown_with_the_words(console, window, shown):
    wish = CallBack(Utterance("Call me later.", 61_000, 62_000), window)
    screen.print_questions(console, replace(RECORD, call_back=wish))
    assert f"{shown}  1:01 “Call me later.”" in " ".join(printed(console).split("\n"))


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


def test_chinese_goes_on_in_the_next_line_and_nothing_of_it_is_left_out(console):
    text = "我做了支付服务，用的是 Python，数据存在 MySQL 里。" * 6
    screen.print_transcript(console, (TranscriptLine(Speaker.CANDIDATE, text, 61_000, 66_000, "project"),))
    assert "".join(printed(console).split()).endswith("".join(text.split()))


def test_what_an_utterance_was_taken_for_stands_beside_it_unless_it_is_an_answer(console):
    for meaning in ("answer", "repeat"):
        line = TranscriptLine(Speaker.CANDIDATE, "Again.", 0, 1_000, "project", meaning)
        screen.print_transcript(console, (line,))
    first, second = printed(console).splitlines()
    assert first.rstrip().endswith("Again.")
    assert second.rstrip().endswith("Again.  [repeat]")


def test_skills_and_work_are_shown_with_what_was_said_of_them(console):
    skills = (
        SkillTag("Java", SkillKind.TOOL, "three years of Java, I know it well", "start", 0, 1, 3.0, SkillLevel.GOOD),
        SkillTag("C[c]", SkillKind.TOOL, "C", "start", 0, 1),
    )
    built = Told("a payment service", "I built a payment service", 5_000, 6_000)
    work = Experience("start", project=built, team_size=Told("5", "there were five of us", 65_000, 66_000))
    card = Scorecard((), None, 0.0, skills, "", (work,))
    screen.print_scorecard(console, replace(ANSWERED, scorecard=card))
    shown = printed(console)
    assert "Java (3 y, good), C[c]" in shown
    assert "Work  a payment service; 5 people" in shown
    assert "0:05 “I built a payment service”\n      1:05 “there were five of us”" in shown.replace(" \n", "\n")
