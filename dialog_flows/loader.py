"""Reads a flow file strictly, and says everything that is wrong with it at once, in the recruiter's words."""

import difflib
import json
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dialog_flows.document import Document, line_column
from dialog_flows.phrases import LIBRARY
from dialog_flows.schema import BUILT_IN_VARIABLES, PLACEHOLDER, Flow, KeyPath
from models.errors import InvalidFlow, Problem, UsageError

MAX_BYTES = 1_000_000
MAX_PROBLEMS = 100
"""More are not worth reading; the last line then says how many were left out."""

STEP_NAMES = ("disclosure", "consent", "identity", "good_time", "candidate_questions", "closing")
"""Names of the flow's own steps, which no question may take."""


def load(path: str | FilePath) -> Flow:
    """The flow in a file. Raises UsageError when it cannot be read, InvalidFlow when it is wrong."""
    path = FilePath(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such flow file") from None
    except OSError as error:
        raise UsageError(f"{path}: the flow file cannot be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise _invalid(Problem(str(path), 0, 0, f"the file is larger than {MAX_BYTES:,} bytes; a flow is a few pages"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = line_column(content[: error.start].decode("utf-8"))
        raise _invalid(Problem(str(path), *place, "this is not UTF-8 text; save the file as UTF-8")) from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Flow:
    """The flow in `text`; `name` is what its problems call the file. Raises InvalidFlow with all problems."""
    if len(text) > MAX_BYTES:
        raise _invalid(Problem(name, 0, 0, f"the file is larger than {MAX_BYTES:,} bytes; a flow is a few pages"))
    document = Document(text, name)
    problems = [
        *document.problems,
        *_schema_problems(document),
        *(document.source.problem(path, message) for path, message in _content_problems(document.data)),
    ]
    if problems:
        raise _invalid(*problems)
    return Flow.model_validate_json(_as_json(document.data), strict=True).read_from(document.source)


def library(language: str) -> tuple[FilePath, ...]:
    """The flows that ship in one language."""
    return tuple(sorted((LIBRARY / language).glob("*.yaml")))


def find(name_or_path: str | FilePath, language: str = "en") -> FilePath:
    """The file of a flow: a path as it is, or the name of a flow of the library. Raises UsageError."""
    path = FilePath(name_or_path)
    if path.is_file():
        return path
    names = {flow.stem: flow for flow in library(language)}
    if str(name_or_path) in names:
        return names[str(name_or_path)]
    raise UsageError(
        f"there is no flow file {str(name_or_path)!r}, and no flow of that name in the library"
        f" ({language}: {', '.join(names) or 'none'})"
    )


def _invalid(*problems: Problem) -> InvalidFlow:
    ordered = sorted(problems, key=lambda problem: (problem.line, problem.column))
    if len(ordered) > MAX_PROBLEMS:
        more = len(ordered) - MAX_PROBLEMS
        ordered = [*ordered[:MAX_PROBLEMS], Problem(ordered[0].file, 0, 0, f"and {more} more problems")]
    return InvalidFlow(tuple(dict.fromkeys(ordered)))


# What pydantic finds, said in a recruiter's words


def _as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, default=str)


def _schema_problems(document: Document) -> Iterator[Problem]:
    try:
        Flow.model_validate_json(_as_json(document.data), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "too_short" and detail["input"]:
                continue  # the list has items, and each has told its own problem
            path = tuple(part for part in detail["loc"] if part != "[key]")
            message = _message(path, detail)
            if (detail["type"] == "extra_forbidden" or "[key]" in detail["loc"]) and path in document.keys:
                yield Problem(document.source.file, *document.keys[path], message)
            else:
                yield document.source.problem(path, message)


TYPE_MENDS = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number, such as 2, without quotes",
    "int_from_float": "must be a whole number, such as 2",
    "float_type": "must be a number, such as 1.5, without quotes",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list: each item on its own line, after `- `",
    "dict_type": "must be keys and values, each on its own line, indented below it",
    "model_type": "must be keys and values, each on its own line, indented below it",
    "model_attributes_type": "must be keys and values, each on its own line, indented below it",
    "string_too_short": "is empty; write what should be said",
    "finite_number": "must be a number, such as 1.5",
}
ID_MEND = "must be small letters, digits and _, beginning with a letter, such as `team_conflict`"
PATTERN_MENDS = {
    "callback_number": "must be a telephone number in quotes: digits, spaces and + - ( ) only",
    "variables": "must be small letters, digits, _ and dots, such as `job.city`",
}


def _message(path: KeyPath, detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    name = _name(path)
    if kind == "missing":
        return f"`{path[-1]}` is missing{_inside(path)}"
    if kind == "extra_forbidden":
        return f"`{path[-1]}` is not a key{_inside(path)}; {_nearest(str(path[-1]), _keys(path[:-1]))}"
    if kind in ("enum", "literal_error"):
        choices = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return f"{name} must be one of: {choices}"
    if kind == "string_pattern_mismatch":
        mend = PATTERN_MENDS.get(str(path[-1])) or PATTERN_MENDS.get(str(path[0]), ID_MEND)
        return f"{name} {mend}"
    if kind == "too_short":
        return f"{name} must have at least one item"
    limits = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
    if kind in limits:
        words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}[limits[kind]]
        return f"{name} must be {words} {context.get(limits[kind]):g}"
    return f"{name} {TYPE_MENDS.get(kind, 'is not what is expected here; see docs/flows.md')}"


def _name(path: KeyPath) -> str:
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "the flow"
    return f"item {path[-1] + 1} of `{keys[-1]}`" if isinstance(path[-1], int) else f"`{keys[-1]}`"


def _inside(path: KeyPath) -> str:
    return f" in {_name(path[:-1])}" if len(path) > 1 else ""


def _nearest(key: str, valid: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key.lower(), valid, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else f"the keys here are: {', '.join(valid)}"


def _keys(path: KeyPath) -> tuple[str, ...]:
    """The valid keys of the block at `path`."""
    block: type[BaseModel] = Flow
    for part in path:
        if isinstance(part, str):
            block = _block(block.model_fields[part].annotation) or block
    return tuple(block.model_fields)


def _block(annotation: Any) -> type[BaseModel] | None:
    """The block type inside a field's annotation, such as Question in tuple[Question, ...]."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((block for part in typing.get_args(annotation) if (block := _block(part))), None)


# What only the whole flow can show. It reads the plain data, so that one wrong value does not hide the rest.


def _content_problems(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    yield from _variable_problems(data)
    questions = list(_blocks(data, "questions", ()))
    yield from _twice(questions, "question")
    for path, question in questions:
        if question.get("id") in STEP_NAMES:
            yield (*path, "id"), f"`{question['id']}` is a step of every flow; give the question another id"
        criteria = list(_blocks(question, "criteria", path))
        follow_ups = list(_blocks(question, "follow_ups", path))
        yield from _twice(criteria, "criterion")
        yield from _twice(follow_ups, "follow-up")
        known = tuple(dict.fromkeys(str(criterion.get("id")) for _, criterion in criteria))
        for follow_up_path, follow_up in follow_ups:
            when = follow_up.get("when")
            if not isinstance(when, dict):
                continue
            wanted = when.get("no_evidence_for")
            if isinstance(wanted, str) and wanted not in known:
                mend = _nearest(wanted, known) if known else "this question has no criteria"
                mend = mend.replace("the keys here are", "the criteria of this question are")
                yield (
                    (*follow_up_path, "when", "no_evidence_for"),
                    f"`{wanted}` is not a criterion of this question; {mend}",
                )
            if all(value is None for value in when.values()):
                message = "`when` is empty; write `no_evidence_for:` or `shorter_than_words:` below it"
                yield (*follow_up_path, "when"), message


def _blocks(parent: Mapping[str, Any], key: str, path: KeyPath) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    items = parent.get(key)
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, key, position), item


def _twice(blocks: list[tuple[KeyPath, dict[str, Any]]], what: str) -> Iterator[tuple[KeyPath, str]]:
    seen: set[str] = set()
    for path, block in blocks:
        identifier = block.get("id")
        if not isinstance(identifier, str):
            continue
        if identifier in seen:
            yield (*path, "id"), f"another {what} already has the id `{identifier}`; give this one its own"
        seen.add(identifier)


def _variable_problems(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    declared = data.get("variables")
    own = tuple(declared) if isinstance(declared, dict) else ()
    if "callback_number" in own:
        yield ("variables", "callback_number"), "set `callback_number` under `policies` instead"
    known = tuple(dict.fromkeys((*BUILT_IN_VARIABLES, *own)))
    for path, text in _texts({key: value for key, value in data.items() if key != "variables"}, ()):
        for name in PLACEHOLDER.findall(text):
            if name not in known:
                mend = _nearest(name, known).replace("keys here", "variables")
                yield path, f"{{{name}}} is not a variable; {mend}"
        if set("{}") & set(PLACEHOLDER.sub("", text)):
            yield path, "a brace stands alone; a variable is written {like.this}"


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, (*path, position))
