"""Reads a flow file strictly, and says everything that is wrong with it at once, in the recruiter's words."""

import re
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from dialog_flows import lint, phrases, sisters, strict
from dialog_flows.phrases import LIBRARY
from dialog_flows.schema import BUILT_IN_VARIABLES, PLACEHOLDER, SISTER_FOLLOWS, Flow, KeyPath, spoken_text
from dialog_flows.strict import FileKind, nearest
from models.errors import InvalidFlow, Problem, UsageError

STEP_NAMES = ("disclosure", "consent", "identity", "good_time", "candidate_questions", "closing")
"""Names of the flow's own steps, which no question may take."""

LANGUAGES = typing.get_args(Flow.model_fields["language"].annotation)

DISCLOSURE_MUST_SAY = {
    "who": "does not say who is calling; name the company, as in {company}",
    "ai": "does not say that an AI is calling; say so in plain words",
    "recorded": "does not say that the call is recorded; say so in plain words",
}

KIND = FileKind(
    "flow",
    Flow,
    InvalidFlow,
    "docs/flows.md",
    {
        "callback_number": "must be a telephone number in quotes: digits, spaces and + - ( ) only",
        "variables": "must be small letters, digits, _ and dots, such as `job.city`",
    },
)


def load(path: str | FilePath) -> Flow:
    """The flow in a file, with its sisters. Raises UsageError when it cannot be read, InvalidFlow when it is wrong."""
    path = FilePath(path)
    flow = parse(strict.read(path, KIND), str(path))
    found: list[Flow] = []
    problems: list[Problem] = []
    for position, language in enumerate(flow.also_in):
        try:
            found.append(_sister(flow, path, language))
        except InvalidFlow as error:
            problems += error.problems
        except UsageError as error:
            problems.append(flow.source.problem(("also_in", position), str(error)))
    if problems:
        raise strict.invalid(problems, KIND)
    return flow.with_sisters(found)


def _sister(flow: Flow, path: FilePath, language: str) -> Flow:
    """Raises UsageError when there is none that fits, InvalidFlow when it is wrong itself."""
    if language == flow.language:
        raise UsageError(f"{language} is the flow's own `language`; name others here")
    places = sisters.places(path, language)
    place = next((place for place in places if place.is_file()), None)
    if place is None:
        raise UsageError(f"there is no such flow in {language}; write one as {places[0]}, or delete {language} here")
    sister = parse(strict.read(place, KIND), str(place))
    if differences := "; ".join(sisters.differences(flow, sister, language)):
        raise UsageError(f"{place} is not the same interview: {differences}")
    return sister


def parse(text: str, name: str) -> Flow:
    """The flow in `text`; `name` is what its problems call the file.

    Raises InvalidFlow with all problems, warnings too where the flow can be read that far.
    """
    document = strict.document(text, name, KIND)
    malformed = list(strict.problems(document, KIND))
    problems = [document.source.problem(path, message) for path, message in _content_problems(document.data)]
    if malformed:
        raise strict.invalid([*malformed, *problems], KIND)
    flow = Flow.model_validate_json(strict.as_json(document.data), strict=True).read_from(document.source)
    if problems:
        raise strict.invalid([*problems, *lint.lint(flow)], KIND)
    return flow


def parse_published(text: str) -> Flow:
    """The flow, with its sisters, in what `Flow.published_text` gave. Raises InvalidFlow."""
    flow, *found = (parse(each, "published flow") for each in text.split(SISTER_FOLLOWS))
    return flow.with_sisters(found)


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


# What only the whole flow can show. It reads the plain data, so that one wrong value does not hide the rest.


def _content_problems(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    yield from _variable_problems(data)
    yield from _disclosure_problems(data)
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
                mend = nearest(wanted, known) if known else "this question has no criteria"
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


def _disclosure_problems(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Nobody is called by a flow that hides what calls."""
    disclosure, language = data.get("disclosure"), data.get("language")
    if not isinstance(disclosure, str) or language not in LANGUAGES:
        return  # which is told already
    signs = phrases.read(language, "disclosure")
    for what, message in DISCLOSURE_MUST_SAY.items():
        if not re.search("|".join(signs[what]), spoken_text(disclosure), re.IGNORECASE):
            yield ("disclosure",), f"the disclosure {message}"


def _variable_problems(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    declared = data.get("variables")
    own = tuple(declared) if isinstance(declared, dict) else ()
    if "callback_number" in own:
        yield ("variables", "callback_number"), "set `callback_number` under `policies` instead"
    known = tuple(dict.fromkeys((*BUILT_IN_VARIABLES, *own)))
    for path, text in _texts({key: value for key, value in data.items() if key != "variables"}, ()):
        for name in PLACEHOLDER.findall(text):
            if name not in known:
                mend = nearest(name, known).replace("keys here", "variables")
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
