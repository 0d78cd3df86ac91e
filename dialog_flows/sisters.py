"""The same interview in another language: where its file is, and whether it asks the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dialog_flows.blocks import Question
from dialog_flows.schema import Flow, KeyPath

Difference = tuple[KeyPath, str]
"""A place in the sister's file, and what is different there."""

RULES = ("expects", "depth", "max_follow_ups", "go_to", "skip_when", "knock_out")
"""What decides the way through the flow, and must not depend on the language."""
WORDS = {"note", "shorter_than_words", "skill_named"}
"""Keys of rules that are written for people, or measured in the language."""


def places(path: Path, language: str) -> tuple[Path, ...]:
    """Where the sister of the flow in `path` may be: for `waiter.yaml` or `waiter.en.yaml`, `waiter.zh.yaml` beside it;
    for `en/waiter.yaml`, `zh/waiter.yaml`."""
    name = path.stem.partition(".")[0]
    beside = (path.with_name(f"{name}.{language}.yaml"), path.with_name(f"{name}.yaml"))
    return tuple(place for place in (*beside, path.parent.parent / language / f"{name}.yaml") if place != path)


def differences(flow: Flow, sister: Flow, language: str) -> Iterator[Difference]:
    """What keeps `sister` from being `flow` in `language`."""
    if sister.language != language:
        yield ("language",), f"its `language` is {sister.language}, not {language}"
    if sister.id != flow.id:
        yield ("id",), f"its `id` is {sister.id}, not {flow.id}"
    for what in ("sections", "faq"):
        yield from _ids(flow, sister, what, (what,), f"its {what} are")
    if different := tuple(_ids(flow, sister, "questions", ("questions",), "its questions are")):
        yield from different
        return
    for question, (path, same) in zip(flow.questions, sister.placed_questions(), strict=True):
        yield from _in_question(question, same, path)


def _in_question(question: Question, same: Question, path: KeyPath) -> Iterator[Difference]:
    name = f"its question {question.id}"
    if different := tuple(
        difference
        for what in ("follow_ups", "criteria", "options")
        for difference in _ids(question, same, what, (*path, what), f"{name} has the {what}")
    ):
        yield from different
        return
    for rule in RULES:
        if _rule(getattr(question, rule)) != _rule(getattr(same, rule)):
            yield (*path, rule), f"{name} has another `{rule}`; make it the same"
    for number, (one, other) in enumerate(zip(question.criteria, same.criteria, strict=True)):
        for key in ("weight", "must_have"):
            if getattr(one, key) != getattr(other, key):
                place = (*path, "criteria", number, key)
                yield place, f"{name} has another `{key}` for {one.id}: {getattr(other, key)}, not {getattr(one, key)}"
    for number, (first, second) in enumerate(zip(question.follow_ups, same.follow_ups, strict=True)):
        if (_rule(first.when), first.depth) != (_rule(second.when), second.depth):
            yield (*path, "follow_ups", number, "when"), f"{name} has another `when` for {first.id}; make it the same"
    for number, (chosen, option) in enumerate(zip(question.options, same.options, strict=True)):
        if chosen.go_to != option.go_to:
            yield (*path, "options", number, "go_to"), f"{name} has another `go_to` for {chosen.id}; make it the same"


def _ids(one: Any, other: Any, what: str, place: KeyPath, begins: str) -> Iterator[Difference]:
    ids, others = (tuple(item.id for item in getattr(each, what)) for each in (one, other))
    if ids != others:
        yield place, f"{begins} {', '.join(others) or 'none'}, not {', '.join(ids) or 'none'}"


def _rule(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_rule, value))
    return value.model_dump(exclude=WORDS) if hasattr(value, "model_dump") else value
