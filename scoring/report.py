"""A finished interview as a scorecard. Pure: the same interview and embedder give the same scorecard."""

import hashlib
import json
import math
from dataclasses import asdict

from models.interview import Interview, Rubric, Score, Scorecard, overall
from scoring import rubric, skills
from scoring.calibration import Calibration, shipped
from scoring.embedder import Embedder


def scorecard(interview: Interview, embedder: Embedder, taught: Calibration | None = None) -> Scorecard:
    """Every criterion of every question in the rubric's order; criteria without evidence do not count in `overall`.

    `taught`: the one that ships for this embedder, unless another is given. `scorer` names all that the scores depend
    on besides the answers: the scorer's and the skill table's version, the embedder, the calibration (`uncalibrated`
    where there is none) and the rubric's digest.
    """
    taught = taught or shipped(embedder.name)
    answers = {answer.question_id: answer for answer in interview.answers}
    questions = interview.rubric.questions
    scores = tuple(
        score
        for question in questions
        for score in rubric.score(question, answers.get(question.question_id), embedder, taught)
    )
    expected = [skill for question in questions for skill in question.skills]
    return Scorecard(
        scores=scores,
        overall=overall((score.weight, score.value) for score in scores),
        assessed_weight=_assessed_weight(scores),
        skills=skills.skill_tags(interview.answers, embedder, expected, interview.held_on),
        experience=skills.experiences(interview.answers),
        scorer=" ".join(
            (
                rubric.VERSION,
                skills.VERSION,
                embedder.name,
                taught.name if taught else "uncalibrated",
                f"points-{rubric_digest(interview.rubric)[:12]}",
            )
        ),
    )


def rubric_digest(measured_by: Rubric) -> str:
    """SHA-256 over every question, criterion, point and weight."""
    return hashlib.sha256(json.dumps(asdict(measured_by), sort_keys=True).encode()).hexdigest()


def _assessed_weight(scores: tuple[Score, ...]) -> float:
    total = math.fsum(score.weight for score in scores)
    return round(math.fsum(score.weight for score in scores if score.assessed) / total, 3) if total > 0 else 0.0
