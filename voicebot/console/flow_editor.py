"""Where a flow is written: its text, what is wrong with it, and what it looks like, side by side."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException
from nicegui import html, ui
from nicegui.events import ValueChangeEventArguments

from dialog_flows import diagram, lint, loader
from dialog_flows.diagram import Branch
from dialog_flows.schema import LANGUAGES as LANGUAGES_OF_FLOWS
from dialog_flows.schema import Flow
from models.accounts import Principal, Scope
from models.desk import FlowDraft
from models.errors import InvalidFlow, NotInArchive, Problem
from voicebot.console import forms
from voicebot.console.flows import Writing, title
from voicebot.console.frame import LONGEST_PAGE_S, page
from voicebot.console.texts import LANGUAGES, Texts
from voicebot.console.visit import Visit

QUIET_S = 0.7
"""What was typed is saved and checked when nothing has been typed for so long."""
LONGEST_TEXT = 1_000_000


@dataclass(frozen=True, slots=True)
class Checked:
    problems: tuple[Problem, ...]
    flow: Flow | None
    """None: it cannot be published as it is."""


def check(texts: Mapping[str, str]) -> Checked:
    """`texts`: by language, the flow's own first. Problems in it are in the file `flow`, in a sister in `flow.zh`."""
    (first, *others) = texts
    sisters = {language: texts[language] for language in LANGUAGES_OF_FLOWS if language in others}
    try:
        flow = loader.parse_with(texts[first], sisters)
    except InvalidFlow as error:
        return Checked(tuple(dict.fromkeys(error.problems)), None)
    return Checked(tuple(dict.fromkeys(lint.lint(flow))), flow)


@dataclass(frozen=True, slots=True)
class Opened:
    visit: Visit
    draft: FlowDraft
    checked: Checked


def read(draft_id: str, visit: Writing) -> Opened:
    try:
        draft = visit.archive.drafts.find(visit.principal.user_id or "", draft_id)
    except NotInArchive:
        raise HTTPException(404) from None
    return Opened(visit, draft, check(draft.texts))


@ui.page("/flows/drafts/{draft_id}", response_timeout=LONGEST_PAGE_S)
def editor(opened: Annotated[Opened, Depends(read)]) -> None:
    with page(opened.visit, title(opened.draft.texts) or opened.visit.say("flows.untitled"), here="flows"):
        Editor(opened).draw()


class Editor:
    """The page as one visitor has it before them."""

    def __init__(self, opened: Opened) -> None:
        self._visit, self._draft, self._checked = opened.visit, opened.draft, opened.checked
        self._texts = dict(opened.draft.texts)
        self._first = next(iter(self._texts))
        self._language = self._first
        self._typed_s: float | None = None
        """When something was typed that is not saved yet."""

    def draw(self) -> None:
        say = self._visit.say
        with html.div().classes("under-title"):
            self._state()
            with html.div().classes("actions"):
                html.a(say("editor.rehearse"), href=f"/flows/drafts/{self._draft.id}/rehearse").classes("button quiet")
                html.a(say("test_call.open"), href=f"/flows/drafts/{self._draft.id}/call").classes("button quiet")
        with html.div().classes("two"):
            with html.section(**{"aria-label": say("editor.text")}).classes("card"):
                if len(self._texts) > 1:
                    self._tabs()
                self._code = ui.codemirror(
                    self._texts[self._language],
                    language="YAML",
                    theme="vscodeLight",
                    line_wrapping=True,
                    indent="  ",
                    on_change=self._typed,
                ).classes("editor")
                self._code.props["line-tooltip-html"] = False
            with html.div():
                self._problems()
                self._picture()
                self._finish()
        ui.timer(QUIET_S / 2, self._settle)
        ui.timer(0.2, self._suit, once=True)
        self._mark()

    async def _suit(self) -> None:
        """What only the browser can tell: that the text has a box, and whether its reader likes it dark."""
        if await ui.run_javascript(_NAME_EDITOR % json.dumps(self._visit.say("editor.text")), timeout=LONGEST_PAGE_S):
            self._code.theme = "vscodeDark"

    @ui.refreshable_method
    def _tabs(self) -> None:
        label = self._visit.say("editor.language")
        with html.div(role="group", **{"aria-label": label}).classes("languages tabs"):
            for language in self._texts:
                pressed = "true" if language == self._language else "false"
                tab = html.button(LANGUAGES[language], type="button", **{"aria-pressed": pressed})
                tab.on("click", lambda language=language: self._show(language))

    async def _show(self, language: str) -> None:
        self._language = language
        self._code.value = self._texts[language]
        self._tabs.refresh()
        self._mark()

    # What was typed

    def _typed(self, event: ValueChangeEventArguments[str]) -> None:
        if event.value != self._texts[self._language]:
            self._texts[self._language] = event.value[:LONGEST_TEXT]
            self._typed_s = time.monotonic()

    async def _settle(self) -> None:
        if self._typed_s is None or time.monotonic() - self._typed_s < QUIET_S:
            return
        self._typed_s = None
        texts, user_id = dict(self._texts), self._visit.principal.user_id or ""

        def work(principal: Principal, at: datetime) -> tuple[FlowDraft, Checked]:
            return self._visit.archive.drafts.save(user_id, self._draft.id, texts, at), check(texts)

        done = await self._visit.act(Scope.FLOWS_WRITE, work)
        if done is not None:
            self._draft, self._checked = done
            self._mark()
            for part in (self._state, self._problems, self._picture, self._finish):
                part.refresh()

    def _mark(self) -> None:
        """Shows the problems where they are."""
        marked: dict[int, str] = {}
        told = self._visit.say.told
        for problem in self._checked.problems:
            if self._language_of(problem) == self._language and problem.line:
                marked[problem.line] = "\n".join(filter(None, (marked.get(problem.line), told(problem.message))))
        kinds = {p.line: p.severity for p in reversed(self._checked.problems) if self._language_of(p) == self._language}
        lines = self._texts[self._language].count("\n") + 1
        self._code.decorations = [
            {"kind": "line", "line": line, "class": f"lint-{kinds[line]}"} for line in marked if line <= lines
        ]
        self._code.line_tooltips = marked

    def _language_of(self, problem: Problem) -> str:
        _, _, sister = problem.file.partition(".")
        return sister or self._first

    # Beside it

    @ui.refreshable_method
    def _state(self) -> None:
        say = self._visit.say
        html.span(say("flows.saved", when=self._visit.moment(self._draft.saved_at)), role="status").classes("muted")

    @ui.refreshable_method
    def _problems(self) -> None:
        say, problems = self._visit.say, self._checked.problems
        with html.section(**{"aria-labelledby": "problems"}).classes("card"):
            if not problems:
                html.h2(say("editor.sound"), id="problems")
                html.p(say("editor.sound_about")).classes("muted")
                return
            errors = sum(problem.severity == "error" for problem in problems)
            html.h2(say("editor.problems", errors=errors, warnings=len(problems) - errors), id="problems")
            with html.ol().classes("problems"):
                for problem in problems:
                    with html.li().classes(problem.severity):
                        if problem.line:
                            language = self._language_of(problem)
                            place = say("editor.line", line=problem.line)
                            if len(self._texts) > 1:
                                place = f"{LANGUAGES.get(language, language)}, {place}"
                            where = html.button(place, type="button").classes("plain")
                            where.on("click", lambda problem=problem: self._reveal(problem))
                        html.span(say(f"editor.{problem.severity}")).classes(
                            "pill bad" if problem.severity == "error" else "pill fair"
                        )
                        html.span(say.told(problem.message))

    async def _reveal(self, problem: Problem) -> None:
        language = self._language_of(problem)
        if language in self._texts and language != self._language:
            await self._show(language)
        self._code.reveal_line(problem.line)

    @ui.refreshable_method
    def _picture(self) -> None:
        say, flow = self._visit.say, self._checked.flow
        if flow is None:
            return
        with html.section(**{"aria-labelledby": "picture"}).classes("card"):
            html.h2(say("editor.picture"), id="picture")
            with html.div(tabindex="0", role="img", **{"aria-label": say("editor.picture_about")}).classes("diagram"):
                ui.mermaid(diagram.mermaid(flow), config={"securityLevel": "strict", "theme": "neutral"})
            with html.details():
                html.summary(say("editor.outline"))
                _tree(say, diagram.tree(flow))

    @ui.refreshable_method
    def _finish(self) -> None:
        say, flow = self._visit.say, self._checked.flow
        with html.section(**{"aria-labelledby": "publish"}).classes("card"):
            html.h2(say("editor.publish"), id="publish")
            if flow is None:
                html.p(say("editor.not_yet")).classes("muted")
            else:
                html.p(say("editor.publish_about", id=flow.id, version=flow.version))
                with forms.form(self._publish):
                    html.button(say("editor.publish_now", version=flow.version), type="submit").classes("button")
            with html.details().classes("erase"):
                html.summary(say("editor.discard"))
                with forms.form(self._discard):
                    html.button(say("editor.discard_now"), type="submit").classes("button danger")

    async def _publish(self, fields: forms.Fields) -> None:
        visit, texts, draft_id = self._visit, dict(self._texts), self._draft.id

        def work(principal: Principal, at: datetime) -> str:
            checked = check(texts)
            flow = checked.flow
            if flow is None:
                raise InvalidFlow(checked.problems)
            visit.archive.flows.publish(
                flow.ref, flow.title, flow.language, flow.published_text, at, actor=principal.actor
            )
            visit.archive.drafts.discard(principal.user_id or "", draft_id)
            return flow.id

        flow_id = await visit.act(Scope.FLOWS_WRITE, work)
        if flow_id is not None:
            ui.navigate.to(f"/flows/{flow_id}")

    async def _discard(self, fields: forms.Fields) -> None:
        def work(principal: Principal, at: datetime) -> bool:
            self._visit.archive.drafts.discard(principal.user_id or "", self._draft.id)
            return True

        if await self._visit.act(Scope.FLOWS_WRITE, work):
            ui.navigate.to("/flows")


def _tree(say: Texts, branch: Branch, above: str = "") -> None:
    """`above`: the kind of the branch that it hangs on. Below a detail stands what the writer wrote."""
    ours = branch.kind == "detail" and above != "detail"
    with html.ul().classes("tree"), html.li():
        html.span(say.told(branch.text) if ours else branch.text).classes(branch.kind)
        for each in branch.below:
            _tree(say, each, branch.kind)


_NAME_EDITOR = """(() => {
  const text = document.querySelector(".cm-content");
  text?.setAttribute("aria-label", %s);
  text?.setAttribute("tabindex", "0");
  return matchMedia("(prefers-color-scheme: dark)").matches;
})()"""
"""CodeMirror gives its text box a role and no name, and knows nothing of light and dark."""
