import numpy as np
import pytest

from scoring.features import COLUMNS, Item, features

QUESTION, REFERENCE = "What is a stack?", "The last element added is removed first."


def columns(embedder, answer: str, question: str = QUESTION, reference: str = REFERENCE) -> dict[str, float]:
    (row,) = features([Item(question, reference, answer)], embedder)
    return dict(zip(COLUMNS, row.tolist(), strict=True))


def test_an_answer_that_says_the_reference_has_all_of_it(embedder):
    found = columns(embedder, REFERENCE)
    for name in "span clauses covered covered_all close close_share on_topic phrase letters_3".split():
        assert found[name] == pytest.approx(1, abs=1e-5), name


def test_the_question_repeated_has_none_of_it(embedder):
    found = columns(embedder, QUESTION)
    assert found["covered"] == found["close"] == found["on_topic"] == 0
    assert found["residual"] == pytest.approx(0, abs=1e-6)


def test_what_the_question_gives_away_is_not_counted(embedder):
    given = columns(embedder, "element", question="Which element is removed?", reference="the element added last")
    own = columns(embedder, "added last", question="Which element is removed?", reference="the element added last")
    assert own["covered"] > given["covered"]


def test_misspelt_and_misheard_terms_are_near(embedder):
    assert columns(embedder, "the last elment aded")["close"] > columns(embedder, "a green mountain")["close"] + 0.2


@pytest.mark.parametrize(
    ("reference", "answer", "other"),
    [
        ("Any number of them.", "One", True),
        ("任意多个", "一个", True),
        ("Two of them.", "2", False),
        ("Many", "as many as you like", False),
        ("Two.", "I would say that there is one of them in each class and more", False),
        ("By reference.", "By reference", False),
    ],
)
def test_a_bare_quantity_that_is_another(embedder, reference, answer, other):
    assert bool(columns(embedder, answer, reference=reference)["other_quantity"]) is other


@pytest.mark.parametrize("answer", ["", "  ", "?", "Not answered", "n/a", "I don't know.", "不知道", "😀"])
def test_what_is_written_in_place_of_an_answer(embedder, answer):
    assert columns(embedder, answer)["nothing"] == 1


@pytest.mark.parametrize("answer", ["push", "No, it is a queue.", "nothing is removed before the last", "一个栈"])
def test_short_answers_are_answers(embedder, answer):
    assert columns(embedder, answer)["nothing"] == 0


@pytest.mark.parametrize(("answer", "negated"), [("it isn't", 1), ("它不是", 1), ("it is", 0), ("不过很好", 0)])
def test_negation(embedder, answer, negated):
    assert columns(embedder, answer)["negated"] == negated


@pytest.mark.parametrize(
    "text", ["", "word " * 10_000, "我" * 10_000, "push 和 pop 😀", "\ud800", "\x00", "12 345", "...", "a" * 5000]
)
def test_odd_texts_are_measured(embedder, text):
    for item in (Item(QUESTION, REFERENCE, text), Item(text, REFERENCE, "push"), Item(QUESTION, text, "push")):
        assert np.isfinite(features([item], embedder)).all()


def test_an_answer_does_not_depend_on_its_neighbours(embedder):
    items = [Item(QUESTION, REFERENCE, answer) for answer in ("the last one", "a queue", "")]
    together = features(items, embedder)
    alone = np.vstack([features([item], embedder) for item in items])
    assert together == pytest.approx(alone, abs=1e-5)
    assert features([], embedder).shape == (0, len(COLUMNS))
