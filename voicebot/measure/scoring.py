"""How well marks from the words agree with people's: four scorers side by side on a file of marked answers."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidFile, Problem, UsageError
from scoring.calibration import (
    Calibration,
    Marks,
    cross_validated,
    data_digest,
    fit,
    question_groups,
    question_key,
    untaught,
)
from scoring.embedder import CharacterNgrams, Embedder
from scoring.features import COLUMNS, Item, features

NEEDED = ("question_id", "question", "reference", "answer", "score")
SCALES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 100.0)
"""A scale that is not given starts at 0 and ends at the first of these that no score exceeds."""
BANDS = (("low", 0.0, 0.5), ("middle", 0.5, 0.8), ("high", 0.8, 1.0))
"""Name, and the shares of the scale from which and up to which people marked."""
BATCH = 400
"""Answers measured at a time, so that memory stays bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A file of marked answers."""

    items: tuple[Item, ...]
    groups: NDArray[np.int64]
    """Each answer's question, numbered."""
    scores: NDArray[np.float64]
    """As people gave them."""
    lowest: float
    highest: float
    unmarked: int
    """Rows without a score, left out."""

    @property
    def marks(self) -> Marks:
        """The scores from 0 to 1."""
        return (self.scores - self.lowest) / (self.highest - self.lowest)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of marks with people's; None where it is not defined, as a correlation with marks that are all the same."""

    count: int
    pearson: float | None
    spearman: float | None
    rmse: float
    """In units of the file's scale."""


@dataclass(frozen=True, slots=True)
class Scorer:
    name: str
    what: str
    overall: Agreement | None
    """None when the scorer has nothing to say here; `note` says why."""
    bands: tuple[tuple[str, Agreement], ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ValidityReport:
    answers: int
    unmarked: int
    questions: int
    lowest: float
    highest: float
    embedder: str
    data_sha256: str
    scorers: tuple[Scorer, ...]

    def to_json(self) -> dict[str, Any]:
        fitted = next(scorer for scorer in self.scorers if scorer.name == "cross_validated").overall
        return {
            "pearson": fitted.pearson if fitted else None,
            "spearman": fitted.spearman if fitted else None,
            "rmse": fitted.rmse if fitted else None,
            "rmse_of_5": round(5 * fitted.rmse / (self.highest - self.lowest), 4) if fitted else None,
            "answers": self.answers,
            "unmarked": self.unmarked,
            "questions": self.questions,
            "scale": [self.lowest, self.highest],
            "embedder": self.embedder,
            "data_sha256": self.data_sha256,
            "scorers": {scorer.name: _scorer_json(scorer) for scorer in self.scorers},
        }


def load(path: Path, by: str = "question_id", lowest: float | None = None, highest: float | None = None) -> Marked:
    """Reads a CSV file with the columns of NEEDED and `by`, in UTF-8.

    Rows without a score are left out. Raises UsageError when the file cannot be read or used, and InvalidFile with
    every line to mend.
    """
    try:
        csv.field_size_limit(10_000_000)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _require_columns(path, reader.fieldnames or [], by)
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8: save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV file: {error}") from error
    return _checked(path, rows, by, lowest, highest)


def measure(marked: Marked, embedder: Embedder, calibration: Calibration | None) -> ValidityReport:
    """Every scorer on every answer. `calibration`: the one that interviews are scored with, if there is one."""
    columns = _columns(marked.items, embedder)
    people = marked.marks
    keys = [question_key(item.question) for item in marked.items]
    begun = calibration if calibration and not calibration.questions.intersection(keys) else None
    return ValidityReport(
        answers=len(people),
        unmarked=marked.unmarked,
        questions=len(np.unique(marked.groups)),
        lowest=marked.lowest,
        highest=marked.highest,
        embedder=embedder.name,
        data_sha256=data_digest(marked.items, marked.scores),
        scorers=(
            _as_shipped(marked, columns, keys, calibration),
            _scorer(
                "cross_validated",
                "fitted on this file, every question marked by a fit on the others",
                cross_validated(columns, people, marked.groups, begun.model if begun else None),
                marked,
                note=_on_the_fit(marked, begun),
            ),
            _scorer(
                "cosine",
                f"cosine of answer and reference, {embedder.name}; nothing fitted",
                _cosines(marked.items, embedder),
                marked,
            ),
            _scorer(
                "character_ngrams",
                "cosine of their 2- to 4-letter pieces; nothing fitted",
                _cosines(marked.items, CharacterNgrams()),
                marked,
            ),
        ),
    )


def calibrate(marked: Marked, embedder: Embedder) -> Calibration:
    """A calibration fitted on the whole file."""
    return Calibration(
        model=fit(_columns(marked.items, embedder), marked.marks, marked.groups),
        embedder=embedder.name,
        data=data_digest(marked.items, marked.scores),
        rows=len(marked.items),
        questions=frozenset(question_key(item.question) for item in marked.items),
    )


def _require_columns(path: Path, found: Sequence[str], by: str) -> None:
    missing = [name for name in dict.fromkeys((*NEEDED, by)) if name not in found]
    if missing:
        has = ", ".join(found[:20]) or "none"
        raise UsageError(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} (it has: {has}): "
            f"the first line names the columns, {', '.join(NEEDED)}"
        )


def _checked(
    path: Path, rows: list[tuple[int, dict[str, Any]]], by: str, lowest: float | None, highest: float | None
) -> Marked:
    problems: list[Problem] = []
    items, labels, scores, unmarked = [], [], [], 0
    for line, row in rows:
        if None in row or None in row.values():
            problems.append(
                Problem(str(path), line, 1, "this row has not as many fields as the first line has columns")
            )
            continue
        said = row["score"].strip()
        if said.lower() in ("", "nan", "na", "n/a", "none", "null"):
            unmarked += 1
            continue
        try:
            score = float(said)
        except ValueError:
            score = math.inf
        if not math.isfinite(score):
            problems.append(Problem(str(path), line, 1, f"the score {said[:40]!r} is no number"))
            continue
        if not row["reference"].strip():
            problems.append(Problem(str(path), line, 1, "the reference is empty: write what a full answer says"))
            continue
        items.append(Item(row["question"], row["reference"], row["answer"]))
        labels.append(row[by])
        scores.append(score)
    if problems:
        raise InvalidFile(tuple(problems[:20]))
    if not items:
        raise UsageError(f"{path} has no marked answer: give every row a score")
    low, high = _scale(path, scores, lowest, highest)
    return Marked(tuple(items), question_groups(items, labels), np.array(scores), low, high, unmarked)


def _scale(path: Path, scores: list[float], lowest: float | None, highest: float | None) -> tuple[float, float]:
    least, most = min(scores), max(scores)
    low = min(0.0, least) if lowest is None else lowest
    high = next((end for end in SCALES if end >= most), most) if highest is None else highest
    if not low < high:
        raise UsageError(f"a scale from {low:g} to {high:g} holds no marks: --lowest must be below --highest")
    if least < low or most > high:
        raise UsageError(
            f"{path} has scores from {least:g} to {most:g}, which the scale from {low:g} to {high:g} does not hold: "
            "set --lowest and --highest"
        )
    return low, high


def _columns(items: Sequence[Item], embedder: Embedder) -> NDArray[np.float64]:
    batches = [features(items[start : start + BATCH], embedder) for start in range(0, len(items), BATCH)]
    return np.vstack(batches) if batches else np.zeros((0, len(COLUMNS)))


def _cosines(items: Sequence[Item], embedder: Embedder) -> Marks:
    answers = embedder.embed([item.answer for item in items])
    references = embedder.embed([item.reference for item in items])
    cosines: Marks = np.clip((answers * references).sum(axis=1).astype(np.float64), 0.0, 1.0)
    return cosines


def _as_shipped(
    marked: Marked,
    columns: NDArray[np.float64],
    keys: Sequence[str],
    calibration: Calibration | None,
) -> Scorer:
    """On the questions that the calibration was not fitted on; where there is none, by the formula set by hand."""
    name, by_hand = "as_shipped", "a formula set by hand; nothing fitted"
    if calibration is None:
        return _scorer(name, by_hand, untaught(columns), marked, note="no calibration ships for this embedder")
    what = f"{calibration.name}, fitted on other questions"
    unseen = np.array([key not in calibration.questions for key in keys])
    if not unseen.any():
        note = f"{calibration.name} was fitted on every question of this file, so it is not used here"
        return _scorer(name, by_hand, untaught(columns), marked, note=note)
    seen = int((~unseen).sum())
    left_out = f"{seen} answers to questions that it was fitted on are left out" if seen else None
    return _scorer(name, what, calibration.model.marks(columns), marked, unseen, left_out)


def _on_the_fit(marked: Marked, begun: Calibration | None) -> str | None:
    if not marked.groups.any():
        return "it takes two questions: one to fit on, one to try on"
    if begun is None:
        return None
    return f"goes on from {begun.name}, which has seen none of the questions, where the others say that this helps"


def _scorer(
    name: str,
    what: str,
    marks: Marks | None,
    marked: Marked,
    rows: NDArray[np.bool_] | None = None,
    note: str | None = None,
) -> Scorer:
    if marks is None:
        return Scorer(name, what, None, note=note)
    rows = np.ones(len(marks), dtype=bool) if rows is None else rows
    people, span = marked.marks, marked.highest - marked.lowest
    bands = []
    for band, start, end in BANDS:
        within = rows & (people >= start) & ((people < end) | (end == 1.0))
        if within.any():
            bands.append((band, _agreement(marks[within], people[within], span)))
    return Scorer(name, what, _agreement(marks[rows], people[rows], span), tuple(bands), note)


def _agreement(marks: Marks, people: Marks, span: float) -> Agreement:
    rmse = span * float(np.sqrt(np.mean((marks - people) ** 2)))
    return Agreement(len(marks), _pearson(marks, people), _pearson(_ranks(marks), _ranks(people)), round(rmse, 4))


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return round(float(a @ b) / size, 4) if size > 1e-9 else None


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places from 1 up; the same values share the mean of their places."""
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(size) - (size - 1) / 2)[group]
    return ranks


def _scorer_json(scorer: Scorer) -> dict[str, Any]:
    overall = (
        _agreement_json(scorer.overall)
        if scorer.overall
        else {"count": 0, "pearson": None, "spearman": None, "rmse": None}
    )
    found = {"what": scorer.what, **overall, "bands": {name: _agreement_json(band) for name, band in scorer.bands}}
    return found | ({"note": scorer.note} if scorer.note else {})


def _agreement_json(found: Agreement) -> dict[str, Any]:
    return {"count": found.count, "pearson": found.pearson, "spearman": found.spearman, "rmse": found.rmse}
