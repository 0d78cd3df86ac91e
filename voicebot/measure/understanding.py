"""How well candidates are understood: labelled utterances, and what the interviewer takes them for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dialog_flows.meaning import Kind
from dialog_flows.understanding import understand
from models.dialog import Expects
from models.errors import InvalidFile, Problem, UsageError
from voicebot.measure import table

COLUMNS = ("language", "expects", "utterance", "label")
"""A column `asked`, the line that the utterance replies to, may be there as well."""
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Labelled:
    language: str
    expects: Expects
    asked: str
    utterance: str
    label: Kind


@dataclass(frozen=True, slots=True)
class Miss:
    """An utterance that was taken for something else."""

    language: str
    expects: str
    utterance: str
    label: str
    taken_for: str


@dataclass(frozen=True, slots=True)
class UnderstandingReport:
    understood: tuple[tuple[Labelled, Kind], ...]
    """Every utterance, and what it was taken for."""

    @property
    def misses(self) -> tuple[Miss, ...]:
        return tuple(
            Miss(each.language, each.expects.value, each.utterance, each.label.value, kind.value)
            for each, kind in self.understood
            if kind is not each.label
        )

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        """How often each label was taken for what, the most frequent first."""
        counts = Counter((each.label.value, kind.value) for each, kind in self.understood)
        labels = sorted({label for label, _ in counts})
        return {label: {kind: count for (of, kind), count in counts.most_common() if of == label} for label in labels}

    def to_json(self) -> dict[str, Any]:
        languages = dict.fromkeys(each.language for each, _ in self.understood)
        return {
            **_accuracy(self.understood),
            "languages": {
                language: _accuracy([pair for pair in self.understood if pair[0].language == language])
                for language in languages
            },
            "confusion": self.confusion,
            "misses": [asdict(miss) for miss in self.misses],
        }


def _accuracy(understood: Iterable[tuple[Labelled, Kind]]) -> dict[str, Any]:
    right = [kind is each.label for each, kind in understood]
    return {"accuracy": round(sum(right) / len(right), 4), "utterances": len(right), "right": sum(right)}


def load(path: Path) -> tuple[Labelled, ...]:
    """A CSV of labelled utterances. Raises InvalidFile naming each row to mend, UsageError when it cannot be read."""
    problems: list[Problem] = []
    utterances: list[Labelled] = []
    for number, row in table.rows(path, COLUMNS):
        try:
            utterances.append(_labelled(row))
        except UsageError as error:
            problems.append(Problem(str(path), number, 1, str(error)))
    if not utterances and not problems:
        problems.append(
            Problem(str(path), 0, 0, "there is no row below the first line, so there is nothing to measure")
        )
    if problems:
        raise InvalidFile(tuple(problems))
    return tuple(utterances)


def _labelled(row: dict[str, str]) -> Labelled:
    language, expects, label = (row[column].strip() for column in ("language", "expects", "label"))
    for column, value, allowed in (
        ("language", language, LANGUAGES),
        ("expects", expects, tuple(Expects)),
        ("label", label, tuple(Kind)),
    ):
        if value not in allowed:
            raise UsageError(f"`{column}` is {value!r}; it must be one of: {', '.join(allowed)}")
    return Labelled(language, Expects(expects), row.get("asked") or "", row["utterance"], Kind(label))


def measure(utterances: Iterable[Labelled]) -> UnderstandingReport:
    return UnderstandingReport(
        tuple((each, understand(each.utterance, each.expects, each.language, each.asked).kind) for each in utterances)
    )
