"""The flows that interviews follow: those being written, the published ones with their versions, and templates."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from fastapi import Depends, HTTPException
from nicegui import html, ui

from dialog_flows import loader
from dialog_flows.schema import SISTER_FOLLOWS, Flow
from models.accounts import Scope
from models.archive import PublishedFlow
from models.desk import FlowDraft
from models.errors import NotInArchive
from voicebot.console import forms
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.texts import LANGUAGES
from voicebot.console.visit import Visit, may

MOST_FLOWS = 200
_VERSION = re.compile(r"^version:.*$", re.MULTILINE)
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)

Reading = Annotated[Visit, Depends(may(Scope.FLOWS_READ))]
Writing = Annotated[Visit, Depends(may(Scope.FLOWS_WRITE))]


@dataclass(frozen=True, slots=True)
class Shelf:
    visit: Visit
    published: tuple[PublishedFlow, ...]
    drafts: tuple[FlowDraft, ...]
    templates: tuple[Flow, ...]


def read(visit: Reading) -> Shelf:
    writes = visit.may(Scope.FLOWS_WRITE)
    return Shelf(
        visit,
        visit.archive.flows.list(MOST_FLOWS),
        visit.archive.drafts.of(visit.principal.user_id or "") if writes else (),
        templates(visit.say.language) if writes else (),
    )


@cache
def templates(language: str) -> tuple[Flow, ...]:
    """Those that ship: reading them all takes longer than the rest of the page."""
    return tuple(loader.load(path) for path in loader.library(language))


@ui.page("/flows", response_timeout=LONGEST_PAGE_S)
def flows(shelf: Annotated[Shelf, Depends(read)]) -> None:
    visit, say = shelf.visit, shelf.visit.say
    with page(visit, say("flows.title"), here="flows"):
        if shelf.drafts:
            with html.section(**{"aria-labelledby": "drafts"}).classes("card"):
                html.h2(say("flows.drafts"), id="drafts")
                with html.ul().classes("brief"):
                    for draft in shelf.drafts:
                        with html.li():
                            html.a(title(draft.texts) or say("flows.untitled"), href=f"/flows/drafts/{draft.id}")
                            html.span(say("flows.saved", when=visit.moment(draft.saved_at))).classes("muted")
        with html.section(**{"aria-labelledby": "published"}).classes("card"):
            html.h2(say("flows.published"), id="published")
            if shelf.published:
                _published(visit, shelf.published)
            else:
                empty(say("flows.none"), say("flows.none_next"))
        if shelf.templates:
            with html.section(**{"aria-labelledby": "templates"}).classes("card"):
                html.h2(say("flows.templates"), id="templates")
                html.p(say("flows.templates_about")).classes("muted")
                _templates(visit, shelf.templates)


def _published(visit: Visit, published: Iterable[PublishedFlow]) -> None:
    say = visit.say
    with html.table().classes("list"):
        with html.thead(), html.tr():
            for column in ("flow", "version", "language", "when"):
                html.th(say(f"flows.{column}"), scope="col")
        with html.tbody():
            for each in published:
                with html.tr():
                    with html.td().classes("who"):
                        html.a(each.title, href=f"/flows/{each.flow.id}")
                        html.span(each.flow.id).classes("muted")
                    html.td(str(each.flow.version), **{"data-label": say("flows.version")})
                    html.td(LANGUAGES[each.language], **{"data-label": say("flows.language")})
                    html.td(visit.moment(each.published_at), **{"data-label": say("flows.when")})


def _templates(visit: Visit, templates: Iterable[Flow]) -> None:
    with html.ul().classes("brief"):
        for flow in templates:
            with html.li():
                html.span(flow.title).classes("grow")
                html.span(visit.say("flows.questions", number=len(flow.questions))).classes("muted")
                with forms.form(_starting(visit, flow)):
                    label = visit.say("flows.start_from", title=flow.title)
                    html.button(visit.say("flows.start"), type="submit", **{"aria-label": label}).classes(
                        "button quiet"
                    )


def _starting(visit: Visit, flow: Flow) -> forms.OnSubmit:
    texts: dict[str, str] = {each.language: each.source.text for each in (flow, *flow.sisters)}

    async def start(fields: forms.Fields) -> None:
        await begin(visit, texts)

    return start


async def begin(visit: Visit, texts: Mapping[str, str]) -> None:
    """A draft with these texts, and the page to write it on."""
    user_id = visit.principal.user_id or ""
    draft = await visit.act(Scope.FLOWS_WRITE, lambda _, at: visit.archive.drafts.begin(user_id, dict(texts), at))
    if draft is not None:
        ui.navigate.to(f"/flows/drafts/{draft.id}")


def title(texts: Mapping[str, str]) -> str:
    """What the flow is called, as far as that can be read."""
    found = _TITLE.search(next(iter(texts.values()), ""))
    return found.group(1).strip("\"'") if found else ""


# The versions of one flow


@dataclass(frozen=True, slots=True)
class Versions:
    visit: Visit
    versions: tuple[PublishedFlow, ...]
    """Newest first."""
    text: str
    """Of the newest."""
    before: str
    """Of the one before it in its language; empty when there is none."""


def read_versions(flow_id: str, visit: Reading) -> Versions:
    try:
        versions = visit.archive.flows.versions(flow_id)
    except NotInArchive:
        raise HTTPException(404) from None
    newest = versions[0]
    older = [each for each in versions[1:] if each.language == newest.language]
    return Versions(
        visit,
        versions,
        visit.archive.flows.text(newest.flow.digest),
        visit.archive.flows.text(older[0].flow.digest) if older else "",
    )


@ui.page("/flows/{flow_id}", response_timeout=LONGEST_PAGE_S)
def flow(found: Annotated[Versions, Depends(read_versions)]) -> None:
    visit, say, newest = found.visit, found.visit.say, found.versions[0]
    with page(visit, newest.title, here="flows"):
        with html.section(**{"aria-labelledby": "versions"}).classes("card"):
            html.h2(say("flows.versions"), id="versions")
            with html.ul().classes("brief"):
                for each in found.versions:
                    with html.li():
                        html.span(say("flows.version_in", number=each.flow.version, language=LANGUAGES[each.language]))
                        html.span(visit.moment(each.published_at)).classes("muted grow")
                        html.code(each.flow.digest[:12], title=each.flow.digest)
            html.p(say("flows.digest_about")).classes("muted")
            with html.div().classes("actions"):
                html.a(say("editor.rehearse"), href=f"/flows/{newest.flow.id}/rehearse").classes("button quiet")
                if visit.may(Scope.FLOWS_WRITE):
                    html.a(say("test_call.open"), href=f"/flows/{newest.flow.id}/call").classes("button quiet")
                    with forms.form(_continuing(found)):
                        html.button(say("flows.new_version"), type="submit").classes("button")
        if found.before:
            with html.details().classes("card"):
                html.summary(say("flows.changes"))
                changes = difflib.unified_diff(found.before.splitlines(), found.text.splitlines(), n=2, lineterm="")
                with html.pre(tabindex="0", **{"aria-label": say("flows.changes")}).classes("code"):
                    for line in list(changes)[2:]:
                        kind = {"+": "added", "-": "removed"}.get(line[:1], "")
                        html.span(line + "\n").classes(kind)
        with html.section(**{"aria-labelledby": "text"}).classes("card"):
            html.h2(say("flows.text"), id="text")
            html.pre(found.text, tabindex="0", **{"aria-labelledby": "text"}).classes("code")


def _continuing(found: Versions) -> forms.OnSubmit:
    async def start(fields: forms.Fields) -> None:
        number = max(each.flow.version for each in found.versions) + 1
        parts = [loader.parse(text, "flow") for text in found.text.split(SISTER_FOLLOWS)]
        texts: dict[str, str] = {
            part.language: _VERSION.sub(f"version: {number}", part.source.text, count=1) for part in parts
        }
        await begin(found.visit, texts)

    return start
