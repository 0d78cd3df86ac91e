"""The same said otherwise earns the same, and nothing but substance earns anything: in English and Mandarin."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.dialog import Answer, AnswerPart
from models.interview import Criterion, RubricQuestion
from models.speech import Utterance
from scoring.calibration import shipped
from scoring.embedder import UniversalSentenceEncoder
from scoring.rubric import score

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "unit" / "scoring" / "same_answers.yaml").read_text(encoding="utf-8")
)
MOST = 0.3
"""Of five points: less than that a reader would not see."""


@pytest.fixture(scope="module")
def encoder() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder().load()


@pytest.fixture(params=CASES, ids=lambda case: f"{case['language']}-{case['id']}")
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


def mark(case: dict[str, Any], text: str, encoder: UniversalSentenceEncoder) -> float:
    """The one criterion's score; 1 where nothing was assessed, so that losing the evidence shows."""
    question = RubricQuestion("q", case["question"], (Criterion("c", "c", tuple(case["points"]), 1.0),))
    utterance = Utterance(text, 0, 200 * len(text), language=case["language"])
    answer = Answer("q", case["question"], (AnswerPart(utterance),))
    (found,) = score(question, answer, encoder, shipped(encoder.name))
    return found.value or 1.0


FILLED = {
    "en": ((", ", ", um, "), (". I ", ". Uh, you know, I "), (". We ", ". Er, we "), (" and ", " and uh ")),
    "zh": (("，", "，嗯，"), ("我先", "呃我先"), ("然后", "然后就是说"), ("最后", "呃最后")),
}
PADDING = {
    "en": " Well, what else can I say, it is one of those things, you know how it goes, and there we are, as they say."
    * 3
    + " So yeah, that is basically how it was, and I think that is more or less what there is to say about it." * 3,
    "zh": "其实吧，怎么讲，反正事情嘛就是这样子，你也懂的，对不对，总的来说就是那么一回事。" * 3
    + "所以说呢，大概就是这么一个样子，我觉得差不多就是这么回事吧，也没有什么别的好说的了。" * 3,
}
KEYWORDS = {
    "en": " root cause logs metrics result number percent trade-off reason decision customer database tests alert",
    "zh": "。瓶颈 索引 日志 监控 数据 毫秒 取舍 理由 沟通 结果 模块 队列 验证 压测 教训",
}


def test_other_words_earn_the_same(case, encoder):
    assert mark(case, case["paraphrase"], encoder) == pytest.approx(mark(case, case["answer"], encoder), abs=MOST)


def test_words_heard_wrongly_cost_nothing(case, encoder):
    assert mark(case, case["misheard"], encoder) == pytest.approx(mark(case, case["answer"], encoder), abs=MOST)


def test_fillers_change_nothing(case, encoder):
    filled = case["answer"]
    for plain, hesitant in FILLED[case["language"]]:
        filled = filled.replace(plain, hesitant)
    assert filled != case["answer"]
    assert mark(case, filled, encoder) == pytest.approx(mark(case, case["answer"], encoder), abs=MOST)


def test_the_order_of_sentences_changes_nothing(case, encoder):
    end = "。" if case["language"] == "zh" else ". "
    turned = end.join(reversed(case["answer"].rstrip("。.").split(end))) + end.strip()
    assert mark(case, turned, encoder) == pytest.approx(mark(case, case["answer"], encoder), abs=MOST)


@pytest.mark.parametrize("said", ["answer", "partial"])
def test_padding_buys_nothing(case, said, encoder):
    padded = case[said] + PADDING[case["language"]]
    assert mark(case, padded, encoder) == pytest.approx(mark(case, case[said], encoder), abs=MOST)


@pytest.mark.parametrize("said", ["answer", "partial"])
def test_keywords_without_sense_buy_nothing(case, said, encoder):
    stuffed = case[said].rstrip("。") + KEYWORDS[case["language"]]
    assert mark(case, stuffed, encoder) <= mark(case, case[said], encoder) + MOST


@pytest.mark.parametrize("said", ["answer", "partial"])
def test_repeating_the_question_buys_nothing(case, said, encoder):
    parroted = f"{case['question']} {case[said]} {case['question']}"
    assert mark(case, parroted, encoder) <= mark(case, case[said], encoder) + MOST


def test_the_question_alone_is_no_answer(case, encoder):
    assert mark(case, f"{case['question']} {case['question']}", encoder) == 1.0


def test_saying_more_of_substance_earns_more(case, encoder):
    assert mark(case, case["answer"], encoder) >= mark(case, case["partial"], encoder) + 1
