"""The real product in a temporary folder: every model, loaded once for all tests that need one."""

import importlib.util
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
def postgresql():
    """A server of our own; skips where PostgreSQL is not installed."""
    path = Path(__file__).parent / "postgresql.py"
    spec = importlib.util.spec_from_file_location("tests_postgresql", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.server() as started:
        yield started


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
