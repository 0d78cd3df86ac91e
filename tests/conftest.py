"""The real product in a temporary folder: every model, loaded once for all tests that need one."""

from pathlib import Path

import pytest

from dialog_flows import loader
from voicebot import logs

logs.configure()

SHORT_FLOW = Path(__file__).parent / "flows" / "short.yaml"


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Where joined weights are kept for the whole run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def loaded(tmp_path_factory, cache):
    from voicebot import wiring
    from voicebot.settings import Settings

    parts = wiring.load(Settings(home=tmp_path_factory.mktemp("home"), cache=cache))
    yield parts
    parts.close()


@pytest.fixture(scope="session")
def parts(loaded):
    """What calls are held with; see tests/calls/conftest.py."""
    return loaded


@pytest.fixture(scope="session")
def short_flow():
    """A two-question interview whose silences are short."""
    return loader.load(SHORT_FLOW)
