"""A flow rehearsed by text, as a chat: the recruiter is the candidate, or watches one of the library's."""

import asyncio
import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from fastapi import Depends, HTTPException
from nicegui import html, ui

from dialog_flows import loader
from dialog_flows.schema import Flow
from models.errors import InvalidFile, NotInArchive, VoicebotError
from models.interview import Scorecard
from models.speech import Speaker, TranscriptLine
from scoring.calibration import Calibration
from scoring.embedder import Embedder
from voicebot import wiring
from voicebot.console import forms
from voicebot.console.errors import logged
from voicebot.console.flow_editor import check
from voicebot.console.flows import Reading, Writing
from voicebot.console.frame import LONGEST_PAGE_S, page
from voicebot.console.lists import meter
from voicebot.console.texts import clock
from voicebot.console.visit import Visit
from voicebot.rehearsal import interview, persona, script
from voicebot.rehearsal.coverage import Coverage, Part, coverage
from voicebot.rehearsal.interview import Rehearsal
from voicebot.rehearsal.persona import Persona, Reply
from voicebot.settings import Settings
from voicebot.wiring import Parts

NAMES = {"en": "Alex", "zh": "小安"}
"""Whom the interviewer asks for where the flow has no name of its own."""
LONGEST_SILENCE_S = 30 * 60
"""Whoever types nothing for so long has gone away."""
LOOK_S = 0.25
LONGEST_SAYING = 2000
TO_THE_END = 'setTimeout(() => document.querySelector(".chat")?.scrollTo(0, 1e9))'
"""When what is new has been drawn."""


@dataclass(frozen=True, slots=True)
class Stage:
    visit: Visit
    flow: Flow | None
    """None: the draft cannot be rehearsed as it is."""
    back: str
    cast: tuple[Persona, ...]


def read_draft(draft_id: str, visit: Writing) -> Stage:
    try:
        draft = visit.archive.drafts.find(visit.principal.user_id or "", draft_id)
    except NotInArchive:
        raise HTTPException(404) from None
    return _stage(visit, check(draft.texts).flow, f"/flows/drafts/{draft_id}")


def read_published(flow_id: str, visit: Reading) -> Stage:
    try:
        newest = visit.archive.flows.versions(flow_id)[0]
    except NotInArchive:
        raise HTTPException(404) from None
    return _stage(visit, loader.parse_published(visit.archive.flows.text(newest.flow.digest)), f"/flows/{flow_id}")


def _stage(visit: Visit, flow: Flow | None, back: str) -> Stage:
    return Stage(visit, flow, back, _cast(flow) if flow else ())


def _cast(flow: Flow) -> tuple[Persona, ...]:
    """The library's candidates that any flow can be rehearsed with."""
    anybody = (persona.load(path) for path in persona.library(flow.language))
    return tuple(who for who in anybody if who.flow is None)


@ui.page("/flows/drafts/{draft_id}/rehearse", response_timeout=LONGEST_PAGE_S)
def of_draft(stage: Annotated[Stage, Depends(read_draft)]) -> None:
    _draw(stage)


@ui.page("/flows/{flow_id}/rehearse", response_timeout=LONGEST_PAGE_S)
def of_published(stage: Annotated[Stage, Depends(read_published)]) -> None:
    _draw(stage)


def _draw(stage: Stage) -> None:
    say, flow = stage.visit.say, stage.flow
    with page(stage.visit, say("rehearsal.title", title=flow.title if flow else ""), here="flows"):
        with html.p():
            html.a(say("rehearsal.back"), href=stage.back)
        if flow is None:
            html.p(say("editor.not_yet"), role="alert").classes("problem")
        else:
            Chat(stage.visit, flow, stage.cast).draw()


@dataclass(slots=True)
class Run:
    """One rehearsal, held in a thread of its own."""

    flow: Flow
    who: Persona
    typed: bool
    lines: list[TranscriptLine] = field(default_factory=list)
    outcome: Rehearsal | None = None
    problem: VoicebotError | None = None
    incident: str = ""
    """The number of what nobody has foreseen."""
    _replies: "queue.Queue[Reply]" = field(default_factory=queue.Queue)
    waits: bool = False
    """For what the candidate says."""

    def start(self, visit: Visit) -> None:
        held_with = (visit.settings, visit.parts)
        threading.Thread(target=self._hold, args=held_with, name="rehearsal-by-text", daemon=True).start()

    def reply(self, saying: str) -> None:
        self.waits = False
        self._replies.put(Reply(saying=saying))

    def hang_up(self) -> None:
        self._replies.put(Reply(hang_up_after_ms=0))

    def _hold(self, settings: Settings, parts: Parts | None) -> None:
        try:
            embedder, taught = (parts.embedder, parts.calibration) if parts else _scorer(settings)
            respond = self._ask if self.typed else None
            self.outcome = interview.rehearse(
                self.flow, self.who, settings, embedder, self.lines.append, respond, taught
            )
        except VoicebotError as error:
            self.problem = error
        except Exception as error:
            self.incident = logged(error)

    @property
    def is_over(self) -> bool:
        return bool(self.outcome or self.problem or self.incident)

    def _ask(self, key: str) -> Reply:
        self.waits = True
        try:
            return self._replies.get(timeout=LONGEST_SILENCE_S)
        except queue.Empty:
            return Reply(hang_up_after_ms=0)


@cache
def _scorer(settings: Settings) -> tuple[Embedder, Calibration | None]:
    """Loaded with the first rehearsal: a console of its own needs no models otherwise."""
    embedder = wiring.embedder(settings)
    return embedder, wiring.calibration(settings, embedder)


class Chat:
    """The page as one visitor has it before them."""

    def __init__(self, visit: Visit, flow: Flow, cast: tuple[Persona, ...]) -> None:
        self._visit, self._flow, self._cast = visit, flow, cast
        self._run: Run | None = None
        self._shown: tuple[int, bool, bool] = (0, False, False)

    def draw(self) -> None:
        say = self._visit.say
        with html.div().classes("two"):
            with html.section(**{"aria-label": say("rehearsal.call")}).classes("card"):
                self._talk()
                self._type()
            with html.div():
                with html.section(**{"aria-labelledby": "begin"}).classes("card"):
                    html.h2(say("rehearsal.begin"), id="begin")
                    with forms.form(self._start):
                        people = {"": say("rehearsal.you")} | {
                            who.id: f"{who.id}: {who.description}" for who in self._cast
                        }
                        forms.choice("who", say("rehearsal.who"), people)
                        html.button(say("rehearsal.start"), type="submit").classes("button")
                    html.p(say("rehearsal.about")).classes("muted")
                self._outcome()
        ui.timer(LOOK_S, self._look)
        ui.context.client.on_delete(self._leave)

    async def _start(self, fields: forms.Fields) -> None:
        self._leave()
        say_error = self._visit.say.error
        chosen = next((who for who in self._cast if who.id == fields["who"]), None)
        try:
            if chosen is not None:
                await asyncio.to_thread(script.check, chosen, self._flow, chosen.id)
        except InvalidFile as error:
            ui.notify(say_error(error), type="negative", multi_line=True)
            return
        name = self._flow.variables.get("candidate.name") or NAMES[self._flow.language]
        who = chosen or Persona(id="you", name=name, language=self._flow.language)
        self._run = Run(self._flow, who, typed=chosen is None)
        self._run.start(self._visit)
        self._shown = (0, False, False)
        for part in (self._talk, self._type, self._outcome):
            part.refresh()

    def _leave(self) -> None:
        if self._run is not None:
            self._run.hang_up()

    async def _look(self) -> None:
        """Shows what has happened in the rehearsal's thread since."""
        run = self._run
        if run is None:
            return
        now = (len(run.lines), run.waits, run.is_over)
        if now == self._shown:
            return
        before, self._shown = self._shown, now
        if now[0] != before[0]:
            self._talk.refresh()
            ui.run_javascript(TO_THE_END)
        if now[1:] != before[1:]:
            self._type.refresh()
            self._outcome.refresh()
            if now[1]:
                ui.run_javascript('document.querySelector(".saying input")?.focus()')

    @ui.refreshable_method
    def _talk(self) -> None:
        say, run = self._visit.say, self._run
        with html.div(tabindex="0", role="log", **{"aria-label": say("rehearsal.call")}).classes("chat"):
            if run is None:
                html.p(say("rehearsal.nothing")).classes("muted")
            sayings(self._visit, run.lines if run else ())

    @ui.refreshable_method
    def _type(self) -> None:
        say, run = self._visit.say, self._run
        if run is None or not run.typed or not run.waits:
            return

        async def send(fields: forms.Fields) -> None:
            run.reply(fields["saying"][:LONGEST_SAYING])

        async def put_down(fields: forms.Fields) -> None:
            run.hang_up()

        with html.div().classes("saying"):
            with forms.form(send):
                forms.text("saying", say("rehearsal.say"), autocomplete="off", maxlength=LONGEST_SAYING)
                html.button(say("rehearsal.send"), type="submit").classes("button")
            with forms.form(put_down):
                html.button(say("rehearsal.hang_up"), type="submit").classes("button quiet")

    @ui.refreshable_method
    def _outcome(self) -> None:
        say, run = self._visit.say, self._run
        if run is None or not run.is_over:
            return
        with html.section(**{"aria-labelledby": "outcome"}).classes("card"):
            html.h2(say("rehearsal.outcome"), id="outcome")
            if run.outcome is not None:
                self._result(run.outcome)
            elif run.problem is not None:
                html.p(say("error.failed", message=say.error(run.problem)), role="alert").classes("problem")
            else:
                html.p(say("error.next_500"), role="alert").classes("problem")
                html.p(say("error.incident", incident=run.incident)).classes("muted")

    def _result(self, held: Rehearsal) -> None:
        say = self._visit.say
        ended = say(f"disposition.{held.disposition}") if held.disposition else say.told(held.stopped or "")
        html.p(say("rehearsal.ended", how=ended, time=clock(held.duration_ms)))
        came_of_it(self._visit, held.scorecard, coverage(self._flow, [held]))


def sayings(visit: Visit, lines: Iterable[TranscriptLine]) -> None:
    """What was said, as a chat."""
    say = visit.say
    for line in lines:
        candidate = line.speaker is Speaker.CANDIDATE
        with html.div().classes("person" if candidate else "bot"):
            html.span(say(f"rehearsal.{line.speaker}")).classes("speaker")
            html.p(line.text)
            if line.meaning not in (None, "answer"):
                html.span(say("rehearsal.meaning", meaning=say(f"meaning.{line.meaning}"))).classes("muted")


def came_of_it(visit: Visit, card: Scorecard | None, reached: Coverage) -> None:
    """The scores, what of the flow was reached, and what was not."""
    say = visit.say
    if card is not None:
        with html.ul().classes("brief"):
            with html.li():
                html.span(say("report.overall")).classes("grow")
                meter(visit, card.overall)
            for score in card.scores:
                with html.li():
                    html.span(score.criterion).classes("grow")
                    meter(visit, score.value)
    for part in Part:
        number, total = reached.count(part)
        if total:
            html.p(say(f"rehearsal.reached_{part}", number=number, total=total)).classes("muted")
    if reached.missed:
        with html.details():
            html.summary(say("rehearsal.missed", number=len(reached.missed)))
            with html.ul().classes("brief"):
                for place in reached.missed:
                    with html.li():
                        html.span(f"{place.key}: {place.asks}").classes("grow")
                        html.span(say.told(place.reached_by)).classes("muted")
