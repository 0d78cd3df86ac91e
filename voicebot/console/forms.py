"""Forms that are sent to the page they are on: native fields, so that the browser's own checks and keys work."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from nicegui import html
from nicegui.events import GenericEventArguments

Fields = dict[str, str]
OnSubmit = Callable[[Fields], Awaitable[None]]
_READ = """(event) => {
  event.preventDefault();
  const form = event.target;
  for (const field of form.elements) if (field.required && !field.value.trim()) field.value = "";
  if (!form.reportValidity()) return;
  // What is around it keeps its height while parts are drawn anew, so that the page keeps its place.
  for (let around = form.parentElement; around && around !== document.body; around = around.parentElement)
    around.style.minHeight = `${around.offsetHeight}px`;
  emit(Object.fromEntries(new FormData(form, event.submitter)));
}"""


@contextmanager
def form(on_submit: OnSubmit) -> Iterator[None]:
    """Calls `on_submit` with what is in the fields, by their names, once the browser finds all of them in order."""

    async def submitted(event: GenericEventArguments) -> None:
        await on_submit({str(name): str(value).strip() for name, value in event.args.items()})

    with html.form().classes("form").on("submit", submitted, js_handler=_READ):
        yield


def text(
    name: str, label: str, *, value: str = "", kind: str = "text", required: bool = False, **attributes: Any
) -> None:
    with _labelled(label) as id:
        html.input_(name=name, id=id, type=kind, value=value, required=required, **attributes)


def area(name: str, label: str, *, value: str = "", required: bool = False, rows: int = 3) -> None:
    with _labelled(label) as id:
        html.textarea(value, name=name, id=id, rows=rows, required=required, maxlength=4000)


def choice(name: str, label: str, options: Mapping[str, str], *, value: str = "", required: bool = False) -> None:
    """`options`: what is sent, and what is shown for it."""
    with _labelled(label) as id, html.select(name=name, id=id, required=required):
        for option, shown in options.items():
            html.option(shown, value=option, selected=option == value)


def checks(options: Mapping[str, str], legend: str, checked: Collection[str]) -> None:
    """Any of several. `options`: each one's name, and what is shown for it."""
    with html.fieldset().classes("checks"):
        html.legend(legend)
        for name, shown in options.items():
            with html.label():
                html.input_(name=name, type="checkbox", value="yes", checked=name in checked)
                html.span(shown)


@contextmanager
def _labelled(label: str) -> Iterator[str]:
    id = f"f{uuid4().hex[:8]}"
    with html.div().classes("field"):
        html.label(label, **{"for": id})
        yield id
