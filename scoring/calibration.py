"""What people's marks teach: from the columns of `scoring.features` to a mark, smooth, small and applied with numpy.

The model is a Gaussian process (Rasmussen and Williams, 2006) with a linear and a squared-exponential part, on CENTRES
of the rows it was fitted on (their section 8.3.1), and a random effect for each question: how leniently one question
was marked teaches nothing about the next. In this form the fit is one generalised least squares problem with a closed
solution, so the same data always give the same numbers. What ships, in `calibration.json`, are those numbers, the
digest of the data and one hash for each of its questions, so that figures on data it has seen can be told from others.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from scoring.features import COLUMNS, Columns, Item

VERSION = "calibration/1"

Marks = NDArray[np.float64]
"""From 0, nothing of what was asked for, to 1, all of it."""

CENTRES = 64
WIDTH, SMOOTH, LINEAR = 2.0, 1.0, 2.0
"""Width of the smooth part in standard deviations of a column, and the variance of both parts."""
QUESTION, NOISE = 0.4, 1.0
"""Variance of what a question adds to all its marks, and of what a single mark varies by. All five were set with a look
at cross-validated figures on the data that the shipped numbers come from, where none moved r by more than 0.01."""
MOST_FOLDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The fitted numbers; everything but `offset` is an array over columns or centres."""

    low: Columns
    high: Columns
    """What the fit has seen of each column, shape (columns,): beyond that nothing is extrapolated."""
    mean: Columns
    scale: Columns
    centres: Columns
    """Shape (centres, columns), standardised."""
    weights: Columns
    """Shape (centres,)."""
    slopes: Columns
    """Shape (columns,)."""
    offset: float

    def marks(self, columns: Columns) -> Marks:
        """Shape (n,) for shape (n, columns)."""
        z = (np.clip(columns, self.low, self.high) - self.mean) / self.scale
        marks: Marks = np.clip(_kernel(z, self.centres) @ self.weights + z @ self.slopes + self.offset, 0.0, 1.0)
        return marks


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    model: Model
    embedder: str
    """The embedder whose columns it was fitted on; it fits no other."""
    data: str
    """SHA-256 of the marked answers."""
    rows: int
    questions: frozenset[str]
    """`question_key` of each question."""

    @property
    def name(self) -> str:
        return f"{VERSION}-{self.data[:12]}"


def fit(columns: Columns, marks: Marks, groups: Sequence[int] | NDArray[np.int64]) -> Model:
    """`groups` numbers each row's question; at least one row."""
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    scale[scale < 1e-9] = 1.0
    z = (columns - mean) / scale
    spread = np.linspace(0, len(z) - 1, min(CENTRES, len(z))).round().astype(int)
    centres = np.unique(z[spread], axis=0)
    root = np.linalg.cholesky(_kernel(centres, centres) + 1e-6 * np.eye(len(centres)))
    slope = np.sqrt(LINEAR / z.shape[1])
    basis = np.hstack([np.linalg.solve(root, _kernel(centres, z)).T, slope * z, np.ones((len(z), 1))])

    _, group = np.unique(groups, return_inverse=True)
    size = np.bincount(group)
    shared = 1 - np.sqrt(NOISE / (NOISE + size * QUESTION))
    """How much of its question's mean is taken off each row: the usual transform for a random intercept."""
    means = np.zeros((len(size), basis.shape[1]))
    np.add.at(means, group, basis)
    basis = basis - (means / size[:, None] * shared[:, None])[group]
    marks = marks - (np.bincount(group, marks) / size * shared)[group]

    penalty = np.full(basis.shape[1], NOISE)
    penalty[-1] = 1e-9  # the offset is free
    found = np.linalg.solve(basis.T @ basis + np.diag(penalty), basis.T @ marks)
    return Model(
        low=columns.min(axis=0),
        high=columns.max(axis=0),
        mean=mean,
        scale=scale,
        centres=centres,
        weights=np.linalg.solve(root.T, found[: len(centres)]),
        slopes=slope * found[len(centres) : -1],
        offset=float(found[-1]),
    )


def cross_validated(columns: Columns, marks: Marks, groups: NDArray[np.int64]) -> Marks | None:
    """Each row's mark from a fit on other questions alone; None with fewer than two questions.

    One question is left out at a time, or a fiftieth of them where there are more.
    """
    different = np.unique(groups)
    if len(different) < 2:
        return None
    predicted = np.zeros(len(marks))
    for fold in np.array_split(different, min(len(different), MOST_FOLDS)):
        tested = np.isin(groups, fold)
        predicted[tested] = fit(columns[~tested], marks[~tested], groups[~tested]).marks(columns[tested])
    return predicted


def question_groups(items: Sequence[Item], labels: Sequence[str]) -> NDArray[np.int64]:
    """Numbers of questions: rows with the same label, or with the same words asked, are of one question."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    keys = [f"?{question_key(item.question)}" for item in items]
    for key, label in zip(keys, labels, strict=True):
        parent[root(key)] = root(f"={label}")
    numbers = {name: number for number, name in enumerate(sorted({root(key) for key in keys}))}
    groups: NDArray[np.int64] = np.array([numbers[root(key)] for key in keys], dtype=np.int64)
    return groups


def question_key(question: str) -> str:
    """The same for the same words, whatever their case and marks; the words cannot be read from it."""
    plain = re.sub(r"[\W_]+", " ", question.casefold()).strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


def data_digest(items: Iterable[Item], marks: Iterable[float]) -> str:
    """SHA-256 of what was marked, in its order."""
    digest = hashlib.sha256()
    for item, mark in zip(items, marks, strict=True):
        line = json.dumps([item.question, item.reference, item.answer, round(float(mark), 6)])
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


@cache
def shipped(embedder: str) -> Calibration | None:
    """The calibration that comes with the package; None for an embedder that it was not fitted for."""
    stored = json.loads((files("scoring") / "calibration.json").read_text(encoding="utf-8"))
    found = _from_json(stored)
    return found if found.embedder == embedder else None


def save(calibration: Calibration, path: Path) -> None:
    """Raises UsageError when the file cannot be written."""
    try:
        path.write_text(json.dumps(_to_json(calibration), separators=(",", ":")) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _kernel(a: Columns, b: Columns) -> Columns:
    """Squared exponential, shape (len(a), len(b))."""
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    alike: Columns = SMOOTH * np.exp(-np.maximum(squares, 0.0) / (2 * WIDTH**2 * a.shape[1]))
    return alike


_ARRAYS = ("low", "high", "mean", "scale", "centres", "weights", "slopes")


def _to_json(calibration: Calibration) -> dict[str, Any]:
    numbers = {name: np.round(getattr(calibration.model, name), 7).tolist() for name in _ARRAYS}
    return {
        "version": VERSION,
        "embedder": calibration.embedder,
        "data_sha256": calibration.data,
        "rows": calibration.rows,
        "questions": sorted(calibration.questions),
        "columns": COLUMNS,
        **numbers,
        "offset": round(calibration.model.offset, 7),
    }


def _from_json(stored: Mapping[str, Any]) -> Calibration:
    assert (stored["version"], stored["columns"]) == (VERSION, COLUMNS), "calibration.json is of another version"
    return Calibration(
        model=Model(**{name: np.array(stored[name]) for name in _ARRAYS}, offset=stored["offset"]),
        embedder=stored["embedder"],
        data=stored["data_sha256"],
        rows=stored["rows"],
        questions=frozenset(stored["questions"]),
    )
