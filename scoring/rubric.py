"""One answer against one question's rubric: a score for each criterion, with the words that earned it.

For every rubric point the span of the answer is sought that shows it best. How surely a span shows a point, its
*strength* from 0 to 1, is a logistic function of:

    meaning   cosine of the span and the point (with and without its "says how…")
    shown     share of what the point asks for (a number, a result, a reason…; see cues.yaml) that the span shows;
              a required one that is missing, a number, rules the span out
    overlap   content words shared with the point that are not already in the question
    general   1 for opinions and habits ("I am usually quite calm") in place of something done; not where the question
              asks what the candidate would do
    topic     how near the whole answer is to the question and all its points

times how much it is spoken as a sentence rather than as a list of keywords. Points that ask for nothing that
cues.yaml knows, and points that state a fact, are matched by meaning and overlap alone. Spans that repeat the
question, or say that there is nothing to tell, are no evidence. Pace, tone, accent and length are not looked at.

How much of a fact an English answer has, once there is evidence of it, is what scoring.calibration says.

Where the numbers come from: the weights for points that ask for something were set by hand between a first guess and a
logistic regression on 65 pairs of answer and point (the questions of tests/unit/scoring/answers.yaml that are not
`held_out`), so that none hangs on a single question. The weights for statements were set by hand after a look at 1,361
marked English answers to textbook questions: people gave 2.9 of 5 on average below a cosine of 0.15, 4.0 around 0.4
and 4.9 above 0.8. Nothing is fitted to marks that interviewers gave: see docs/validity.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.dialog import Answer, AnswerStatus
from models.interview import Criterion, Evidence, RubricQuestion, Score
from scoring.calibration import Calibration, untaught
from scoring.cues import HAN_CHARACTER, Facet, cues
from scoring.embedder import Embedder, Matrix
from scoring.features import Item, features
from scoring.spans import Span, spans, units

VERSION = "rubric/4"

INTERCEPT = -3.2
MEANING, SHOWN, OVERLAP, GENERAL, TOPIC = 6.0, 3.5, 1.5, -1.5, 20.0
NOTHING_SHOWN = -1.0
"""For a span that shows nothing of what is asked: near in meaning alone are empty words too."""
MOST_MEANING = 0.5
CONTENT_INTERCEPT = -2.0
CONTENT_MEANING, COVERAGE = 4.0, 2.0
MOST_CONTENT_MEANING = 0.8
TOPIC_MIDDLE, MOST_TOPIC = 0.12, 0.16
"""Answers about something else had 0.06 to 0.16, full answers 0.15 to 0.70 (25 questions). From 0.16 on more of it says
nothing: two wordings of one answer are 0.05 apart."""

EVIDENCE = 0.45
"""A span of less strength is no evidence."""
FIRM_EVIDENCE = 0.6
"""During the call a criterion with weaker evidence still counts as unmet: a follow-up too many costs less than one too
few."""
FULL_CREDIT = 0.95
LEAST_CREDIT = 0.25
"""A point's credit rises in a straight line from LEAST_CREDIT at EVIDENCE to 1 at FULL_CREDIT."""

PARROT_COSINE = 0.75
EMPTY_COSINE = 0.6
LEAST_NEW_CONTENT = 0.4
"""A span repeats the question when it means the same, or when less than this share of its content words is its own.
From EMPTY_COSINE it means the same as one of the phrases that only fill time."""

LIST_BELOW, SENTENCE_FROM = 0.1, 0.2
JUDGED_ALONE = 4
MERE_COURTESY = 2
"""Of a refusal so many words are left: \"sorry\"."""
"""Shares of function words: keyword lists have 0 to 0.1, spoken sentences 0.2 and more. A clause of fewer units than
JUDGED_ALONE is judged together with what was said before it and after it."""

SHORTER_QUOTE = 0.03
"""The shortest span within this much strength of the best is quoted."""

CORE_OF_QUOTE = 0.2
"""A clause that shows all that its span shows is quoted alone from this strength of its own."""

LONG_ANSWER_CLAUSES = 600
"""Beyond this many clauses (half an hour of talk) only single clauses are read, so that time stays bounded."""


def score(
    question: RubricQuestion, answer: Answer | None, embedder: Embedder, calibration: Calibration | None = None
) -> tuple[Score, ...]:
    """One score for each criterion, in the rubric's order.

    The value is 1 + 4 x the mean credit of the criterion's points, to one decimal; None when no point has evidence.
    English facts that have evidence get the mark that `calibration` gives the whole answer, or the untaught one.
    """
    found, own = _evidence(question, answer, embedder)
    facts = _facts(question, found)
    marks: dict[str, float] = {}
    said = " ".join(span.text for span in own if len(span.clauses) == 1 and not HAN_CHARACTER.search(span.text))
    if said and facts:
        columns = features([Item(question.question, point, said) for point in facts], embedder)
        given = calibration.model.marks(columns) if calibration else untaught(columns)
        marks = dict(zip(facts, given.tolist(), strict=True))
    return tuple(
        Score(
            question_id=question.question_id,
            criterion_id=criterion.id,
            criterion=criterion.name,
            weight=criterion.weight,
            value=_value(criterion, evidence, marks),
            evidence=evidence,
            must_have=criterion.must_have,
        )
        for criterion, evidence in zip(question.criteria, found, strict=True)
    )


def _facts(question: RubricQuestion, found: tuple[tuple[Evidence, ...], ...]) -> tuple[str, ...]:
    """The points with evidence that state a fact in English, which is what calibrations are fitted on."""
    points = dict.fromkeys(evidence.point for criterion in found for evidence in criterion)
    return tuple(
        point
        for point in points
        if cues().subject(point) == point
        if not cues().facets_of(point) and not HAN_CHARACTER.search(question.question + point)
    )


def unmet_criteria(question: RubricQuestion, answer: Answer | None, embedder: Embedder) -> tuple[str, ...]:
    """Ids of the criteria that the answer so far gives no firm evidence for, in the rubric's order."""
    found, _ = _evidence(question, answer, embedder)
    return tuple(
        criterion.id
        for criterion, evidence in zip(question.criteria, found, strict=True)
        if max((one.strength for one in evidence), default=0.0) < FIRM_EVIDENCE
    )


@dataclass(frozen=True, slots=True)
class _Point:
    text: str
    is_request: bool
    """Says what to tell ("gives the reason"), rather than what is the case ("calls are stateless")."""
    facets: tuple[Facet, ...]
    content: frozenset[str]
    """Content words that the question does not give away."""


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    points: tuple[_Point, ...]
    question_content: frozenset[str]
    asks_what_was_done: bool
    """False for "suppose…" and "what would you do": there, intentions are the answer."""
    as_written: Matrix
    """Shape (points, dims)."""
    subjects: Matrix
    """Shape (points, dims)."""
    question: Matrix
    """Shape (1, dims)."""
    empty_phrases: Matrix
    """Shape (phrases, dims)."""


@lru_cache(maxsize=512)
def _prepared(question: RubricQuestion, embedder: Embedder) -> _Prepared:
    texts = [point for criterion in question.criteria for point in criterion.points]
    asked = cues().content(question.question)
    subjects = [cues().subject(text) for text in texts]
    rows = embedder.embed([question.question, *texts, *subjects, *cues().empty_phrases])
    return _Prepared(
        points=tuple(
            _Point(text, subject != text, cues().facets_of(text, question.question), cues().content(subject) - asked)
            for text, subject in zip(texts, subjects, strict=True)
        ),
        question_content=asked,
        asks_what_was_done=not cues().hypothetical.search(question.question),
        question=rows[:1],
        as_written=rows[1 : 1 + len(texts)],
        subjects=rows[1 + len(texts) : 1 + 2 * len(texts)],
        empty_phrases=rows[1 + 2 * len(texts) :],
    )


def _evidence(
    question: RubricQuestion, answer: Answer | None, embedder: Embedder
) -> tuple[tuple[tuple[Evidence, ...], ...], tuple[Span, ...]]:
    """For each criterion the best evidence for each of its points, in the points' order; and the spans that count."""
    nothing: tuple[tuple[Evidence, ...], ...] = ((),) * len(question.criteria)
    if answer is None or answer.status is not AnswerStatus.ANSWERED:
        return nothing, ()
    rubric = _prepared(question, embedder)
    said = spans(answer)
    if len(said) > 3 * LONG_ANSWER_CLAUSES:
        said = spans(answer, most_clauses=1)
    said, vectors = _own_words(said, rubric, embedder)
    if not said:
        return nothing, ()
    strengths = _strengths(said, vectors, rubric)
    best = iter(_best(said, strengths[:, index], point) for index, point in enumerate(rubric.points))
    found = [[next(best) for _ in criterion.points] for criterion in question.criteria]
    return tuple(tuple(evidence for evidence in criterion if evidence) for criterion in found), said


def _own_words(said: tuple[Span, ...], rubric: _Prepared, embedder: Embedder) -> tuple[tuple[Span, ...], Matrix]:
    """The spans that say something in sentences, with their vectors; without those any clause of which repeats the
    question or says that there is nothing to tell."""
    empty = {clause for span in said for clause in span.clauses if _is_empty(clause, rubric)}
    candidates = [
        span
        for span in said
        if not empty.intersection(span.clauses)
        if cues().content(span.text) - rubric.question_content
        if _says_something(span.clauses[0]) and _says_something(span.clauses[-1])
        if not cues().evasive.search(span.text) and _spoken(span) > 0
    ]
    vectors = embedder.embed([cues().plain(span.text) for span in candidates])
    says_nothing = (vectors @ rubric.question[0] >= PARROT_COSINE) | (
        (vectors @ rubric.empty_phrases.T).max(axis=1, initial=0.0) >= EMPTY_COSINE
    )
    empty |= {span.text for span, nothing in zip(candidates, says_nothing, strict=True) if nothing}
    kept = [
        index
        for index, span in enumerate(candidates)
        if span.text not in empty and not empty.intersection(span.clauses)
    ]
    own = tuple(candidates[index] for index in kept)
    if empty and sum(units(span.text) for span in own if len(span.clauses) == 1) <= MERE_COURTESY:
        return (), vectors[:0]
    return own, vectors[kept]


def _says_something(clause: str) -> bool:
    """False for "Well," and "其实吧，": the same span without them is looked at too."""
    return bool(cues().content(clause)) or any(facet.shows.search(clause) for facet in cues().facets)


def _is_empty(clause: str, rubric: _Prepared) -> bool:
    content = cues().content(clause)
    repeats = bool(content) and len(content - rubric.question_content) < LEAST_NEW_CONTENT * len(content)
    return repeats or bool(cues().evasive.search(clause))


def _strengths(said: tuple[Span, ...], vectors: Matrix, rubric: _Prepared) -> NDArray[np.float64]:
    """Shape (spans, points)."""
    likeness = np.maximum(vectors @ rubric.as_written.T, vectors @ rubric.subjects.T).astype(np.float64)
    shown = np.array([[_shown(point, span) for point in rubric.points] for span in said])
    to_question = float((vectors @ rubric.question[0]).max())
    topic = float(np.mean([*likeness.max(axis=0), to_question]))
    logit = np.full(likeness.shape, TOPIC * (min(topic, MOST_TOPIC) - TOPIC_MIDDLE))
    for row, span in enumerate(said):
        content = cues().content(span.text)
        logit[row] += GENERAL * bool(rubric.asks_what_was_done and cues().general.search(span.text))
        for column, point in enumerate(rubric.points):
            logit[row, column] += _closeness(point, content, float(likeness[row, column]), float(shown[row, column]))
    spoken = np.array([_spoken(span) for span in said])
    strengths: NDArray[np.float64] = spoken[:, None] / (1 + np.exp(-logit))
    return strengths


def _closeness(point: _Point, content: frozenset[str], likeness: float, shown: float) -> float:
    """The part of the logit that depends on both the point and the span."""
    shared = len(point.content & content)
    covered = shared / len(point.content) if point.content else 0.0
    as_statement = CONTENT_INTERCEPT + CONTENT_MEANING * min(likeness, MOST_CONTENT_MEANING) + COVERAGE * covered
    if not point.facets or shown == -math.inf:
        return min(as_statement, shown)
    as_request = INTERCEPT + MEANING * min(likeness, MOST_MEANING) + OVERLAP * min(shared / 2, 1.0)
    as_request += SHOWN * shown if shown > 0 else NOTHING_SHOWN + shown
    return as_request if point.is_request else max(as_request, as_statement)


def _shown(point: _Point, span: Span) -> float:
    """Share of what the point asks for, 0 to 1; minus infinity when what it requires is missing."""
    if not point.facets:
        return 0.0
    said = cues().plain(span.text)  # "so, you know" gives no reason
    shown = [bool(facet.shows.search(said)) for facet in point.facets]
    if any(facet.required and not there for facet, there in zip(point.facets, shown, strict=True)):
        return -math.inf
    return sum(shown) / len(shown)


def _spoken(span: Span) -> float:
    """1 for a span spoken in sentences, down to 0 when a clause of it is a list of keywords."""
    judged = [clause for clause in span.clauses if units(clause) >= JUDGED_ALONE]
    start = span.around.index(span.text)
    first, last = start + len(span.clauses[0]), start + len(span.text) - len(span.clauses[-1])
    if span.clauses[0] not in judged and start > 0:
        judged.append(span.around[:first])
    if span.clauses[-1] not in judged and start + len(span.text) < len(span.around):
        judged.append(span.around[last:])
    if not judged:
        return 1.0  # a word or two are the whole answer
    shares = [cues().sentence_like(text) for text in judged]
    return min(max((min(shares) - LIST_BELOW) / (SENTENCE_FROM - LIST_BELOW), 0.0), 1.0)


def _best(said: tuple[Span, ...], strengths: NDArray[np.float64], point: _Point) -> Evidence | None:
    strongest = float(strengths.max())
    if strongest < EVIDENCE:
        return None
    near = np.flatnonzero(strengths >= max(strongest - SHORTER_QUOTE, EVIDENCE))
    index = min(near, key=lambda row: (units(said[row].text), row))
    quote = _quote(said, strengths, point, index)
    strength = round(float(strengths[index]), 2)
    return Evidence(quote.text, quote.start_ms, quote.end_ms, point.text, strength, quote.attempt_id)


def _quote(said: tuple[Span, ...], strengths: NDArray[np.float64], point: _Point, index: np.intp) -> Span:
    """The best span, less the clauses around it that show nothing of what the point asks for."""
    span = said[index]
    if len(span.clauses) == 1 or not point.facets:
        return span

    def shows(found: Span) -> int:
        return sum(bool(facet.shows.search(found.text)) for facet in point.facets)

    inside = [
        found
        for found, strength in zip(said, strengths, strict=True)
        if found.text in span.text and span.start_ms <= found.start_ms and found.end_ms <= span.end_ms
        if found.attempt_id == span.attempt_id
        if strength >= CORE_OF_QUOTE and shows(found) >= shows(span)
    ]
    return min(inside, key=lambda found: (units(found.text), found.start_ms))


def _value(criterion: Criterion, evidence: tuple[Evidence, ...], marks: Mapping[str, float]) -> float | None:
    """`marks` has the points whose credit people's marks have taught."""
    if not evidence:
        return None
    credit = math.fsum(marks.get(found.point, _credit(found.strength)) for found in evidence)
    return round(1 + 4 * credit / len(criterion.points), 1)


def _credit(strength: float) -> float:
    """A point's credit, 0 to 1, for the strength of its best evidence."""
    share = (strength - EVIDENCE) / (FULL_CREDIT - EVIDENCE)
    return min(LEAST_CREDIT + (1 - LEAST_CREDIT) * max(share, 0.0), 1.0)
