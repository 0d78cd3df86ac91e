import shutil
from contextlib import contextmanager
from dataclasses import replace

import pytest
from office import fill
from visitor import Visitor, serving

from voicebot.archive.store import open_archive


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """An archive as it might be after some days of work."""
    home = tmp_path_factory.mktemp("template") / "home"
    with open_archive(home) as archive:
        return fill(archive, home)


@pytest.fixture
def filled(template, tmp_path):
    shutil.copytree(template.home, tmp_path / "home")
    return replace(template, home=tmp_path / "home")


@pytest.fixture
def url(filled):
    with serving(filled.home) as address:
        yield address


@pytest.fixture(scope="session")
def shared(template, tmp_path_factory):
    """The address of a server for tests that only look, or change what is their own: starting one takes seconds."""
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(template.home, home)
    with serving(home) as address:
        yield address


@pytest.fixture(scope="session")
def launch():
    """Starts a Chromium with more arguments."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: make peers")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:

        def start(*args):
            args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", *args]
            return playwright.chromium.launch(executable_path=path, args=args)

        yield start


@pytest.fixture(scope="session")
def chromium(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def visitor(chromium, url):
    """Makes visitors: `visitor(language=..., width=...)`."""
    with _visitors(chromium, url) as make:
        yield make


@pytest.fixture
def looker(chromium, shared):
    """Makes visitors of the shared server, whose archive is a copy of the template."""
    with _visitors(chromium, shared) as make:
        yield make


@contextmanager
def _visitors(chromium, url):
    made = []

    def make(**options):
        made.append(Visitor(chromium, url, **options))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
