import pytest

from models.interview import Criterion, Evidence, Rubric, RubricQuestion, Score, Scorecard
from scoring.cues import cues
from scoring.feedback import _words as feedback_words
from scoring.feedback import feedback

POINTS = ("says how the root cause was found", "gives the result with a number")
RUBRIC = Rubric(
    (
        RubricQuestion(
            "incident",
            "Tell me about an incident.",
            (
                Criterion("diagnosis", "Diagnosis", POINTS, 2.0),
                Criterion("team", "Teamwork", ("knows on-call rotas",), 1.0, must_have=True),
            ),
        ),
        RubricQuestion("more", "Anything else?", (Criterion("extra", "Diagnosis", ("calls are retried",), 1.0),)),
    )
)


def score(question: str, criterion: str, name: str, weight: float, value: float | None, *shown: str, must=False):
    evidence = tuple(Evidence(f"“{point}”", 0, 1, point, 0.9) for point in shown)
    return Score(question, criterion, name, weight, value, evidence, must)


CARD = Scorecard(
    (
        score("incident", "diagnosis", "Diagnosis", 2.0, 2.8, POINTS[0]),
        score("incident", "team", "Teamwork", 1.0, None, must=True),
        score("more", "extra", "Diagnosis", 1.0, 4.6, "calls are retried"),
    ),
    3.4,
    0.75,
    (),
    "s",
)


def test_strengths_and_gaps_with_what_is_missing():
    found = feedback(RUBRIC, CARD)
    assert [(one.question_id, one.criterion) for one in found.strengths] == [("more", "Diagnosis")]
    assert [(one.criterion, one.missing) for one in found.gaps] == [
        ("Teamwork", ("knows on-call rotas",)),
        ("Diagnosis", (POINTS[1],)),
    ]


def test_a_dimension_is_all_that_was_scored_under_its_name():
    found = feedback(RUBRIC, CARD).dimensions
    assert [(one.name, one.share, one.value) for one in found] == [("Diagnosis", 0.75, 3.4), ("Teamwork", 0.25, None)]


def test_what_is_missing_from_an_answer_is_asked_for():
    found = feedback(RUBRIC, CARD)
    assert found.questions == (
        "Teamwork: Could you say more about this: “knows on-call rotas”?",
        "Diagnosis: What were the numbers?",
    )
    assert "Diagnosis: give numbers: how much, how many, before and after" in found.suggestions


def test_a_question_of_which_nothing_was_assessed_is_asked_again():
    team = CARD.scores[1]
    card = Scorecard((score("incident", "diagnosis", "Diagnosis", 2.0, None), team, CARD.scores[2]), 4.6, 0.25, (), "s")
    assert feedback(RUBRIC, card).questions == ("Tell me about an incident.",)


@pytest.mark.parametrize(
    ("language", "point", "advice"),
    [
        ("en", "offered a {concrete} solution", "C: say more about “offered a {concrete} solution”"),
        ("en", "says how it was tested", "C: say how you checked that it worked"),
        ("zh", "请同事来介绍", "C: “请同事来介绍”，这一点可以多说一些"),
        ("zh", "说明怎么验证效果", "C: 说明怎么验证效果"),
    ],
)
def test_a_point_that_asks_for_nothing_is_put_in_its_own_words(language, point, advice):
    rubric = Rubric((RubricQuestion("q", "Tell me.", (Criterion("c", "C", (point,), 1.0),)),), language)
    card = Scorecard((score("q", "c", "C", 1.0, 1.5, "something else"),), 1.5, 1.0, (), "s")
    assert feedback(rubric, card).suggestions == (advice,)


def test_each_missing_point_is_asked_about_once():
    points = (
        "names the tools or data that were looked at and the result with a number",
        "gives a reason for the decision",
    )
    question = RubricQuestion("q", "Tell me.", (Criterion("c", "C", points, 1.0),))
    card = Scorecard((score("q", "c", "C", 1.0, 1.5, "something else"),), 1.5, 1.0, (), "s")
    found = feedback(Rubric((question,)), card)
    assert found.questions == ("C: What were the numbers?", "C: Why did you do it that way?")
    assert len(found.suggestions) == 2


@pytest.mark.parametrize(("language", "says"), [("zh", "数字"), ("en", "numbers"), ("fr", "numbers")])
def test_in_the_rubrics_language(language, says):
    found = feedback(Rubric(RUBRIC.questions, language), CARD)
    assert any(says in line for line in found.suggestions)


def test_nothing_is_made_of_nothing():
    found = feedback(Rubric(()), Scorecard((), None, 0.0, (), "s"))
    assert not (found.dimensions or found.strengths or found.gaps or found.suggestions or found.questions)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["suggestion", "question"])
def test_there_are_words_for_everything_a_point_can_ask_for(language, kind):
    assert set(feedback_words(language)[kind]) == {*(facet.name for facet in cues().facets), "other"}
