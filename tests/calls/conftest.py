"""Whole calls: the real gateway on a real socket, real recognition, real speech, a temporary archive.

Only time is not real: it leaps (voicebot.rehearsal.virtual_time), and recognition takes the same time on any machine.
"""

import asyncio
from dataclasses import replace

import pytest

from voicebot import demo
from voicebot.conversation import Unobserved
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.virtual_time import PunctualRecognition, VirtualTimeLoop
from voicebot.speech.recognition import Ear

RECOGNITION_MS = 300
"""As on two cores."""


IN_REAL_TIME = "test_bench.py"


def pytest_asyncio_loop_factories(item):
    return {"loop": asyncio.new_event_loop if item.path.name == IN_REAL_TIME else VirtualTimeLoop}


class Remembering(Ear):
    """Does not listen twice to the very same sound."""

    def __init__(self, ear):
        self._ear = ear
        self._heard = {}

    def hear(self, audio, expected):
        key = (audio, expected)
        if key not in self._heard:
            self._heard[key] = self._ear.hear(audio, expected)
        return self._heard[key]


@pytest.fixture(scope="session")
def parts(loaded):
    recognition = PunctualRecognition(Remembering(loaded.recognition.ear), takes_ms=RECOGNITION_MS)
    return replace(loaded, recognition=recognition)


@pytest.fixture
def interview(parts, short_flow):
    """Holds the short interview with a persona that gives these answers."""

    async def hold(answers):
        persona = Persona(id="tester", name="Maya", flow="short", answers=answers)
        filled, variables = demo.fill(parts, short_flow, persona)
        speech = await demo.rehearse(parts, filled, persona, parts.voice("en"))
        return await demo.hold(parts, filled, variables, persona, speech, Unobserved())

    return hold
