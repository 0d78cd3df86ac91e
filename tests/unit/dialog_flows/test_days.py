"""The day that a candidate could begin, and what a flow makes of it."""

from datetime import date

import pytest

from dialog_flows.days import days, limit
from dialog_flows.engine import step
from dialog_flows.loader import parse
from models.dialog import CallStarted, CandidateSpoke, DialogState, LineHeard, Say
from models.errors import InvalidFlow
from models.speech import Utterance

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Next Monday.", "2026-11-23"),
        ("In two weeks, I think", "2026-12-02"),
        ("I could start on March 15th", "2027-03-15"),
        ("the 1st of February 2027", "2027-02-01"),
        ("Mid January", "2027-01-15"),
        ("Not before March", "2027-03-01"),
        ("At the end of the month", "2026-11-30"),
        ("beginning of next month", "2026-12-01"),
        ("Four weeks", "2026-12-16"),
        ("I have three months' notice", "2027-02-18"),
        ("Right away.", "2026-11-18"),
        ("Not immediately", None),
        ("I may be able to", None),
        ("I started three years ago", None),
        ("下个月初", "2026-12-01"),
        ("三月十五号", "2027-03-15"),
        ("下周一可以", "2026-11-23"),
        ("两周以后", "2026-12-02"),
        ("需要一个月的交接期", "2026-12-18"),
        ("明年三月", "2027-03-01"),
        ("月底吧", "2026-11-30"),
        ("随时可以", "2026-11-18"),
        ("不能马上", None),
        ("三年前", None),
        ("9" * 400, None),
        ("the 31st of february 2027", None),
        ("", None),
    ],
)
def test_the_day_that_is_named(text: str, day: str | None) -> None:
    named = days(text, "en" if text.isascii() else "zh", WEDNESDAY)
    assert named == ((date.fromisoformat(day),) if day else ())


def test_two_days_are_two() -> None:
    assert len(days("Either in two weeks, or else in March.", "en", WEDNESDAY)) == 2


@pytest.mark.parametrize(
    ("written", "day"), [("2027-03-01", "2027-03-01"), ("4 weeks", "2026-12-16"), ("1 month", "2026-12-18")]
)
def test_a_limit_of_a_flow(written: str, day: str) -> None:
    assert limit(written, WEDNESDAY) == date.fromisoformat(day)


def test_a_month_from_the_31st_ends_with_the_shorter_month() -> None:
    assert limit("1 month", date(2027, 1, 31)) == date(2027, 2, 28)


FLOW = """\
id: dates
version: 1
title: Dates
language: en
disclosure: Hello, this is an AI calling from Acme. This call is recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is it you?'}
good_time: {ask: 'Is now good?'}
questions:
  - id: start
    ask: When could you start?
    expects: date
    knock_out: {after: 3 months, note: starts late}
    follow_ups:
      - {id: sooner, ask: 'Could it be sooner?', when: {after: 4 weeks}}
    go_to: [{before: 2026-12-01, to: last}]
  - {id: notice, ask: 'Why not sooner?', expects: short}
  - {id: last, ask: 'Anything else?', expects: short}
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: Goodbye.
lines: {unclear: 'Which day?'}
policies: {callback_number: '5550100'}
"""


def lines_after(*replies: str) -> tuple[list[str], DialogState]:
    flow = parse(FLOW, "dates.yaml").fill({"company": "Acme"})
    result = step(flow, DialogState(today=WEDNESDAY), CallStarted())
    for text in ("Yes.", "Yes.", "Yes.", *replies):
        while result.state.awaiting:
            result = step(flow, result.state, LineHeard(result.state.awaiting, 0))
        result = step(flow, result.state, CandidateSpoke(Utterance(text, 0, 500)))
    return [action.text for action in result.actions if isinstance(action, Say)], result.state


@pytest.mark.parametrize(
    ("reply", "asked", "marked"),
    [
        ("Next Monday.", "Anything else?", False),
        ("In three weeks.", "Why not sooner?", False),
        ("In two months.", "Could it be sooner?", False),
        ("In May.", "Could it be sooner?", True),
        ("Well, it depends on my boss.", "When could you start?", False),
        ("In two weeks or in March.", "When could you start?", False),
    ],
)
def test_the_way_goes_by_the_day(reply: str, asked: str, marked: bool) -> None:
    said, state = lines_after(reply)
    assert said[-1] == asked
    assert bool(state.knock_outs) is marked


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("after: soon", "`after` must be a day such as 2027-03-01, or a time from the call on such as `4 weeks`"),
        ("after: '2027-02-30'", "there is no 2027-02-30; write a day such as 2027-03-01"),
        ("after: 2027-03-01, before: 2027-03-01", "no day is after the one and before the other"),
        ("after: 2 months, before: 4 weeks", "no day is after the one and before the other"),
        ("less_than: 3", "`less_than` needs a number to compare; write `expects: number` in that question"),
    ],
)
def test_a_day_that_cannot_be_is_told(wrong: str, message: str) -> None:
    with pytest.raises(InvalidFlow) as error:
        parse(FLOW.replace("after: 3 months", wrong), "dates.yaml")
    assert [problem.message for problem in error.value.problems if problem.severity == "error"] == [message]


def test_a_day_and_a_time_from_the_call_on_are_not_compared_before_the_call() -> None:
    parse(FLOW.replace("after: 3 months", "after: 3 months, before: 2001-01-01"), "dates.yaml")
