"""No person has picked up: nothing of the interview is told to a machine, and a candidate is waited for."""

from dataclasses import replace

import pytest

from dialog_flows.blocks import Voicemail
from dialog_flows.engine import lines, step
from dialog_flows.loader import find, load
from models.call import Disposition
from models.dialog import (
    Answer,
    AnswerStatus,
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogState,
    FaxAnswered,
    HangUp,
    LineHeard,
    LineLost,
    Listen,
    MachineAnswered,
    Say,
    ScreenerAnswered,
)
from models.speech import Utterance

VARIABLES = {"candidate.name": "Maya", "company": "Acme", "callback_number": "555 01 00", "job.title": "Engineer"}


def flow(language, voicemail):
    written = load(find("backend_engineer", language))
    policies = written.policies.model_copy(update={"voicemail": Voicemail(voicemail)})
    return written.model_copy(update={"policies": policies}).fill(VARIABLES)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("listening", [False, True])
def test_the_call_ends_at_once_unless_the_flow_leaves_a_message(language, listening):
    held = flow(language, "hang_up")
    disclosing = step(held, DialogState(), CallStarted()).state
    after = step(held, disclosing, MachineAnswered(3000, listening))
    assert after.actions == (HangUp(Disposition.VOICEMAIL),)
    assert after.state.answers == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_message_is_left_once_the_machine_listens_and_tells_nothing_of_the_application(language):
    held = flow(language, "leave_message")
    state = step(held, DialogState(), CallStarted()).state
    waiting = step(held, state, MachineAnswered(3000, listening=False))
    assert waiting.actions == ()
    leaving = step(held, waiting.state, MachineAnswered(9000, listening=True))
    (message,) = leaving.actions
    assert isinstance(message, Say)
    assert not message.interruptible
    assert "Acme" in message.text
    assert held.title not in message.text
    assert message.text in lines(held)
    gone = step(held, leaving.state, LineHeard(message.line_id, 15_000))
    assert gone.actions == (HangUp(Disposition.VOICEMAIL),)


def test_before_anything_was_said_the_machine_hears_nothing():
    held = flow("en", "leave_message")
    assert step(held, DialogState(), MachineAnswered(0, listening=True)).actions == (HangUp(Disposition.VOICEMAIL),)


@pytest.mark.parametrize("voicemail", ["hang_up", "leave_message"])
def test_a_fax_is_told_nothing(voicemail):
    held = flow("en", voicemail)
    disclosing = step(held, DialogState(), CallStarted()).state
    assert step(held, disclosing, FaxAnswered(3000)).actions == (HangUp(Disposition.FAX),)


def screened(held):
    """Its assistant has asked who is calling, and has been told."""
    disclosing = step(held, DialogState(), CallStarted()).state
    told = step(held, disclosing, ScreenerAnswered(5000))
    line, listening = told.actions
    assert isinstance(line, Say)
    assert isinstance(listening, Listen)
    return line, step(held, told.state, LineHeard(line.line_id, 9000)).state


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_assistant_is_told_who_calls_and_whoever_comes_then_hears_the_disclosure(language):
    held = flow(language, "hang_up")
    line, state = screened(held)
    assert "Acme" in line.text
    assert held.title not in line.text
    assert not line.interruptible
    assert line.text in lines(held)
    came = step(held, state, CandidateSpoke(Utterance("Hello? 喂？", 12_000, 12_500)))
    assert [action.text for action in came.actions] == [held.disclosure]
    heard = step(held, came.state, LineHeard(came.state.awaiting, 20_000))
    assert [action.text for action in heard.actions if isinstance(action, Say)][-1:] == [held.consent.ask]


def test_an_assistant_that_asks_again_is_told_again_but_not_for_ever():
    held = flow("en", "hang_up")
    line, state = screened(held)
    told = []
    for at_ms in range(10_000, 100_000, 5000):
        again = step(held, state, ScreenerAnswered(at_ms))
        told += [action.text for action in again.actions if isinstance(action, Say)]
        state = step(held, again.state, LineHeard(again.state.awaiting or "", at_ms + 3000)).state
    assert told == [line.text] * held.policies.max_repeats


@pytest.mark.parametrize("event", [CandidateSilent(80_000), LineLost(80_000)])
def test_a_candidate_who_never_comes_has_not_answered(event):
    held = flow("en", "hang_up")
    _, state = screened(held)
    assert step(held, state, event).state.outcome is Disposition.NO_ANSWER


def test_what_an_assistant_was_saying_when_the_line_went_is_nobodys_answer():
    """Not even where an earlier call left a question open."""
    held = flow("en", "hang_up")
    _, state = screened(held)
    open_question = Answer(held.questions[0].id, held.questions[0].ask, (), AnswerStatus.UNANSWERED)
    state = replace(state, answers=(open_question,))
    after = step(held, state, LineLost(12_000, Utterance("he is in a meeting, call tomorrow", 10_000, 12_000))).state
    assert after.answers == (open_question,)
    assert after.outcome is Disposition.NO_ANSWER


def test_an_assistant_may_take_a_message():
    held = flow("en", "leave_message")
    _, state = screened(held)
    (message,) = step(held, state, MachineAnswered(30_000, listening=True)).actions
    assert message.text == held.lines.voicemail


def test_whoever_comes_to_the_telephone_may_ask_never_to_be_called_again():
    held = flow("en", "hang_up")
    _, state = screened(held)
    asked = step(held, state, CandidateSpoke(Utterance("Don't ever call this number again.", 12_000, 14_000)))
    assert asked.state.outcome is Disposition.OPTED_OUT


@pytest.mark.parametrize("report", [MachineAnswered(0, True), ScreenerAnswered(0), FaxAnswered(0)])
def test_nobody_who_is_being_interviewed_becomes_a_machine(report):
    held = flow("en", "hang_up")
    state = DialogState(position=held.questions[0].id, lines=5)
    assert step(held, state, report).actions == ()
