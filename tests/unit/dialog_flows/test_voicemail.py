"""A machine has picked up: nothing of the interview is told to it."""

import pytest

from dialog_flows.blocks import Voicemail
from dialog_flows.engine import lines, step
from dialog_flows.loader import find, load
from models.call import Disposition
from models.dialog import CallStarted, DialogState, HangUp, LineHeard, MachineAnswered, Say

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
