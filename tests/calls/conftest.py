"""Whole calls: the real gateway on a real socket, real recognition, real speech, a temporary archive."""

from pathlib import Path

import pytest

from dialog_flows import loader
from voicebot import demo, wiring
from voicebot.conversation import Unobserved
from voicebot.rehearsal.persona import Persona
from voicebot.settings import Settings

FLOW = Path(__file__).parent / "short.yaml"


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    """Every model, loaded once for all calls."""
    folder = tmp_path_factory.mktemp("voicebot")
    loaded = wiring.load(Settings(home=folder / "home", cache=folder / "cache"))
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def flow():
    """A two-question interview whose silences are short."""
    return loader.load(FLOW)


@pytest.fixture
def interview(parts, flow):
    """Holds the short interview with a persona that gives these answers."""

    async def hold(answers):
        persona = Persona(id="tester", name="Maya", flow="short", answers=answers)
        filled, variables = demo.fill(parts, flow, persona)
        speech = await demo.rehearse(parts, filled, persona, parts.voice("en"))
        return await demo.hold(parts, filled, FLOW.read_text(), variables, persona, speech, Unobserved())

    return hold
