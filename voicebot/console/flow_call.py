"""A flow tried out by telephone: the browser is the telephone, and the recruiter the candidate."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

from fastapi import Depends, WebSocket
from loguru import logger
from nicegui import app, background_tasks, html, ui
from nicegui.element import Element

from dialog_flows.engine import NO_KEY, REPEAT_KEY, YES_KEY
from dialog_flows.late import OPT_OUT_KEY
from dialog_flows.path import CANDIDATE_QUESTIONS, CLOSING
from dialog_flows.schema import Flow
from models.accounts import Scope
from models.errors import NotAllowed, SignInRefused, TokenRefused, VoicebotError
from voicebot.api.v1.access import SESSION_COOKIE, refuse_foreign
from voicebot.archive.store import Archive
from voicebot.console.errors import logged
from voicebot.console.flow_rehearsal import LOOK_S, TO_THE_END, Stage, came_of_it, read_draft, read_published, sayings
from voicebot.console.flows import Writing
from voicebot.console.frame import LONGEST_PAGE_S, STATIC, page
from voicebot.console.texts import TAGS, clock
from voicebot.console.visit import Visit
from voicebot.rehearsal.coverage import coverage
from voicebot.trial import Trial
from voicebot.wiring import Parts

STREAMS = "/flows/test-calls/"
KEYPAD = "123456789*0#"
KEYS = {YES_KEY: "yes", NO_KEY: "no", REPEAT_KEY: "repeat", OPT_OUT_KEY: "opt_out"}
"""What those mean that mean something."""
LABELS = (
    "call", "again", "hang_up", "asking", "preparing", "ringing", "interviewer_speaks", "your_turn", "over", "you",
    "interviewer", "keys", "insecure", "denied", "no_microphone", "broken", "refused",
)  # fmt: skip
OPENING = "opening"
"""All that comes before the questions, as one step."""
CALLS: dict[str, tuple[Trial, str | None]] = {}
"""Those of this process that wait for their stream, or are held, each with its user's id; by their own."""


@app.websocket(STREAMS + "{call_id}")
async def media(call_id: str, socket: WebSocket) -> None:
    """The stream of a page's call, from that very page's visitor; anybody else's upgrade is answered with 403."""
    from voicebot.api.app import close, take_stream  # pipecat, which a console of its own does without

    try:
        trial, user_id = CALLS.get(call_id, (None, None))
        if trial is None or user_id != await asyncio.to_thread(_flow_writer, socket.app.state.archive, socket):
            raise TokenRefused("no call of theirs waits here")
        with trial.picked_up(lambda: close(socket)) as parts:
            await take_stream(parts, socket, lambda _: trial)
    except (NotAllowed, SignInRefused, TokenRefused) as error:
        logger.warning("a test call's stream was refused: {}", error)
        await close(socket)


def _flow_writer(archive: Archive, socket: WebSocket) -> str | None:
    """The id of the user who asks for a stream, from our own page. Errors: NotAllowed, SignInRefused."""
    refuse_foreign(socket)
    who = archive.accounts.signed_in(socket.cookies.get(SESSION_COOKIE, ""), datetime.now(UTC))
    if not who.may(Scope.FLOWS_WRITE):
        raise NotAllowed("whoever asks for it may not write flows")
    return who.user_id


def _published(flow_id: str, visit: Writing) -> Stage:
    return read_published(flow_id, visit)


@ui.page("/flows/drafts/{draft_id}/call", response_timeout=LONGEST_PAGE_S)
def of_draft(stage: Annotated[Stage, Depends(read_draft)]) -> None:
    _draw(stage)


@ui.page("/flows/{flow_id}/call", response_timeout=LONGEST_PAGE_S)
def of_published(stage: Annotated[Stage, Depends(_published)]) -> None:
    _draw(stage)


def _draw(stage: Stage) -> None:
    visit, say, flow = stage.visit, stage.visit.say, stage.flow
    with page(visit, say("test_call.title", title=flow.title if flow else ""), here="flows"):
        with html.p():
            html.a(say("rehearsal.back"), href=stage.back)
        if flow is None:
            html.p(say("editor.not_yet"), role="alert").classes("problem")
        elif visit.parts is None:
            html.p(say("test_call.elsewhere"), role="alert").classes("problem")
        else:
            Booth(visit, visit.parts, flow).draw()


class Phone(Element, component="phone.js"):
    """The telephone on the page. It tells when somebody wants to `call` who has a microphone, and when they have `left`
    before the call came."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.props["sound"] = f"{STATIC}/telephone.js?{version('voicebot')}"
        self.props["keys"] = [[key, visit.say(f"telephone.key_{KEYS[key]}") if key in KEYS else ""] for key in KEYPAD]
        self.props["labels"] = {name: visit.say(f"telephone.{name}") for name in LABELS}
        self.props["news"] = ""

    def come(self, call_id: str, token: str) -> None:
        """The call is for them."""
        self.run_method("come", STREAMS + call_id, token)

    def tell(self, news: str) -> None:
        """What is happening while nobody talks."""
        if self.props["news"] != news:
            self.props["news"] = news

    def put_down(self) -> None:
        self.run_method("putDown")


class Booth:
    """The page as one visitor has it before them."""

    def __init__(self, visit: Visit, parts: Parts, flow: Flow) -> None:
        self._visit, self._parts, self._flow = visit, parts, flow
        self._trial: Trial | None = None
        self._holding: asyncio.Task[None] | None = None
        self._problem = ""
        self._said: object = None
        self._stood: object = None
        """What is shown, as far as it changes."""

    def draw(self) -> None:
        say = self._visit.say
        with html.div().classes("two"):
            with html.section(**{"aria-label": say("rehearsal.call")}).classes("card"):
                self._talk()
            with html.div():
                with html.section(**{"aria-labelledby": "telephone"}).classes("card"):
                    html.h2(say("telephone.title"), id="telephone")
                    self._phone = Phone(self._visit)
                    self._phone.on("call", self._call).on("left", self._give_up)
                    html.p(say("test_call.about")).classes("muted")
                self._outcome()
                self._stand()
        ui.timer(LOOK_S, self._look)
        ui.context.client.on_delete(self._give_up)

    async def _call(self) -> None:
        who = await self._visit.act(Scope.FLOWS_WRITE, lambda principal, _: principal)
        if who is None:
            self._phone.put_down()
            return
        self._give_up()
        self._trial, self._problem = Trial(self._flow, who.actor), ""
        self._holding = background_tasks.create(self._hold(self._trial, who.user_id), name="test call")

    async def _hold(self, trial: Trial, user_id: str | None) -> None:
        CALLS[trial.id] = trial, user_id
        say, problem = self._visit.say, ""
        try:
            await trial.hold(self._parts, lambda token: self._phone.come(trial.id, token))
        except VoicebotError as error:
            problem = say("error.failed", message=say.error(error))
        except Exception as error:
            problem = f"{say('error.next_500')} {say('error.incident', incident=logged(error))}"
        finally:
            del CALLS[trial.id]
        if problem and trial is self._trial:
            self._problem = problem
            self._phone.put_down()

    def _give_up(self) -> None:
        """Nobody waits for the call any more, or for what comes of it."""
        if self._holding is not None:
            self._holding.cancel()

    def _look(self) -> None:
        """Shows what has happened in the call since."""
        trial, say = self._trial, self._visit.say
        if trial is None:
            return
        if trial.record is not None or self._problem or not trial.to_render:
            self._phone.tell("")
        elif trial.lines:
            self._phone.tell(say("test_call.scoring"))
        else:
            self._phone.tell(say("test_call.rendering", number=trial.rendered, total=trial.to_render))
        said, stand = (trial.id, len(trial.lines)), (trial.id, trial.state, trial.record, self._problem)
        if said != self._said:
            self._said = said
            self._talk.refresh()
            ui.run_javascript(TO_THE_END)
        if stand != self._stood:
            self._stood = stand
            self._stand.refresh()
            self._outcome.refresh()

    @ui.refreshable_method
    def _talk(self) -> None:
        say, lines = self._visit.say, self._trial.lines if self._trial else ()
        with html.div(tabindex="0", role="log", **{"aria-label": say("rehearsal.call")}).classes("chat"):
            if not lines:
                html.p(say("test_call.nothing")).classes("muted")
            sayings(self._visit, lines)

    @ui.refreshable_method
    def _stand(self) -> None:
        """Which step of the flow is being held, and which have been."""
        say, trial = self._visit.say, self._trial
        questions = {question.id: question for question in self._flow.questions}
        steps = (OPENING, *questions, CANDIDATE_QUESTIONS, CLOSING)
        reached = [key.partition(".")[0] for key in trial.path] if trial else []
        reached = [step if step in steps else OPENING for step in reached]
        here = reached[-1] if trial and reached and trial.record is None else None
        with html.section(**{"aria-labelledby": "stand"}).classes("card"):
            html.h2(say("test_call.stand"), id="stand")
            with html.ol().classes("steps"):
                for step in steps:
                    current = {"aria-current": "step"} if step == here else {}
                    with html.li(**current).classes("reached" if step in reached else ""):
                        if step not in questions:
                            html.span(say(f"test_call.{step}"))
                            continue
                        question = questions[step]
                        html.span(question.ask, lang=TAGS[self._flow.language])
                        if trial and step == here and question.follow_ups:
                            most = min(question.max_follow_ups, len(question.follow_ups))
                            left = max(0, most - len(trial.state.follow_ups_asked))
                            html.span(say("test_call.follow_ups_left", number=left)).classes("muted")

    @ui.refreshable_method
    def _outcome(self) -> None:
        say, trial = self._visit.say, self._trial
        if trial is None or (trial.record is None and not self._problem):
            return
        with html.section(**{"aria-labelledby": "outcome"}).classes("card"):
            html.h2(say("rehearsal.outcome"), id="outcome")
            if trial.record is None:
                html.p(self._problem, role="alert").classes("problem")
                return
            record = trial.record
            how = say(f"disposition.{record.disposition}") if record.disposition else ""
            html.p(say("test_call.ended", how=how, time=clock(int(record.call_facts.get("duration_ms", 0)))))
            came_of_it(self._visit, record.scorecard, coverage(self._flow, [trial]))
