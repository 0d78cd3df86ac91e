"""What the operator has set: retention, carriers, models. It is shown here and changed on the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from nicegui import html, ui

from models.accounts import Scope
from voicebot import wiring
from voicebot.console.frame import LONGEST_PAGE_S, page
from voicebot.console.texts import LANGUAGES
from voicebot.console.visit import Visit, may
from voicebot.speech.model_store import ModelInfo, ModelState

CLASSES = ("recordings", "transcripts", "scores", "people")


@dataclass(frozen=True, slots=True)
class Operation:
    visit: Visit
    models: tuple[ModelInfo, ...]


def read(visit: Annotated[Visit, Depends(may(Scope.ACCOUNTS))]) -> Operation:
    return Operation(visit, tuple(wiring.model_store(visit.settings).list()))


@ui.page("/settings", response_timeout=LONGEST_PAGE_S)
def operation(found: Annotated[Operation, Depends(read)]) -> None:
    visit, say = found.visit, found.visit.say
    with page(visit, say("settings.title"), here="settings"):
        html.p(say("settings.about")).classes("muted")
        with html.section(**{"aria-labelledby": "retention"}).classes("card"):
            html.h2(say("settings.retention"), id="retention")
            _retention(visit)
        with html.section(**{"aria-labelledby": "carriers"}).classes("card"):
            html.h2(say("settings.carriers"), id="carriers")
            _carriers(visit)
        with html.section(**{"aria-labelledby": "models"}).classes("card"):
            html.h2(say("settings.models"), id="models")
            _models(visit, found.models)


def _retention(visit: Visit) -> None:
    say = visit.say
    with _table(visit, "what", "kept", "variable"):
        for name in CLASSES:
            days: int | None = getattr(visit.settings.retention, name)
            with html.tr():
                html.td(say(f"settings.{name}")).classes("strong")
                kept = say("settings.days", number=days) if days else say("settings.for_ever")
                html.td(kept, **{"data-label": say("settings.kept")})
                with html.td(**{"data-label": say("settings.variable")}):
                    html.code(f"VOICEBOT_KEEP_{name.upper()}_DAYS").classes("code-like")


def _carriers(visit: Visit) -> None:
    say = visit.say
    with _table(visit, "carrier", "state", "to_set"):
        for name, needed in (("Twilio", wiring.TWILIO_NEEDS), ("SIP", wiring.SIP_NEEDS)):
            missing = wiring.missing(visit.settings, needed)
            with html.tr():
                html.td(name).classes("strong")
                with html.td(**{"data-label": say("settings.state")}):
                    html.span(say("settings.missing" if missing else "settings.ready")).classes(
                        "pill" if missing else "pill good"
                    )
                with html.td(**{"data-label": say("settings.to_set")}).classes("wide"):
                    for variable in missing:
                        html.code(variable).classes("code-like detail")


def _models(visit: Visit, models: tuple[ModelInfo, ...]) -> None:
    say = visit.say
    with _table(visit, "model", "purpose", "languages", "state"):
        for model in models:
            with html.tr():
                html.td(model.name).classes("strong")
                html.td(say.told(model.purpose), **{"data-label": say("settings.purpose")})
                spoken = ", ".join(LANGUAGES.get(language, language) for language in model.languages)
                html.td(spoken, **{"data-label": say("settings.languages")})
                with html.td(**{"data-label": say("settings.state")}).classes("wide"):
                    if model.state is ModelState.PRESENT:
                        html.span(say("settings.present")).classes("pill good")
                    else:
                        key = "corrupt" if model.state is ModelState.CORRUPT else "absent"
                        html.span(say(f"settings.{key}", mend=model.mend)).classes("pill bad")


@contextmanager
def _table(visit: Visit, *columns: str) -> Iterator[None]:
    with html.table().classes("list even"):
        with html.thead(), html.tr():
            for column in columns:
                html.th(visit.say(f"settings.{column}"), scope="col")
        with html.tbody():
            yield
