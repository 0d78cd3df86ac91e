"""Puts the console's pages on a web application."""

from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from nicegui import app as console
from nicegui import ui

from voicebot.archive.store import Archive
from voicebot.console import errors
from voicebot.console.body_limit import BodyLimit
from voicebot.console.frame import STATIC
from voicebot.console.headers import Headers
from voicebot.settings import Settings
from voicebot.wiring import Parts

PAGES = (
    "sign_in",
    "home",
    "interviews",
    "spreadsheet",
    "interview",
    "recordings",
    "report",
    "skills",
    "personal",
    "flows",
    "flow_editor",
    "flow_rehearsal",
    "flow_call",
    "candidates",
    "audit",
    "accounts",
    "operation",
)
"""The modules under voicebot/console/ that have pages or addresses of their own."""

RECONNECT_S = 30
"""How long a page whose connection is gone keeps what was written on it."""


def mount(app: FastAPI, archive: Archive, settings: Settings, parts: Parts | None = None) -> None:
    """Serves the console at every path of `app` that it does not have itself; call it last, and once in a process.

    `parts` are those of a process that holds calls: with them no model is loaded twice.
    """
    console.state.parts = parts
    console.state.archive = archive
    console.state.settings = settings
    for name in PAGES:
        import_module(f"voicebot.console.{name}")
    errors.handle()
    console.add_middleware(BodyLimit)
    console.add_middleware(Headers)
    folder = Path(__file__).parent / "static"
    console.add_static_files(STATIC, folder)
    console.config.quasar_config["loadingBar"]["skipHijack"] = True  # a bar that nobody can name, at every request
    ui.run_with(
        app,
        title="voicebot",
        favicon=folder / "mark.svg",
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,  # nothing is bound, so nothing has to be looked at ten times a second
        reconnect_timeout=RECONNECT_S,
    )
