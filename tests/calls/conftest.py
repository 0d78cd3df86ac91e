"""Whole calls: the real gateway on a real socket, real recognition, real speech, a temporary archive."""

import pytest

from voicebot import demo
from voicebot.conversation import Unobserved
from voicebot.rehearsal.persona import Persona


@pytest.fixture
def interview(parts, short_flow):
    """Holds the short interview with a persona that gives these answers."""

    async def hold(answers):
        persona = Persona(id="tester", name="Maya", flow="short", answers=answers)
        filled, variables = demo.fill(parts, short_flow, persona)
        speech = await demo.rehearse(parts, filled, persona, parts.voice("en"))
        return await demo.hold(parts, filled, variables, persona, speech, Unobserved())

    return hold
