"""A further call discloses and asks for consent anew, and then goes on at the line that was not answered."""

import pytest

from dialog_flows.engine import step
from dialog_flows.loader import parse
from dialog_flows.resuming import resumed
from dialog_flows.schema import Flow
from models.call import Disposition
from models.dialog import (
    AnswerStatus,
    CallStarted,
    CandidateSpoke,
    DialogEvent,
    DialogState,
    HangUp,
    LineHeard,
    LineLost,
    PermitRecording,
    Say,
)
from models.speech import Utterance

FLOW = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: Hello, an AI calling from Acme, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now good?'}
sections:
  - id: work
    title: Work
    begin: First your work.
    questions:
      - id: built
        ask: What did you build?
        follow_ups:
          - id: more
            ask: What came of it?
            when: {shorter_than_words: 3}
      - id: remote
        ask: Do you work remotely?
        expects: yes_no
        go_to:
          - answer: yes
            to: start
      - id: city
        ask: Which city?
  - id: terms
    title: Terms
    questions:
      - id: start
        ask: When could you start?
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: All done, goodbye.
lines: {acknowledgements: [Thanks.], begin: Begin., resume: Where we stopped., anything_else: 'Anything else?'}
policies: {callback_number: '1 2'}
"""
TINY = parse(FLOW, "tiny.yaml").fill({"company": "Acme"})
OPENING = ("Yes.", "Yes.", "Yes.")


class Call:
    """One call of an interview; every line is heard before the candidate replies."""

    def __init__(self, name: str, state: DialogState, flow: Flow = TINY) -> None:
        self.name = name
        self.flow = flow
        self.state = state
        self.said: list[str] = []
        self.ordered: list[object] = []
        self.feed(CallStarted())

    def feed(self, event: DialogEvent) -> None:
        result = step(self.flow, self.state, event)
        self.state = result.state
        says = [action for action in result.actions if isinstance(action, Say)]
        self.ordered += result.actions
        self.said += [say.text for say in says]
        for say in says:
            self.feed(LineHeard(say.line_id, 0))

    def reply(self, *texts: str) -> "Call":
        for text in texts:
            self.feed(CandidateSpoke(Utterance(text, 0, 500, attempt_id=self.name)))
        return self

    def dropped(self, last_words: str | None = None) -> DialogState:
        words = Utterance(last_words, 0, 500, attempt_id=self.name) if last_words else None
        self.feed(LineLost(0, words))
        return self.state


def answers(state: DialogState) -> dict[str, list[tuple[str, str | None]]]:
    return {
        answer.question_id: [(part.utterance.text, part.utterance.attempt_id) for part in answer.parts]
        for answer in state.answers
    }


def test_the_next_call_goes_on_at_the_question_that_was_not_answered() -> None:
    first = Call("one", DialogState(seed=7)).reply(*OPENING, "A very large payment database", "No.")
    dropped = first.dropped()
    assert dropped.answers[-1].status is AnswerStatus.UNANSWERED
    second = Call("two", resumed(dropped)).reply(*OPENING)
    assert second.said == [
        "Hello, an AI calling from Acme, recorded.",
        "May I record?",
        *("Thanks.", "Is this Ann?"),
        "Is now good?",
        *("Where we stopped.", "First your work.", "Which city?"),
    ]
    assert PermitRecording(True) in second.ordered, "this call is recorded only with a yes of its own"
    second.reply("In Oslo, by the sea.", "In two weeks from now.", "No.")
    assert second.state.outcome is Disposition.COMPLETED
    assert answers(second.state) == {
        "built": [("A very large payment database", "one")],
        "remote": [("No.", "one")],
        "city": [("In Oslo, by the sea.", "two")],
        "start": [("In two weeks from now.", "two")],
    }
    assert [answer.status for answer in second.state.answers] == [AnswerStatus.ANSWERED] * 4


def test_half_an_answer_is_kept_and_the_question_asked_again() -> None:
    dropped = Call("one", DialogState()).reply(*OPENING).dropped("I rewrote our billing and then")
    second = Call("two", resumed(dropped)).reply(*OPENING)
    assert second.said[-1] == "What did you build?"
    second.reply("I rewrote our billing service.")
    assert answers(second.state)["built"] == [
        ("I rewrote our billing and then", "one"),
        ("I rewrote our billing service.", "two"),
    ]


def test_a_follow_up_is_asked_again_and_no_other() -> None:
    dropped = Call("one", DialogState()).reply(*OPENING, "A database").dropped()
    second = Call("two", resumed(dropped)).reply(*OPENING)
    assert second.said[-1] == "What came of it?"
    second.reply("Little")
    assert second.said[-1] == "Do you work remotely?"


def test_what_was_passed_over_stays_so() -> None:
    dropped = Call("one", DialogState()).reply(*OPENING, "A very large payment database", "Yes.").dropped()
    assert dropped.position == "start"
    second = Call("two", resumed(dropped)).reply(*OPENING)
    assert second.said[-1] == "When could you start?"
    assert second.state.passed_over == ("city",)


def test_a_call_that_ends_in_its_opening_leaves_the_place() -> None:
    dropped = Call("one", DialogState()).reply(*OPENING, "A very large payment database").dropped()
    second = Call("two", resumed(dropped)).reply("Yes.").dropped("Hold on, who is")
    assert answers(second) == answers(dropped), "what is said in the opening answers no question"
    third = Call("three", resumed(second)).reply(*OPENING)
    assert third.said[-1] == "Do you work remotely?"


def test_the_first_question_begins_as_ever_when_none_was_asked() -> None:
    dropped = Call("one", DialogState()).reply("Yes.").dropped()
    assert "Begin." in Call("two", resumed(dropped)).reply(*OPENING).said


def test_the_candidates_own_questions_come_again() -> None:
    talked = ("A very large payment database", "Yes.", "In two weeks from now.", "How large is the team?")
    dropped = Call("one", DialogState()).reply(*OPENING, *talked).dropped()
    second = Call("two", resumed(dropped)).reply(*OPENING)
    assert second.said[-1] == "Anything else?"
    assert [question.attempt_id for question in second.state.questions_for_hr] == ["one"]
    second.reply("No, thank you.")
    assert HangUp(Disposition.COMPLETED) in second.ordered


@pytest.mark.parametrize("field", ["seed", "language", "knock_outs"])
def test_what_the_interview_keeps_to(field: str) -> None:
    values = {"seed": 7, "language": "zh", "knock_outs": ("x",)}
    assert getattr(resumed(DialogState(**values)), field) == values[field]


def test_too_late_words_of_this_call_do_not_end_an_answer_of_the_last() -> None:
    dropped = Call("one", DialogState()).reply(*OPENING, "A very large payment database").dropped()
    second = Call("two", resumed(dropped))
    second.reply("Yes.", "Yes.")
    result = step(TINY, second.state, CandidateSpoke(Utterance("Yes.", 0, 500, attempt_id="two")))
    spoken = CandidateSpoke(Utterance("I am in the kitchen now", 0, 500, attempt_id="two"))
    assert answers(step(TINY, result.state, spoken).state)["built"] == answers(dropped)["built"]
