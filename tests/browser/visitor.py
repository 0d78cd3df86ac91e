"""The real server in a process of its own, and somebody at a real browser."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from office import PASSWORD

from voicebot.console.texts import Texts

AXE = Path(__file__).parents[1] / "peers" / "node_modules" / "axe-core" / "axe.min.js"


@contextlib.contextmanager
def serving(home, ready="Console at ", role="console", **more):
    """`voicebot serve` for the console. Yields the address on the line that begins with `ready`. `more`: variables."""
    environment = os.environ | {"VOICEBOT_HOME": str(home), "TZ": "UTC"} | more
    command = [sys.executable, "-m", "voicebot", "serve", "--role", role, "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = printed = ""
            while not line.startswith(ready):
                line = process.stderr.readline()
                printed += line
                assert line, printed
            yield line.split()[-1].rstrip("/")
        finally:
            process.kill()


class Visitor:
    """Somebody at a browser. Whatever the browser complains of, and whomever else it asks, is noted."""

    def __init__(self, browser, url, language="en", width=1280, **more):
        self.url = url
        self.say = Texts(language)
        self.complaints = []
        self._shots = os.environ.get("VOICEBOT_SCREENSHOTS")
        self._label = f"{language}-{'phone' if width < 600 else 'desktop'}"
        self.context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai" if language == "zh" else "Europe/Berlin",
            base_url=url,
            accept_downloads=True,
            **more,
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._asked)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request):
        ours = (self.url, self.url.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(ours):
            self.complaints.append(f"foreign host: {request.url}")

    def sign_in(self, name="Ann"):
        self.page.goto("/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.url}/")
        return self

    def open(self, path):
        self.page.goto(path)
        self.page.wait_for_selector("h1")
        return self

    def look(self, name):
        """Checks the page as it is for accessibility faults; keeps a picture where one is wanted."""
        page = self.page
        assert page.title().endswith(" · voicebot")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"
        if self._shots:
            page.wait_for_timeout(400)
            page.screenshot(path=Path(self._shots) / f"console-{name}-{self._label}.png")
        if AXE.exists():
            page.evaluate("code => { eval(code) }", AXE.read_text())
            found = page.evaluate("axe.run()")["violations"]
            grave = [fault for fault in found if fault["impact"] in ("serious", "critical")]
            assert not grave, [(fault["id"], fault["nodes"][0]["html"]) for fault in grave]
        assert self.complaints == []
