"""The real product in a temporary folder: every model, loaded once for all tests that need one."""

import importlib.util
from pathlib import Path

import pytest

from dialog_flows import loader
from voicebot import logs

logs.configure()

TESTS = Path(__file__).parent
IN_REAL_TIME = (TESTS / "peers", TESTS / "calls/test_bench.py", TESTS / "browser")
SHORT_FLOW = TESTS / "flows/short.yaml"


def pytest_collection_modifyitems(items):
    for item in items:
        if any(item.path.is_relative_to(place) for place in IN_REAL_TIME):
            item.add_marker("real_time")


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Where joined weights are kept for the whole run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def postgresql():
    """A server of our own; skips where PostgreSQL is not installed."""
    path = TESTS / "postgresql.py"
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
