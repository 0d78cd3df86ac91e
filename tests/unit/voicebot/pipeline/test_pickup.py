"""What a machine says in the candidate's place is passed on as that, and as nothing else. No models, no pipeline."""

import pytest
from pipecat.processors.frame_processor import FrameDirection

from models.speech import Utterance
from telephony.answered_by import AnsweredBy
from telephony.pickup import Pickup
from voicebot.pipeline.frames import AnsweredFrame, LineLostFrame, MachineSpokeFrame, UtteranceFrame
from voicebot.pipeline.pickup import PickupProcessor

GREETING = "You have reached the voicemail of Maya. Please leave a message after the tone."
QUESTION = "I would like to know how large the team is."


class Passed(PickupProcessor):
    """Its frames go to a list instead of a pipeline."""

    def __init__(self):
        super().__init__(Pickup())
        self.frames = []

    async def push_frame(self, frame, direction=FrameDirection.DOWNSTREAM):
        self.frames.append(frame)

    async def take(self, frame):
        self.frames.clear()
        await self.process_frame(frame, FrameDirection.DOWNSTREAM)
        return self.frames


def said(text):
    return Utterance(text, 0, 2000)


async def test_a_persons_words_pass_as_they_are():
    spoke = UtteranceFrame(utterance=said(QUESTION))
    assert await Passed().take(spoke) == [spoke]


async def test_a_greeting_is_a_machines():
    spoke, told = await Passed().take(UtteranceFrame(utterance=said(GREETING)))
    assert isinstance(spoke, MachineSpokeFrame)
    assert spoke.utterance.text == GREETING
    assert isinstance(told, AnsweredFrame)
    assert told.who is AnsweredBy.MACHINE


@pytest.mark.parametrize(("before", "machine"), [(GREETING, True), ("Hello? Who is this?", False)])
async def test_the_last_words_before_the_line_was_lost_are_whose_they_are(before, machine):
    pickup = Passed()
    await pickup.take(UtteranceFrame(utterance=said(before)))
    words = said("To send it, press one.")
    passed = await pickup.take(lost := LineLostFrame(at_ms=5000, last_words=words))
    assert passed[-1] is lost
    if machine:
        assert [frame.utterance for frame in passed[:-1]] == [words]
        assert lost.last_words is None
    else:
        assert passed == [lost]
        assert lost.last_words is words
