"""The console: pages for the people who look at interviews and decide.

A page is one module with a function under `@ui.page`, listed in `mount.PAGES`. It asks for what it needs as FastAPI
dependencies, so that it is refused before anything is drawn (`visit.Visiting`, and `visit.may` where a scope is
wanted); what it reads from the archive it reads in a plain function of its own, which FastAPI runs in a thread; and it
draws inside `frame.page`. All words come from `texts/`, in every language. What somebody does on a page goes through
`visit.Visit.act`, which looks again whether they are signed in and may.

Elements are those of `nicegui.html` with the classes of `static/console.css`: their content is always text.
"""

from voicebot.console.mount import mount

__all__ = ["mount"]
