"""What people's marks teach: from the columns of `scoring.features` to a mark, smooth, small and applied with numpy.

Before anything is taught a mark is a power of how near the answer is to the reference (`untaught`); what is taught is
how far people's marks are from that. The model is a Gaussian process (Rasmussen and Williams, 2006) with a linear and a
squared-exponential part, on CENTRES of the rows it was fitted on (their section 8.3.1), and a random effect for each
question: how leniently one question was marked teaches nothing about the next. In this form the fit is one generalised
least squares problem with a closed solution: the same data always give the same numbers, and a
fit can go on from another: the sums over the first data are added to those over the new. What ships, in
`calibration.json`, are those numbers and sums, the digest of the data and one hash for each of its questions, so that
figures on data it has seen can be told from others.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UsageError
from scoring.features import COLUMNS, Columns, Item

VERSION = "calibration/3"

Marks = NDArray[np.float64]
"""From 0, nothing of what was asked for, to 1, all of it."""

CENTRES = 64
WIDTH, SMOOTH, LINEAR = 2.0, 1.0, 2.0
"""Width of the smooth part in standard deviations of a column, and the variance of both parts."""
QUESTION, NOISE = 0.4, 1.0
"""Variance of what a question adds to all its marks, and of what a single mark varies by. All five were set with a look
at cross-validated figures on the data that the shipped numbers come from, where none moved r by more than 0.01."""
MOST_FOLDS = 50
DECIMALS = 7
INNER_FOLDS = 5
TERMS, LIFT = 2 / 3, 0.4
"""Of an untaught mark: how much the nearness of terms counts beside that of the whole said after the question, and the
power that it is raised to. Both were set with a look at the same data: r is 0.64 or 0.65 from 1/2 to 3/4."""
OTHER_QUANTITY = 0.4
"""What is left of an untaught mark where the answer is nothing but a quantity that is not the reference's."""


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
    gram: Columns
    """Sum over the rows of each two regressors' product, shape (centres + columns + 1, the same)."""
    moment: Columns
    """Sum of each regressor's product with what is taught."""

    def marks(self, columns: Columns) -> Marks:
        """Shape (n,) for shape (n, columns)."""
        z = (np.clip(columns, self.low, self.high) - self.mean) / self.scale
        taught = _kernel(z, self.centres) @ self.weights + z @ self.slopes + self.offset
        marks: Marks = np.clip(untaught(columns) + taught, 0.0, 1.0)
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
    def digest(self) -> str:
        """SHA-256 of all that a mark depends on."""
        return hashlib.sha256(json.dumps(_content(self), sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return f"{VERSION}-{self.digest[:12]}"


def untaught(columns: Columns) -> Marks:
    """Shape (n,) for shape (n, columns): marks by a formula set by hand, before people's marks have taught anything."""
    names = ("close", "in_context", "nothing", "other_quantity")
    close, in_context, nothing, other = (columns[:, COLUMNS.index(name)] for name in names)
    near = TERMS * np.clip(close, 0.0, 1.0) + (1 - TERMS) * np.clip(in_context, 0.0, 1.0)
    marks: Marks = near**LIFT * (1 - nothing) * (1 - (1 - OTHER_QUANTITY) * other)
    return marks


def fit(columns: Columns, marks: Marks, groups: Sequence[int] | NDArray[np.int64], begun: Model | None = None) -> Model:
    """`groups` numbers each row's question; at least one row. `begun`: a model of other questions, to go on from."""
    low, high = columns.min(axis=0), columns.max(axis=0)
    if begun:
        low, high = np.minimum(low, begun.low), np.maximum(high, begun.high)
        mean, scale, centres = begun.mean, begun.scale, begun.centres
        z = (columns - mean) / scale
    else:
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
    taught = marks - untaught(columns)
    taught = taught - (np.bincount(group, taught) / size * shared)[group]

    penalty = np.full(basis.shape[1], NOISE)
    penalty[-1] = 1e-9  # the offset is free
    gram, moment = basis.T @ basis, basis.T @ taught
    if begun:
        gram, moment = gram + begun.gram, moment + begun.moment
    found = np.linalg.solve(gram + np.diag(penalty), moment)
    return Model(
        low=low,
        high=high,
        mean=mean,
        scale=scale,
        centres=centres,
        weights=np.linalg.solve(root.T, found[: len(centres)]),
        slopes=slope * found[len(centres) : -1],
        offset=float(found[-1]),
        gram=gram,
        moment=moment,
    )


def cross_validated(
    columns: Columns, marks: Marks, groups: NDArray[np.int64], begun: Model | None = None
) -> Marks | None:
    """Each row's mark from a fit on other questions alone; None with fewer than two questions.

    One question is left out at a time, or a fiftieth of them where there are more. A fit goes on from `begun`, which
    must have seen none of the questions, where that marks the questions it is fitted on better, each by the others.
    """
    if len(np.unique(groups)) < 2:
        return None
    predicted = np.zeros(len(marks))
    for tested in _folds(groups, MOST_FOLDS):
        seen = columns[~tested], marks[~tested], groups[~tested]
        helpful = begun if begun and _helps(begun, *seen) else None
        predicted[tested] = fit(*seen, helpful).marks(columns[tested])
    return predicted


def _helps(begun: Model, columns: Columns, marks: Marks, groups: NDArray[np.int64]) -> bool:
    if len(np.unique(groups)) < 2:
        return True
    errors = {None: 0.0, begun: 0.0}
    for tested in _folds(groups, INNER_FOLDS):
        seen = columns[~tested], marks[~tested], groups[~tested]
        for start in errors:
            errors[start] += float(np.sum((fit(*seen, start).marks(columns[tested]) - marks[tested]) ** 2))
    return errors[begun] <= errors[None]


def _folds(groups: NDArray[np.int64], most: int) -> Iterator[NDArray[np.bool_]]:
    different = np.unique(groups)
    for fold in np.array_split(different, min(len(different), most)):
        yield np.isin(groups, fold)


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
    found = _from_json(json.loads((files("scoring") / "calibration.json").read_text(encoding="utf-8")))
    return found if found.embedder == embedder else None


def load_calibration(path: Path, embedder: str) -> Calibration:
    """What `save` wrote. Raises UsageError when it cannot be read, was changed, or fits another embedder."""
    anew = "make one with `voicebot eval scoring FILE.csv --save calibration.json`"
    try:
        found = _from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"VOICEBOT_CALIBRATION: {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"VOICEBOT_CALIBRATION: {path} is of another version, or was changed after it was fitted: {anew}"
        ) from error
    if found.embedder != embedder:
        raise UsageError(
            f"VOICEBOT_CALIBRATION: {path} was fitted with the embedder {found.embedder}, this is {embedder}: {anew}"
        )
    return found


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


_ARRAYS = ("low", "high", "mean", "scale", "centres", "weights", "slopes", "moment")


def _to_json(calibration: Calibration) -> dict[str, Any]:
    return {**_content(calibration), "sha256": calibration.digest}


def _content(calibration: Calibration) -> dict[str, Any]:
    model = calibration.model
    upper = model.gram[np.triu_indices(len(model.moment))]
    return {
        "version": VERSION,
        "embedder": calibration.embedder,
        "data_sha256": calibration.data,
        "rows": calibration.rows,
        "questions": sorted(calibration.questions),
        "columns": COLUMNS,
        **{name: _rounded(getattr(model, name)) for name in _ARRAYS},
        "gram": _rounded(upper),
        "offset": round(model.offset, DECIMALS),
    }


def _rounded(numbers: Columns) -> list[Any]:
    rounded: list[Any] = (np.round(numbers, DECIMALS) + 0.0).tolist()  # no -0.0
    return rounded


def _from_json(stored: Mapping[str, Any]) -> Calibration:
    """Raises ValueError, KeyError or TypeError when it is not what `_to_json` made."""
    if (stored["version"], stored["columns"]) != (VERSION, COLUMNS):
        raise ValueError("of another version")
    arrays = {name: np.array(stored[name], dtype=np.float64) for name in _ARRAYS}
    size = len(arrays["moment"])
    gram = np.zeros((size, size))
    gram[np.triu_indices(size)] = stored["gram"]
    found = Calibration(
        model=Model(**arrays, gram=gram + np.triu(gram, 1).T, offset=float(stored["offset"])),
        embedder=stored["embedder"],
        data=stored["data_sha256"],
        rows=stored["rows"],
        questions=frozenset(stored["questions"]),
    )
    if found.digest != stored["sha256"]:
        raise ValueError("changed after it was fitted")
    return found
