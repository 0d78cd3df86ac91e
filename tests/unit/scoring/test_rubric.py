import pytest

from models.dialog import AnswerStatus
from models.interview import Criterion, RubricQuestion
from scoring.rubric import FIRM_EVIDENCE, score, unmet_criteria

GOOD = (
    "So I looked at the logs and the root cause turned out to be a full disk. "
    "After that the result was that the error rate fell from four to one percent, a good number."
)


def test_every_criterion_gets_a_score_in_the_rubrics_order(question, answer, embedder):
    scores = score(question, answer(GOOD), embedder)
    assert [(found.criterion_id, found.criterion, found.weight, found.must_have) for found in scores] == [
        ("diagnosis", "Diagnosis", 2.0, True),
        ("outcome", "Outcome", 1.0, False),
    ]
    assert all(found.value is not None and 1 < found.value <= 5 for found in scores)


def test_every_quote_is_verbatim_with_its_time_inside_its_utterance(question, answer, embedder):
    said = answer("It was last spring.", GOOD)
    found = [evidence for scored in score(question, said, embedder) for evidence in scored.evidence]
    assert found
    for evidence in found:
        assert any(
            evidence.quote in part.utterance.text
            and part.utterance.start_ms <= evidence.start_ms <= evidence.end_ms <= part.utterance.end_ms
            for part in said.parts
        )
        assert 0 < evidence.strength <= 1
        assert evidence.point in {point for criterion in question.criteria for point in criterion.points}


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "Um, uh.", "嗯。", "...", "I don't know, I can't remember."])
def test_nothing_said_is_not_assessed_and_never_zero(question, answer, embedder, text):
    for scored in score(question, answer(text), embedder):
        assert scored.value is None
        assert scored.evidence == ()


def test_unasked_and_skipped_questions_are_not_assessed(question, answer, embedder):
    for missing in (None, answer(), answer(GOOD, status=AnswerStatus.SKIPPED)):
        assert [scored.value for scored in score(question, missing, embedder)] == [None, None]
        assert unmet_criteria(question, missing, embedder) == ("diagnosis", "outcome")


def test_repeating_the_question_earns_nothing(question, answer, embedder):
    parrot = answer(
        "A production incident that I helped to solve. You want me to tell you about a production incident."
    )
    assert unmet_criteria(question, parrot, embedder) == ("diagnosis", "outcome")


def test_a_list_of_keywords_earns_nothing(question, answer, embedder):
    stuffed = answer("root cause found logs metrics result number percent outage error rate monitoring alert")
    assert unmet_criteria(question, stuffed, embedder) == ("diagnosis", "outcome")


def test_a_point_that_asks_for_a_number_wants_a_number(question, answer, embedder):
    without = answer("The root cause was found in the logs. In the end the result was a better error rate.")
    assert unmet_criteria(question, without, embedder) == ("outcome",)


def test_what_is_not_assessed_is_unmet_and_what_is_well_shown_is_not(question, answer, embedder):
    for text in (GOOD, "The root cause turned out to be the cache.", "I like hiking."):
        unmet = unmet_criteria(question, answer(text), embedder)
        for scored in score(question, answer(text), embedder):
            firmly = any(evidence.strength >= FIRM_EVIDENCE for evidence in scored.evidence)
            assert (scored.criterion_id in unmet) is not firmly


def test_the_value_grows_with_the_points_that_are_met(answer, embedder):
    question = RubricQuestion(
        "q", "What happened?", (Criterion("c", "C", ("says how the root cause was found", "gives a number"), 1.0),)
    )
    one = "I looked at the logs and found that the root cause was a full disk."
    both = one + " The error number fell to four."
    (less,), (more,) = score(question, answer(one), embedder), score(question, answer(both), embedder)
    assert less.value is not None and more.value is not None
    assert less.value < more.value


def test_saying_the_same_again_buys_nothing(question, answer, embedder):
    once = score(question, answer(GOOD), embedder)
    thrice = score(question, answer(GOOD, GOOD, GOOD), embedder)
    assert [scored.value for scored in once] == [scored.value for scored in thrice]


def test_the_same_answer_gets_the_same_scores(question, answer, embedder):
    assert score(question, answer(GOOD), embedder) == score(question, answer(GOOD), embedder)


@pytest.mark.parametrize("text", ["well so I did this " * 2_500, "我们就把系统拆成了几个服务" * 800, "😀 " * 5_000])
def test_very_long_answers_are_scored_all_the_same(question, answer, embedder, text):
    for scored in score(question, answer(text), embedder):
        assert scored.value is None or 1 <= scored.value <= 5


def test_a_criterion_without_points_and_a_question_without_criteria(answer, embedder):
    assert score(RubricQuestion("q", "Why?", ()), answer(GOOD), embedder) == ()
    empty = RubricQuestion("q", "Why?", (Criterion("c", "C", (), 1.0),))
    assert [scored.value for scored in score(empty, answer(GOOD), embedder)] == [None]
