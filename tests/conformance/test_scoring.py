"""The scorer with the encoder that ships: what moves a score, what does not and what is no evidence, in en and zh."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.dialog import Answer, AnswerPart
from models.interview import Criterion, Interview, Rubric, RubricQuestion
from models.speech import Utterance
from scoring.embedder import UniversalSentenceEncoder
from scoring.report import scorecard
from scoring.rubric import score

ANSWERS = Path(__file__).parents[1] / "unit" / "scoring" / "answers.yaml"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))["questions"]


@pytest.fixture(scope="module")
def encoder() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder().load()


def rubric_of(entry: dict[str, Any]) -> RubricQuestion:
    criteria = tuple(Criterion(c["id"], c["id"], tuple(c["points"]), 1.0) for c in entry["criteria"])
    return RubricQuestion(entry["id"], entry["question"], criteria)


def spoken(entry: dict[str, Any], text: str) -> Answer:
    utterance = Utterance(text, 1_000, 1_000 + 200 * len(text), language=entry["language"])
    return Answer(entry["id"], entry["question"], (AnswerPart(utterance),))


def values(entry: dict[str, Any], text: str, encoder: UniversalSentenceEncoder) -> list[float | None]:
    return [found.value for found in score(rubric_of(entry), spoken(entry, text), encoder)]


def mean(entry: dict[str, Any], text: str, encoder: UniversalSentenceEncoder) -> float:
    """The mean over the criteria; a criterion without evidence counts as 1, so that losing one shows."""
    found = values(entry, text, encoder)
    return sum(value or 1.0 for value in found) / len(found)


def question(name: str) -> dict[str, Any]:
    return next(entry for entry in QUESTIONS if entry["id"] == name)


def text_of(name: str, answer: str) -> str:
    return next(entry["text"] for entry in question(name)["answers"] if entry["id"] == answer)


def by_quality(*qualities: str) -> list[Any]:
    return [
        pytest.param(entry, answer["text"], id=f"{entry['id']}-{answer['id']}")
        for entry in QUESTIONS
        for answer in entry["answers"]
        if answer["quality"] in qualities
    ]


@pytest.mark.parametrize(("entry", "text"), by_quality("off_topic", "evasive", "parrot", "stuffing", "weak"))
def test_what_answers_nothing_is_not_assessed(entry, text, encoder):
    assert set(values(entry, text, encoder)) == {None}


@pytest.mark.parametrize(("entry", "text"), by_quality("strong"))
def test_good_answers_score_well_in_every_criterion(entry, text, encoder):
    assert all(value is not None and value >= 3.5 for value in values(entry, text, encoder))


@pytest.mark.parametrize("entry", QUESTIONS, ids=lambda entry: entry["id"])
def test_better_answers_score_higher(entry, encoder):
    marks: dict[str, list[float]] = {}
    for answer in entry["answers"]:
        marks.setdefault(answer["quality"], []).append(mean(entry, answer["text"], encoder))
    assert min(marks["strong"]) > max(marks["partial"]) > max(marks["weak"])


@pytest.mark.parametrize(("entry", "text"), by_quality("strong", "partial"))
def test_quotes_are_verbatim_and_lie_inside_the_utterance(entry, text, encoder):
    for found in score(rubric_of(entry), spoken(entry, text), encoder):
        for evidence in found.evidence:
            assert evidence.quote in text
            assert 1_000 <= evidence.start_ms < evidence.end_ms <= 1_000 + 200 * len(text)


PARAPHRASES = [
    (
        "incident",
        "strong_pool",
        "So in spring the checkout kept timing out at night. I went through the Jaeger traces and the database logs "
        "and noticed that all the connections in the pool were taken. It turned out a nightly batch job was the root "
        "cause, it kept its transactions open for minutes. I stopped that job and put it on a read replica. After that "
        "errors dropped from four percent to below 0.1 percent. And we introduced an alert for the pool and a "
        "statement timeout, so it can't happen again.",
    ),
    (
        "slow_query_zh",
        "strong_index",
        "去年我们查订单的接口很慢，我先翻了慢查询日志，再分析执行计划，发现少了一个联合索引，循环里还在一遍一遍查数据库。我自己补上索引，把循环换成批量查询，"
        "又加了缓存。优化之前要三秒多，优化之后大概两百毫秒。上线之后我们做了压测，又看了一个星期的监控，确认效果没问题。",
    ),
]


@pytest.mark.parametrize(("name", "answer", "text"), PARAPHRASES, ids=["en", "zh"])
def test_other_words_for_the_same_earn_the_same(name, answer, text, encoder):
    entry = question(name)
    assert mean(entry, text, encoder) == pytest.approx(mean(entry, text_of(name, answer), encoder), abs=0.3)


STRONG = by_quality("strong")


@pytest.mark.parametrize(("entry", "text"), STRONG)
def test_fillers_change_nothing(entry, text, encoder):
    filled = (
        text.replace("，", "，嗯，").replace("我先", "呃我先").replace("然后", "然后就是说")
        if entry["language"] == "zh"
        else text.replace(", ", ", um, ").replace(". I ", ". Uh, you know, I ").replace(" and ", " and um ")
    )
    assert mean(entry, filled, encoder) == pytest.approx(mean(entry, text, encoder), abs=0.3)


@pytest.mark.parametrize(("entry", "text"), STRONG)
def test_the_order_of_sentences_changes_little(entry, text, encoder):
    mark = "。" if entry["language"] == "zh" else ". "
    sentences = [sentence for sentence in text.rstrip("。. ").split(mark) if sentence]
    turned = mark.join(reversed(sentences)) + mark.strip()
    assert mean(entry, turned, encoder) == pytest.approx(mean(entry, text, encoder), abs=0.3)


PADDING = {
    "en": " So yeah, that is basically how it was, and I think that is more or less what there is to say about it." * 8,
    "zh": "所以说呢，大概就是这么一个样子，我觉得差不多就是这么回事吧，也没有什么别的好说的了。" * 8,
}


@pytest.mark.parametrize(("entry", "text"), by_quality("strong", "partial", "weak", "off_topic"))
def test_empty_words_buy_nothing(entry, text, encoder):
    padded = mean(entry, text + PADDING[entry["language"]], encoder)
    assert padded == pytest.approx(mean(entry, text, encoder), abs=0.3)


@pytest.mark.parametrize(("entry", "text"), by_quality("partial", "weak", "off_topic"))
def test_a_list_of_keywords_added_to_an_answer_buys_nothing(entry, text, encoder):
    keywords = {
        "en": " root cause logs metrics traces result number trade-off reason solution outcome customer percent alert",
        "zh": "。性能瓶颈 优化 数据 效果 验证 分歧 沟通 结果 日志 监控 压测 方案",
    }[entry["language"]]
    assert mean(entry, text + keywords, encoder) == pytest.approx(mean(entry, text, encoder), abs=0.3)


def test_a_good_answer_in_the_other_language_is_understood(encoder):
    assert mean(question("incident"), text_of("slow_query_zh", "strong_index"), encoder) >= 3
    assert mean(question("slow_query_zh"), text_of("incident", "strong_pool"), encoder) >= 3


def test_the_same_interview_gets_the_same_scorecard(encoder):
    rubric = Rubric(tuple(rubric_of(entry) for entry in QUESTIONS))
    answers = tuple(spoken(entry, entry["answers"][0]["text"]) for entry in QUESTIONS)
    interview = Interview("i", rubric, answers)
    first = scorecard(interview, encoder)
    assert scorecard(interview, UniversalSentenceEncoder()) == first
    assert first.overall is not None and first.assessed_weight == 1.0


REFUSALS = (
    "I don't know. | I don't really know, sorry. | Next question please. | Can you repeat that? | "
    "I'd rather not say. | Could you please repeat the question? | I would rather not answer that. | "
    "I won't answer that. | No comment. | "
    "I don't want to answer this question. | Sorry, I didn't catch that. | I don't understand the question. | Pass. | "
    "What do you mean by that? | Let me think. | I have nothing to say. | Can we move on to something else? | "
    "Skip this one. | I forgot.",
    "我不想回答这个问题 | 我不想回答。 | 这个不方便透露。 | 我拒绝回答。 | 无可奉告。 | 能不能换一个问题？ | "
    "下一个问题吧。 | 请再说一遍。 | 能再重复一下问题吗？ | 不好意思我没听清 | 没听懂。 | 让我想想。 | 我忘了。 | "
    "这个我答不上来。 | 跳过吧。 | 不知道。 | 这个问题我不想谈",
)


@pytest.mark.parametrize("entry", QUESTIONS, ids=lambda entry: entry["id"])
@pytest.mark.parametrize("refusals", REFUSALS, ids=["en", "zh"])
def test_who_refuses_or_asks_back_is_not_assessed(entry, refusals, encoder):
    for text in refusals.split(" | "):
        found = score(rubric_of(entry), spoken(entry, text), encoder)
        assert [one.value for one in found] == [None] * len(found), text
