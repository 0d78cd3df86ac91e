"""Reads a flow file strictly, and says everything that is wrong with it at once, in the recruiter's words."""

from collections.abc import Callable, Mapping
from pathlib import Path as FilePath

from dialog_flows import content, lint, sisters, strict
from dialog_flows.phrases import LIBRARY
from dialog_flows.schema import LANGUAGES as LANGUAGES
from dialog_flows.schema import SISTER_FOLLOWS, Flow, Language
from dialog_flows.strict import FileKind
from models.errors import InvalidFlow, Problem, UsageError

KIND = FileKind(
    "flow",
    Flow,
    InvalidFlow,
    "docs/flows.md",
    {
        "callback_number": "must be a telephone number in quotes: digits, spaces and + - ( ) only",
        "variables": "must be small letters, digits, _ and dots, such as `job.city`",
        "before": "must be a day such as 2027-03-01, or a time from the call on such as `4 weeks`",
        "after": "must be a day such as 2027-03-01, or a time from the call on such as `4 weeks`",
        "answer": "must be yes, no, skipped, or the `id` of an option",
    },
)


def load(path: str | FilePath) -> Flow:
    """The flow in a file, with its sisters. Raises UsageError when it cannot be read, InvalidFlow when it is wrong."""
    path = FilePath(path)

    def beside(language: Language) -> tuple[str, str]:
        places = sisters.places(path, language)
        place = next((place for place in places if place.is_file()), None)
        if place is None:
            raise UsageError(
                f"there is no such flow in {language}; write one as {places[0]}, or delete {language} here"
            )
        return strict.read(place, KIND), str(place)

    return _joined(parse(strict.read(path, KIND), str(path)), beside)


def parse_with(text: str, texts: Mapping[Language, str]) -> Flow:
    """The flow in `text`, with its sisters in `texts` by language; problems call them `flow` and `flow.zh`.

    Raises InvalidFlow.
    """

    def given(language: Language) -> tuple[str, str]:
        if language not in texts:
            raise UsageError(f"there is no such flow in {language}; send its text too, or delete {language} here")
        return texts[language], f"flow.{language}"

    return _joined(parse(text, "flow"), given)


def _joined(flow: Flow, read_sister: Callable[[Language], tuple[str, str]]) -> Flow:
    """`read_sister`: text and name of the flow in a language; raises UsageError when there is none."""
    found: list[Flow] = []
    problems: list[Problem] = []
    for position, language in enumerate(flow.also_in):
        try:
            if language == flow.language:
                raise UsageError(f"{language} is the flow's own `language`; name others here")
            found.append(_sister(flow, *read_sister(language), language))
        except InvalidFlow as error:
            problems += error.problems
        except UsageError as error:
            problems.append(flow.source.problem(("also_in", position), str(error)))
    if problems:
        raise strict.invalid(problems, KIND)
    return flow.with_sisters(found)


def _sister(flow: Flow, text: str, name: str, language: str) -> Flow:
    """Raises InvalidFlow when it is wrong itself, or another interview."""
    sister = parse(text, name)
    if differences := tuple(sisters.differences(flow, sister, language)):
        beside = f"not the same interview as {flow.source.file}"
        raise InvalidFlow(tuple(sister.source.problem(path, f"{beside}: {what}") for path, what in differences))
    return sister


def parse(text: str, name: str) -> Flow:
    """The flow in `text`; `name` is what its problems call the file.

    Raises InvalidFlow with all problems, warnings too where the flow can be read that far.
    """
    document = strict.document(text, name, KIND)
    malformed = list(strict.problems(document, KIND))
    problems = [document.source.problem(path, message) for path, message in content.problems(document.data)]
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
