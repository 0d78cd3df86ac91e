"""Reads a YAML file that a person wrote into a pydantic type, and says all that is wrong in that person's words."""

import difflib
import json
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dialog_flows.document import Document, line_column
from dialog_flows.schema import KeyPath
from models.errors import InvalidFile, Problem, UsageError

MAX_BYTES = 1_000_000
MAX_PROBLEMS = 100
"""More are not worth reading; the last line then says how many were left out."""
MAX_LISTED, MAX_COMPARED = 30, 300
"""Names that a mend lists, and that it looks for the nearest among."""
MAX_NAME = 60
"""Characters of a name that a message repeats."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is called in messages, and what it is read into."""

    noun: str
    """Such as "flow"."""
    model: type[BaseModel]
    error: type[InvalidFile]
    guide: str
    """The page that explains the keys."""
    pattern_mends: Mapping[str, str] = field(default_factory=dict)
    """What a text of a certain form must look like, by key."""


def read(path: Path, kind: FileKind) -> str:
    """The text of a file. Raises UsageError when it cannot be read, `kind.error` when it is no text."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UsageError(f"{path}: this is not a file that can be read to its end")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such {kind.noun} file") from None
    except OSError as error:
        raise UsageError(f"{path}: the {kind.noun} file cannot be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise kind.error((_too_large(str(path), kind),))
    if content.startswith(b"PK\x03\x04"):
        return content.decode("latin-1")  # what it is, `document` tells
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = line_column(content[: error.start].decode("utf-8"))
        problem = Problem(str(path), *place, "this is not UTF-8 text; save the file as plain text in UTF-8")
        raise kind.error((problem,)) from None


def document(text: str, name: str, kind: FileKind) -> Document:
    """The file's plain data. Raises `kind.error` when it is no YAML of keys and values."""
    if len(text) > MAX_BYTES:
        raise kind.error((_too_large(name, kind),))
    try:
        return Document(text, name, kind.noun, kind.guide)
    except InvalidFile as error:
        raise kind.error(error.problems) from None


def problems(document: Document, kind: FileKind) -> Iterator[Problem]:
    """Everything that is wrong with the file taken value by value."""
    yield from document.problems
    try:
        kind.model.model_validate_json(as_json(document.data), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "too_short" and detail["input"]:
                continue  # the list has items, and each has told its own problem
            path = tuple(part for part in detail["loc"] if part != "[key]")
            message = _message(path, detail, kind)
            if (detail["type"] == "extra_forbidden" or "[key]" in detail["loc"]) and path in document.keys:
                yield Problem(document.source.file, *document.keys[path], message)
            else:
                yield document.source.problem(path, message)


def invalid(found: list[Problem], kind: FileKind) -> InvalidFile:
    """The error that lists problems in the order of the file. Of too many, warnings are left out first."""
    telling = sorted(dict.fromkeys(found), key=lambda problem: (problem.severity, problem.line, problem.column))
    listed = sorted(telling[:MAX_PROBLEMS], key=lambda problem: (problem.line, problem.column))
    if more := len(telling) - len(listed):
        listed.append(Problem(listed[0].file, 0, 0, f"and {more} more problems"))
    return kind.error(tuple(listed))


def as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, default=str)


def nearest(key: str, valid: tuple[str, ...]) -> str:
    """The mend for a name that is not known: the valid one it resembles, or all of them."""
    valid = tuple(name[:MAX_NAME] for name in valid)
    near = difflib.get_close_matches(key[:MAX_NAME].lower(), valid[:MAX_COMPARED], n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else f"the keys here are: {_listed(valid)}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:MAX_LISTED]) + (" …" if len(names) > MAX_LISTED else "")


def _too_large(name: str, kind: FileKind) -> Problem:
    return Problem(name, 0, 0, f"the file is larger than {MAX_BYTES:,} bytes; a {kind.noun} is a few pages")


# What pydantic finds, said in the writer's words

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


def _message(path: KeyPath, detail: ErrorDetails, kind: FileKind) -> str:
    what, context = detail["type"], detail.get("ctx", {})
    name = _name(path, kind)
    if what == "missing":
        return f"`{path[-1]}` is missing{_inside(path, kind)}"
    if what == "extra_forbidden":
        key, known = str(path[-1]), _keys(path[:-1], kind.model)
        return f"`{key[:MAX_NAME]}` is not a key{_inside(path, kind)}; {nearest(key, known)}"
    if what in ("enum", "literal_error"):
        choices = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").replace("True", "true")
        return f"{name} must be one of: {choices}"
    if what == "string_pattern_mismatch":
        mend = kind.pattern_mends.get(str(path[-1])) or kind.pattern_mends.get(str(path[0]), ID_MEND)
        return f"{name} {mend}"
    if what == "too_short":
        return f"{name} must have at least one item"
    limits = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
    if what in limits:
        words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}[limits[what]]
        return f"{name} must be {words} {context.get(limits[what]):g}"
    return f"{name} {TYPE_MENDS.get(what, f'is not what is expected here; see {kind.guide}')}"


def _name(path: KeyPath, kind: FileKind) -> str:
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return f"the {kind.noun}"
    return (
        f"item {path[-1] + 1} of `{keys[-1][:MAX_NAME]}`" if isinstance(path[-1], int) else f"`{keys[-1][:MAX_NAME]}`"
    )


def _inside(path: KeyPath, kind: FileKind) -> str:
    return f" in {_name(path[:-1], kind)}" if len(path) > 1 else ""


def _keys(path: KeyPath, block: type[BaseModel]) -> tuple[str, ...]:
    """The valid keys of the block at `path` under `block`."""
    for part in path:
        if part in block.model_fields:  # else it is a place in a list, or a key that the writer chose
            block = _block(block.model_fields[str(part)].annotation) or block
    return tuple(block.model_fields)


def _block(annotation: Any) -> type[BaseModel] | None:
    """The block type inside a field's annotation, such as Question in tuple[Question, ...]."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((block for part in typing.get_args(annotation) if (block := _block(part))), None)
