"""What the operator has set: retention, carriers, models. It is shown here and changed on the server."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from nicegui import html, ui

from models.accounts import Scope
from voicebot import wiring
from voicebot.console.frame import LONGEST_PAGE_S, page
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
    with html.ul().classes("brief"):
        for name in CLASSES:
            days: int | None = getattr(visit.settings.retention, name)
            with html.li():
                html.span(say(f"settings.{name}")).classes("grow")
                html.span(say("settings.days", number=days) if days else say("settings.for_ever"))
                html.span(say("settings.set_by", variable=f"VOICEBOT_KEEP_{name.upper()}_DAYS")).classes("muted")


def _carriers(visit: Visit) -> None:
    say = visit.say
    with html.ul().classes("brief"):
        for name, needed in (("Twilio", wiring.TWILIO_NEEDS), ("SIP", wiring.SIP_NEEDS)):
            missing = wiring.missing(visit.settings, needed)
            with html.li():
                html.span(name).classes("grow")
                if missing:
                    html.span(say("settings.missing", variables=", ".join(missing))).classes("muted")
                else:
                    html.span(say("settings.ready")).classes("pill good")


def _models(visit: Visit, models: tuple[ModelInfo, ...]) -> None:
    say = visit.say
    with html.ul().classes("brief"):
        for model in models:
            with html.li():
                html.span(model.name).classes("grow")
                html.span(f"{model.purpose}, {', '.join(model.languages)}").classes("muted")
                if model.state is ModelState.PRESENT:
                    html.span(say("settings.present")).classes("pill good")
                else:
                    key = "corrupt" if model.state is ModelState.CORRUPT else "absent"
                    html.span(say(f"settings.{key}", mend=model.mend)).classes("pill bad")
