import pytest

from voicebot import wiring
from voicebot.settings import Settings


@pytest.fixture(scope="session")
def embedder():
    """The real scorer's."""
    return wiring.embedder(Settings())


@pytest.fixture(scope="session")
def settings():
    return Settings(company="Northwind Labs", callback_number="555 01 00")
