"""Skills that nobody named and somebody described: soft skills, and what a rubric expects beyond the table."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from scoring.cues import cues
from scoring.embedder import Embedder, Matrix
from scoring.skills.claims import Others, shows
from scoring.skills.taxonomy import taxonomy
from scoring.skills.utterances import Clause, Said
from scoring.spans import units

SAME_MEANING = 0.55
"""Cosine from which a clause means an expected skill. With the default encoder, clauses that meant the soft skill had
0.48 to 0.70 and clauses that meant another one up to 0.52 (about ten of each); set on the strict side."""
SHOWS = 0.5
"""Cosine from which a clause shows what a sentence of the table shows. On tests/data/skills/dev.jsonl lower values
found more that was not labelled, and higher ones missed no less."""
LEAST_UNITS = 4
"""Words in which something done can be told."""
LONG_ANSWER_CLAUSES = 300
"""Beyond this many clauses (a quarter of an hour of talk) only single clauses are compared."""


def described(said: Sequence[Said], embedder: Embedder, expected: Sequence[str]) -> Iterator[tuple[str, Clause]]:
    """The soft skills that a clause shows, and names of `expected` that a clause means, each with its clause."""
    told = [clause for utterance in said for clause in _told(utterance)]
    if not told:
        return
    vectors = embedder.embed([cues().plain(clause.text) for clause in told])
    for name, sentences in _shown(embedder):
        likeness = (vectors @ sentences.T).max(axis=1)
        if likeness.max() >= SHOWS:
            yield name, told[int(likeness.argmax())]
    for name, vector in zip(expected, embedder.embed(expected), strict=True):
        likeness = vectors @ vector
        if likeness.max() >= SAME_MEANING:
            yield name, told[int(likeness.argmax())]


def _told(utterance: Said) -> Iterator[Clause]:
    """Every clause, and every two neighbours, in which the candidate tells of something they did."""
    others = Others(utterance.text)
    for first, last in _runs(utterance.clauses, 1 if len(utterance.clauses) > LONG_ANSWER_CLAUSES else 2):
        clause = utterance.clause_at(first.start, last.end)
        if units(clause.text) >= LEAST_UNITS and shows(clause, utterance) and not others.own(last.end - 1):
            yield clause


def _runs(clauses: Sequence[Clause], most: int) -> Iterator[tuple[Clause, Clause]]:
    """The first and the last clause of every run of up to `most`."""
    for index, first in enumerate(clauses):
        for last in clauses[index : index + most]:
            yield first, last


@lru_cache(maxsize=4)
def _shown(embedder: Embedder) -> tuple[tuple[str, Matrix], ...]:
    """The soft skills with the vectors of what shows them, shape (sentences, dims)."""
    return tuple((skill.name, embedder.embed(skill.shown)) for skill in taxonomy().skills.values() if skill.shown)
