"""What a scorecard means for people: strengths, gaps, advice to the candidate, what HR should still ask.

Worked out from the scorecard and its rubric alone, so it is the same whenever it is asked for and nothing is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from models.interview import Rubric, Score, Scorecard
from scoring.cues import cues

STRONG = 4.0
"""A criterion is a strength from here: nearly all of its points are shown clearly."""
WEAK = 3.0
"""A criterion is a gap below this: less than half of its points are shown."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A criterion's name with all that was scored under it, over all questions."""

    name: str
    share: float
    """Of the rubric's weight, 0 to 1."""
    value: float | None
    """Weighted mean of what was assessed, 1.0 to 5.0; None when nothing was."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion of one question."""

    question_id: str
    criterion: str
    value: float | None
    must_have: bool
    quotes: tuple[str, ...]
    missing: tuple[str, ...]
    """The rubric's points without evidence."""


@dataclass(frozen=True, slots=True)
class Feedback:
    dimensions: tuple[Dimension, ...]
    strengths: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    """Weak or not assessed, must-haves first."""
    suggestions: tuple[str, ...]
    """To the candidate, each once."""
    questions: tuple[str, ...]
    """For HR to ask next, each once."""


def feedback(rubric: Rubric, card: Scorecard) -> Feedback:
    """In the rubric's language; English where there is none of ours. `card` is that rubric's."""
    findings = tuple(_findings(rubric, card))
    gaps = [finding for finding in findings if finding.value is None or finding.value < WEAK]
    asked = {question.question_id: question.question for question in rubric.questions}
    answered = {finding.question_id for finding in findings if finding.value is not None}
    words = _words(rubric.language)
    suggestions, questions = [], []
    for finding in sorted(gaps, key=lambda gap: not gap.must_have):
        if finding.question_id not in answered:
            questions.append(asked[finding.question_id])
        for point in finding.missing:
            kind = _kind(point)
            suggestions.append(f"{finding.criterion}: {words['suggestion'][kind].replace('{point}', point)}")
            if finding.question_id in answered:
                questions.append(f"{finding.criterion}: {words['question'][kind].replace('{point}', point)}")
    return Feedback(
        dimensions=_dimensions(card.scores),
        strengths=tuple(finding for finding in findings if finding.value is not None and finding.value >= STRONG),
        gaps=tuple(sorted(gaps, key=lambda gap: not gap.must_have)),
        suggestions=tuple(dict.fromkeys(suggestions)),
        questions=tuple(dict.fromkeys(questions)),
    )


def _kind(point: str) -> str:
    """What the point asks for above all: one piece of advice and one question are enough for each. A point that does
    not ask, but says what a good answer has ("offered the customer a solution"), is best put in its own words."""
    if cues().subject(point) == point:
        return "other"
    asked = [
        (not facet.required, match.start(), facet.name)
        for facet in cues().facets
        if (match := facet.asks.search(point))
    ]
    return min(asked)[-1] if asked else "other"


def _findings(rubric: Rubric, card: Scorecard) -> Iterator[Finding]:
    points = {
        (question.question_id, criterion.id): criterion.points
        for question in rubric.questions
        for criterion in question.criteria
    }
    for score in card.scores:
        shown = {evidence.point for evidence in score.evidence}
        yield Finding(
            question_id=score.question_id,
            criterion=score.criterion,
            value=score.value,
            must_have=score.must_have,
            quotes=tuple(dict.fromkeys(evidence.quote for evidence in score.evidence)),
            missing=tuple(p for p in points.get((score.question_id, score.criterion_id), ()) if p not in shown),
        )


def _dimensions(scores: tuple[Score, ...]) -> tuple[Dimension, ...]:
    total = sum(score.weight for score in scores) or 1.0
    return tuple(
        _dimension(name, [score for score in scores if score.criterion == name], total)
        for name in dict.fromkeys(score.criterion for score in scores)
    )


def _dimension(name: str, scores: list[Score], total: float) -> Dimension:
    assessed = [(score.weight, score.value) for score in scores if score.value is not None and score.weight > 0]
    weight = sum(weight for weight, _ in assessed)
    value = round(sum(weight * value for weight, value in assessed) / weight, 1) if assessed else None
    return Dimension(name, round(sum(score.weight for score in scores) / total, 3), value)


@cache
def _words(language: str) -> dict[str, dict[str, str]]:
    text = (files("scoring") / "feedback.yaml").read_text(encoding="utf-8")
    data: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return data.get(language, data["en"])
