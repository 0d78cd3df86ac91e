"""What can be measured about an answer beside a reference: the columns that `scoring.calibration` turns into a mark.

Every column is a function of question, reference, answer and embedder alone; none looks at who spoke or how. Column by
column, and what each is for:

    cosine          of answer and reference
    repeats         cosine of answer and question
    residual        cosine of answer and reference without what the question says already: parroting earns nothing
    span            best cosine of a span of the answer with the whole reference
    clauses         mean over the reference's clauses of the best span for each
    clause_least    the same for the clause that is met worst
    covered         share of the reference's content terms, without the question's, that the answer has
    covered_all     the same with the question's terms
    close           mean over the reference's own terms of the nearest term in the answer, by meaning or by spelling
    close_rare      the same with each term's rarity squared as its weight
    close_share     share of those terms with a neighbour nearer than CLOSE
    close_least     the term that is met worst
    on_topic        mean over the answer's own terms of the nearest term in the reference
    phrase          best cosine of a few words of the answer in a row and a few of the reference
    in_context      cosine of both said after the question, without what the question says already
    letters_3/_4    share of the reference's 3- and 4-letter pieces, without the question's, that the answer has
    own             share of the answer's terms that the question does not have
    own_rarity      their mean rarity (`scoring.rarity`): "constructor" tells more than "thing"
    negated         the answer has a negation
    other_quantity  little but a quantity is said, and it is not the reference's ("one" for "any number")
    nothing         says that there is no answer ("not answered", "我不知道")
    question_length, reference_length, reference_terms: how much was asked for

How long the answer is, is no column: length buys nothing.

Soft alignment of terms with the question's left out follows Sultan, Salazar and Sumner (2016), "Fast and easy short
answer grading with high accuracy".
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.cues import HAN, cues
from scoring.embedder import Embedder
from scoring.rarity import rarity
from scoring.spans import clauses, units

COLUMNS = (
    "cosine repeats residual span clauses clause_least covered covered_all close close_rare close_share close_least "
    "on_topic phrase in_context letters_3 letters_4 own own_rarity negated other_quantity nothing question_length "
    "reference_length reference_terms"
).split()

CLOSE = 0.5
"""Two terms are neighbours from this cosine, or this share of common letter triples."""
FEW_UNITS = 3
"""An answer of at most so many words may be nothing but a quantity."""
MOST_CHARACTERS = 6_000
"""An answer is measured by its beginning: 1,000 words or 6,000 Han characters, so that time stays bounded."""
MOST_TERMS = 300
MOST_CLAUSES_IN_SPAN = 3
WORDS_OF_PHRASE, CHARACTERS_OF_PHRASE = 3, 4

_LATIN = re.compile(r"[a-z0-9]+", re.ASCII)
_HAN_RUN = re.compile(rf"[{HAN}]+")

Columns = NDArray[np.float64]
Rows = Callable[[Iterable[str]], Columns]


@dataclass(frozen=True, slots=True)
class Item:
    """One answer beside what a full answer says."""

    question: str
    reference: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Parsed:
    text: str
    spans: tuple[str, ...]
    clauses: tuple[str, ...]
    terms: dict[str, str]
    """Stem to the word as written, in order."""
    phrases: tuple[str, ...]
    """Every few words in a row, in small letters."""


def features(items: Sequence[Item], embedder: Embedder) -> Columns:
    """Shape (len(items), len(COLUMNS)), all finite. An embedding is made once for each distinct text."""
    parsed = {text: _parse(text) for item in items for text in (item.question, item.reference, item.answer)}
    said = {part for one in parsed.values() for part in (one.text, *one.spans, *one.terms.values(), *one.phrases)}
    asked = {item.question: parsed[item.question] for item in items}
    said |= {_after(asked[item.question], parsed[text]) for item in items for text in (item.reference, item.answer)}
    texts = sorted(said)
    vectors = embedder.embed(texts)
    index = {text: row for row, text in enumerate(texts)}

    def rows(wanted: Iterable[str]) -> Columns:
        found: Columns = vectors[[index[text] for text in wanted]].astype(np.float64)
        return found

    table = np.zeros((len(items), len(COLUMNS)))
    for row, item in enumerate(items):
        table[row] = _columns(parsed[item.question], parsed[item.reference], parsed[item.answer], rows)
    return table


def _parse(text: str) -> _Parsed:
    text = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8").strip()
    cut = clauses(text)
    runs = tuple(
        text[cut[first][0] : cut[last][1]]
        for first in range(len(cut))
        for last in range(first, min(first + MOST_CLAUSES_IN_SPAN, len(cut)))
    )
    terms = dict(list(cues().terms(text).items())[:MOST_TERMS])
    return _Parsed(
        text, runs or (text,), tuple(text[slice(*clause)] for clause in cut) or (text,), terms, _phrases(text)
    )


def _phrases(text: str) -> tuple[str, ...]:
    words = _LATIN.findall(text.lower())
    found = [" ".join(row) for row in _rows_of(words, WORDS_OF_PHRASE)]
    for run in _HAN_RUN.findall(text):
        found += ["".join(row) for row in _rows_of(run, CHARACTERS_OF_PHRASE)]
    return tuple(found[:MOST_TERMS]) or (text,)


def _rows_of(units: Sequence[str], length: int) -> list[Sequence[str]]:
    return [units[start : start + length] for start in range(max(len(units) - length + 1, min(len(units), 1)))]


def _after(question: _Parsed, text: _Parsed) -> str:
    return f"{question.text} {text.text}"


def _columns(question: _Parsed, reference: _Parsed, answer: _Parsed, rows: Rows) -> list[float]:
    asked, wanted, said = rows([question.text, reference.text, answer.text])
    by_span = rows(answer.spans)
    best = (by_span @ rows(reference.clauses).T).max(axis=0)
    own_wanted = _without(reference.terms, question.terms) or reference.terms
    own_said = _without(answer.terms, question.terms)
    near = _nearness(own_wanted, own_said, rows)
    full, told = rows([_after(question, reference), _after(question, answer)])
    for_each, back = near.max(axis=1, initial=0.0), near.max(axis=0, initial=0.0)
    weights = np.square([rarity(stem) for stem in own_wanted])
    return [
        float(wanted @ said),
        float(asked @ said),
        float(_residual(wanted, asked) @ _residual(said, asked)),
        float((by_span @ wanted).max()),
        float(best.mean()),
        float(best.min()),
        _share(own_wanted.keys() & answer.terms.keys(), own_wanted),
        _share(reference.terms.keys() & answer.terms.keys(), reference.terms),
        _mean(for_each),
        float(for_each @ weights / weights.sum()) if len(weights) else 0.0,
        _mean(for_each > CLOSE),
        float(for_each.min()) if len(for_each) else 0.0,
        _mean(back),
        float((rows(answer.phrases) @ rows(reference.phrases).T).max()),
        float(_residual(full, asked) @ _residual(told, asked)),
        _letters(question.text, reference.text, answer.text, 3),
        _letters(question.text, reference.text, answer.text, 4),
        len(own_said) / max(len(answer.terms), 1),
        _mean(np.array([rarity(stem) for stem in own_said])),
        float(bool(cues().negation.search(answer.text))),
        float(_other_quantity(reference.text, answer.text)),
        float(_is_nothing(answer.text)),
        math.log1p(units(question.text)),
        math.log1p(units(reference.text)),
        math.log1p(len(own_wanted)),
    ]


def _nearness(wanted: Mapping[str, str], said: Mapping[str, str], rows: Rows) -> Columns:
    """Shape (wanted, said): 1 for the same stem, else the nearer of meaning and spelling, which forgives mishearing."""
    near = np.zeros((len(wanted), len(said)))
    if near.size:
        near = np.maximum(rows(wanted.values()) @ rows(said.values()).T, 0.0)
    triples = [_pieces(f"^{word}$", 3) for word in said]
    for row, stem in enumerate(wanted):
        own = _pieces(f"^{stem}$", 3)
        for column, (other, pieces) in enumerate(zip(said, triples, strict=True)):
            alike = 2 * len(own & pieces) / (len(own) + len(pieces)) if own and pieces else 0.0
            near[row, column] = 1.0 if other == stem else max(near[row, column], alike)
    return near


def _residual(vector: Columns, asked: Columns) -> Columns:
    rest = vector - (vector @ asked) * asked
    length = float(np.linalg.norm(rest))
    return rest / length if length > 1e-6 else np.zeros_like(rest)


def _without(terms: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    return {stem: word for stem, word in terms.items() if stem not in given}


def _letters(question: str, reference: str, answer: str, size: int) -> float:
    wanted = _pieces(reference, size) - _pieces(question, size)
    return _share(wanted & _pieces(answer, size), wanted)


def _pieces(text: str, size: int) -> frozenset[str]:
    plain = re.sub(r"\s+", " ", text.casefold())
    return frozenset(plain[start : start + size] for start in range(len(plain) - size + 1))


def _other_quantity(reference: str, answer: str) -> bool:
    said = cues().quantities(answer)
    return bool(said) and units(answer) <= FEW_UNITS and not said & cues().quantities(reference)


def _is_nothing(answer: str) -> bool:
    return units(answer) == 0 or bool(cues().nothing.fullmatch(answer.strip(" .,!?;。，！？；-")))


def _share(part: Set[str], whole: Set[str] | Mapping[str, str]) -> float:
    return len(part) / len(whole) if whole else 0.0


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0
