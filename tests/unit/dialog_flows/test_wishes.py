"""What candidates want besides answering, and what the interviewer does about it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialog_flows.engine import lines, step
from dialog_flows.loader import parse
from models.call import Disposition
from models.dialog import (
    CallBack,
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogState,
    LineHeard,
    LineLost,
    PermitRecording,
    Say,
    Step,
    TimeWindow,
)
from models.speech import Utterance

FLOW = parse(
    """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: Hello, an AI calling from Acme, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now a good time?'}
questions:
  - id: service
    ask: Tell me about a service that you built.
    clarification: Any program that others use will do.
  - {id: years, ask: 'How many years have you worked with Python?', expects: number}
candidate_questions: {ask: 'Do you have any questions?', reply: HR will answer.}
closing: All done, goodbye.
lines:
  repeating: Again.
  anything_else: Anything else?
  when_suits: When then?
  time_noted: Noted.
  reschedule: Another time.
  screening: Screening.
  voicemail: Voicemail.
  wants_person: A person then.
policies: {callback_number: '1 2', max_repeats: 1}
""",
    "tiny.yaml",
).fill({})
CONSENT, SERVICE, YEARS = (
    [],
    ["Yes.", "Yes.", "Yes."],
    ["Yes.", "Yes.", "Yes.", "I built a queue for the payment team."],
)
LAST = [*YEARS, "Seven years."]
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


def after(*replies: str) -> Step:
    """The step that the last of these replies leads to; everything the interviewer says is heard to its end."""
    result, state = step(FLOW, DialogState(), CallStarted()), DialogState()
    for number, text in enumerate((None, *replies)):
        if text is not None:
            said = Utterance(text, 1000 * number, 1000 * number + 500)
            result = step(FLOW, state, CandidateSpoke(said, said_at=NOW))
        state, waiting = result.state, [action for action in result.actions if isinstance(action, Say)]
        if number == len(replies):
            return result
        while waiting:
            result = step(FLOW, state, LineHeard(waiting.pop(0).line_id, 1000 * number))
            state = result.state
            waiting += [action for action in result.actions if isinstance(action, Say)]
    raise AssertionError


def said(result: Step) -> list[str]:
    return [action.text for action in result.actions if isinstance(action, Say)]


@pytest.mark.parametrize("wish", ["Could you speak more slowly?", "Please speak up.", "Pardon?"])
def test_the_question_is_said_again(wish: str) -> None:
    assert said(after(*SERVICE, wish)) == ["Again.", "Tell me about a service that you built."]


def test_a_question_that_was_not_understood_is_explained() -> None:
    result = after(*SERVICE, "What do you mean by service?")
    assert said(result) == ["Any program that others use will do.", "Tell me about a service that you built."]
    assert result.meaning == "clarify"
    assert "Any program that others use will do." in lines(FLOW), "it is spoken ahead of the call"


def test_without_an_explanation_it_is_said_again() -> None:
    assert said(after(*YEARS, "Does university count?"))[0] == "Again."


def test_who_asks_what_a_question_means_for_ever_is_asked_the_next() -> None:
    assert said(after(*SERVICE, "What do you mean?", "What do you mean?"))[-1].startswith("How many years")


def test_a_question_to_us_is_taken_down_and_ours_is_asked_again() -> None:
    result = after(*SERVICE, "How much does the job pay?")
    assert said(result) == ["HR will answer.", "Tell me about a service that you built."]
    assert [each.text for each in result.state.questions_for_hr] == ["How much does the job pay?"]
    assert not result.state.answers


@pytest.mark.parametrize("question", ["Who is this?", "Are you a robot?"])
def test_who_is_calling_is_told_at_once(question: str) -> None:
    result = after(*CONSENT, question)
    assert said(result) == [FLOW.disclosure, "May I record?"]
    assert not result.state.questions_for_hr
    assert not any(isinstance(action, PermitRecording) for action in result.actions)


def test_a_candidate_may_ask_what_something_is_at_the_end() -> None:
    result = after(*LAST, "What is a typical day like in the team?")
    assert said(result) == ["HR will answer.", "Anything else?"]
    assert [each.text for each in result.state.questions_for_hr] == ["What is a typical day like in the team?"]


@pytest.mark.parametrize("replies", [["Yes.", "Yes."], SERVICE])
def test_when_to_call_instead_is_filed(replies: list[str]) -> None:
    result = after(*replies, "I'm at work, can you call me tomorrow after three?")
    assert said(result) == ["Noted."]
    assert result.state.outcome is Disposition.RESCHEDULE
    wish = result.state.call_back
    assert wish is not None
    assert wish.utterance.text == "I'm at work, can you call me tomorrow after three?"
    assert wish.window == TimeWindow(NOW.replace(day=19, hour=15), NOW.replace(day=19, hour=21))


TOMORROW = TimeWindow(NOW.replace(day=19, hour=15), NOW.replace(day=19, hour=21))


def test_not_now_without_a_time_is_asked_for_one() -> None:
    result = after("Yes.", "Yes.", "I'm driving.")
    assert (said(result), result.state.outcome) == (["When then?"], None)


@pytest.mark.parametrize("begins", [["Yes.", "Yes.", "I'm driving."], ["Yes.", "Yes.", "No."], [*SERVICE, "Not now."]])
@pytest.mark.parametrize(
    ("reply", "goodbye", "words", "window"),
    [
        ("Tomorrow after three.", "Noted.", "Tomorrow after three.", TOMORROW),
        ("Call me tomorrow after three.", "Noted.", "Call me tomorrow after three.", TOMORROW),
        ("Any time, really.", "Another time.", "Any time, really.", None),
        ("I don't know.", "Another time.", None, None),
        ("No.", "Another time.", None, None),
        ("Bye.", "Another time.", None, None),
    ],
)
def test_the_time_that_suits_is_filed(
    begins: list[str], reply: str, goodbye: str, words: str | None, window: TimeWindow | None
) -> None:
    result = after(*begins, reply)
    assert (said(result), result.state.outcome) == ([goodbye], Disposition.RESCHEDULE)
    wish = result.state.call_back
    assert wish is not None
    assert (wish.utterance.text, wish.window) == (words or begins[-1], window)
    assert not [part for answer in result.state.answers for part in answer.parts]


def test_whoever_wants_no_call_at_all_is_not_asked_when() -> None:
    assert after("Yes.", "Yes.", "I'm driving.", "Don't call me again.").state.outcome is Disposition.OPTED_OUT


def test_the_question_when_is_said_again_and_nobody_is_held_by_it() -> None:
    assert said(after("Yes.", "Yes.", "I'm driving.", "Sorry?")) == ["Again.", "When then?"]
    result = after("Yes.", "Yes.", "I'm driving.", "Sorry?", "Sorry?", "Sorry?", "Sorry?")
    assert result.state.outcome is Disposition.RESCHEDULE
    asked = after("Yes.", "Yes.", "I'm driving.").state
    silent = step(FLOW, replace(asked, awaiting=None), CandidateSilent(9000))
    assert (said(silent), silent.state.outcome) == (["Another time."], Disposition.RESCHEDULE)
    hung_up = step(FLOW, replace(asked, awaiting=None), LineLost(9000, Utterance("tomorrow at three", 8000, 9000)))
    assert hung_up.state.outcome is Disposition.RESCHEDULE
    assert hung_up.state.call_back == CallBack(Utterance("tomorrow at three", 8000, 9000))


def test_where_nobody_knows_the_candidates_zone_their_words_are_kept() -> None:
    state = replace(after("Yes.", "Yes.", "I'm driving.").state, awaiting=None)
    wish = step(FLOW, state, CandidateSpoke(Utterance("tomorrow at three", 0, 1))).state.call_back
    assert wish == CallBack(Utterance("tomorrow at three", 0, 1), None)


def test_who_wants_a_person_is_filed_for_hr() -> None:
    result = after(*SERVICE, "Can I talk to a real person instead?")
    assert said(result) == ["A person then."]
    assert result.state.outcome is Disposition.DECLINED
    assert [each.text for each in result.state.questions_for_hr] == ["Can I talk to a real person instead?"]
