"""How well 1,244 labelled replies are understood (see data/README.md), and those that must never be got wrong."""

import time
import zlib
from pathlib import Path

import pytest

from dialog_flows.meaning import Kind
from dialog_flows.understanding import understand
from models.dialog import Expects
from voicebot.measure import understanding

DATA = Path(__file__).parent / "data"
PARTS = ("dev", "heldout", "yes_no_dev", "yes_no_heldout")
GOOD_TIME = "Is now a good time for a few questions?"

MUST_BE_OPT_OUTS = {
    "en": [
        "Don't call me again.",
        "don't call me a gain",
        "dont cool me again",
        "Look, I've got a job, I'm tired of this, please don't ever call me again, okay?",
        "No. Stop calling me.",
        "I was just about to answer your question but you know what, take me off your list.",
        "Please remove my number from your list. I already told you that last week and the week before, and I do not "
        "want to hear from you any more. I have a job that I like and am not looking for anything, so stop calling me.",
        "STOP CALLING ME!!!",
        "Yes hello. Never call this number again, thank you.",
    ],
    "zh": [
        "别再打了",
        "别在打了",
        "我说了别再给我打电话了",
        "不要再打电话过来了,谢谢",
        "我已经有工作了,现在挺好的,也不打算换,你们以后不要再打过来了",
        "把我的号码删了",
        "請不要再打電話給我了",
        "别再大给我了",
    ],
}
MUST_BE_ANSWERS = {
    "en": [
        "I told the team don't call me again until the tests pass.",
        "Customers asked us to stop calling them, so I built a do not call list.",
        "We stop calling the API when it returns an error.",
        "I added a button to remove my number from the list.",
        "After that there were no more calls.",
        "They had to wait until customers would stop calling.",
        "The salary for tomorrow is what I would repeat.",
        "I would repeat the test tomorrow and then stop the service.",
        "I can start tomorrow after three.",
        "What did I do? I built the billing service and I was responsible for the database.",
        "I don't know the number by heart but the latency went down by half.",
        "My English is good enough, I wrote all of the documentation for the team.",
        "I asked them what do you mean by slow, and measured it.",
        "The robot could not hear the customers, so we made it louder.",
    ],
    "zh": [
        "客户说别再打电话了我们就改成发短信",
        "我们做了一个功能让用户可以退订",
        "我明天就可以到岗",
        "工资系统是我负责开发的",
        "我让他再说一遍需求然后我就明白了",
        "当时我停止了旧的服务,第二天下午三点以后再上线",
        "用户问多少钱我就给他报价",
        "在建",
        "机器人听不清楚用户说话所以我们换了识别引擎",
    ],
}


@pytest.mark.parametrize(("part", "misses"), [("dev", 20), ("heldout", 28), ("yes_no_dev", 6), ("yes_no_heldout", 17)])
def test_no_more_replies_are_misunderstood_than_before(part: str, misses: int) -> None:
    report = understanding.measure(understanding.load(DATA / f"{part}.csv"))
    missed = len(report.misses)
    assert missed <= misses


@pytest.mark.parametrize(("part", "most"), [("dev", 1), ("heldout", 2), ("yes_no_dev", 0), ("yes_no_heldout", 2)])
def test_what_is_no_yes_or_no_is_not_taken_for_one(part: str, most: int) -> None:
    report = understanding.measure(understanding.load(DATA / f"{part}.csv"))
    assert len([miss for miss in report.misses if miss.taken_for in (Kind.YES, Kind.NO)]) <= most


@pytest.mark.parametrize("part", PARTS)
def test_no_reply_is_taken_for_an_opt_out_that_is_none(part: str) -> None:
    report = understanding.measure(understanding.load(DATA / f"{part}.csv"))
    assert not [miss for miss in report.misses if miss.taken_for == Kind.OPT_OUT]


def test_the_parts_are_split_by_rule() -> None:
    for part, odd in zip(PARTS, (0, 1, 0, 1), strict=True):
        replies = understanding.load(DATA / f"{part}.csv")
        assert {zlib.crc32(reply.utterance.encode()) % 2 for reply in replies} == {odd}


def test_every_meaning_is_among_the_replies_in_both_languages() -> None:
    replies = [reply for part in ("dev", "heldout") for reply in understanding.load(DATA / f"{part}.csv")]
    labels = {language: {reply.label for reply in replies if reply.language == language} for language in ("en", "zh")}
    assert labels["en"] == set(Kind) - {Kind.SWITCH_TO_ENGLISH}
    assert labels["zh"] == set(Kind) - {Kind.SWITCH_TO_MANDARIN}


@pytest.mark.parametrize("expects", [Expects.OPEN, Expects.YES_NO, Expects.NUMBER])
@pytest.mark.parametrize(
    ("language", "said"), [(each, text) for each, texts in MUST_BE_OPT_OUTS.items() for text in texts]
)
def test_an_opt_out_is_never_missed(language: str, said: str, expects: Expects) -> None:
    assert understand(said, expects, language, GOOD_TIME).kind is Kind.OPT_OUT


@pytest.mark.parametrize("expects", [Expects.OPEN, Expects.SHORT])
@pytest.mark.parametrize(
    ("language", "said"), [(each, text) for each, texts in MUST_BE_ANSWERS.items() for text in texts]
)
def test_an_answer_is_never_thrown_away(language: str, said: str, expects: Expects) -> None:
    assert understand(said, expects, language, "What did you build?").kind is Kind.ANSWER


@pytest.mark.parametrize(
    ("language", "said", "kind"),
    [
        ("en", "I guess so", Kind.YES),
        ("en", "Yeah, that should be okay, I think.", Kind.YES),
        ("en", "not really", Kind.NO),
        ("en", "I don't think so", Kind.NO),
        ("en", "I'm afraid not.", Kind.NO),
        ("en", "Yes, I have one. " + "I got it when I was eighteen and drive every day. " * 6, Kind.YES),
        ("en", "Yes. " + "You can record the first part but please stop after that. " * 6, Kind.ANSWER),
        ("zh", "应该可以吧", Kind.YES),
        ("zh", "可疑", Kind.YES),
        ("zh", "不太方便", Kind.NO),
        ("zh", "恐怕不行", Kind.NO),
    ],
)
def test_a_hedged_yes_or_no(language: str, said: str, kind: Kind) -> None:
    assert understand(said, Expects.YES_NO, language).kind is kind


MIND = "Would you mind working night shifts?"
NOT_SO = "You don't have a licence, do you?"
WEEKENDS = "Would you be able to work on weekends?"


@pytest.mark.parametrize(
    ("asked", "said", "kind"),
    [
        (WEEKENDS, "No problem.", Kind.YES),
        (MIND, "No problem.", Kind.NO),
        (MIND, "That's fine.", Kind.NO),
        (MIND, "Not at all.", Kind.NO),
        (MIND, "I would, actually.", Kind.YES),
        (MIND, "Yes.", Kind.ANSWER),
        (NOT_SO, "That's right.", Kind.NO),
        (NOT_SO, "Actually I do.", Kind.YES),
        (NOT_SO, "Yes.", Kind.ANSWER),
        (WEEKENDS, "I don't live far away", Kind.ANSWER),
        (WEEKENDS, "I can't complain", Kind.ANSWER),
        (WEEKENDS, "No, unless it is paid double", Kind.ANSWER),
        (WEEKENDS, "Kind of", Kind.ANSWER),
        ("您介意偶尔加班吗?", "没问题", Kind.NO),
        ("您介意偶尔加班吗?", "介意", Kind.YES),
        ("您能接受周末上班吗?", "没问题", Kind.YES),
        ("您能接受周末上班吗?", "有事的话不行", Kind.ANSWER),
        ("您能接受周末上班吗?", "也许吧", Kind.ANSWER),
        ("您能接受周末上班吗?", "不是不行", Kind.ANSWER),
        ("您之后会换城市吗?", "应该不会", Kind.NO),
        ("您之后会换城市吗?", "还不清楚", Kind.SKIP),
        ("您会说英语吗?", "不会", Kind.NO),
        ("您没有叉车证,是吗?", "是的", Kind.NO),
        ("您没有叉车证,是吗?", "我有", Kind.YES),
    ],
)
def test_a_yes_or_no_depends_on_what_was_asked(asked: str, said: str, kind: Kind) -> None:
    language = "en" if asked.isascii() else "zh"
    assert understand(said, Expects.YES_NO, language, asked).kind is kind


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "I would like to know who listens to it."),
        ("en", "I have a question."),
        ("en", "I have never been recorded before."),
        ("en", "I can hear you now."),
        ("en", "Fine, but what for?"),
        ("zh", "录音干嘛用"),
        ("zh", "你录音干什么"),
        ("zh", "有一次我被录过"),
        ("zh", "我有个问题"),
        ("zh", "成本谁出"),
    ],
)
def test_only_a_plain_yes_permits_the_recording(language: str, said: str) -> None:
    asked = {"en": "Is it all right if I record our conversation?", "zh": "请问可以录音吗?"}[language]
    assert understand(said, Expects.YES_NO, language, asked).kind is not Kind.YES


@pytest.mark.parametrize(
    ("language", "said", "about_caller"),
    [
        ("en", "Who is this?", True),
        ("en", "Are you a robot?", True),
        ("en", "How much does it pay?", False),
        ("zh", "你是机器人吗", True),
        ("zh", "你们是哪家公司", True),
        ("zh", "年假有几天", False),
    ],
)
def test_who_is_calling_is_told_from_other_questions(language: str, said: str, about_caller: bool) -> None:
    meaning = understand(said, Expects.YES_NO, language, GOOD_TIME)
    assert (meaning.kind, meaning.about_caller) == (Kind.QUESTION, about_caller)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("expects", [Expects.OPEN, Expects.YES_NO])
@pytest.mark.parametrize(
    "said",
    [
        "could you repeat " * 667,
        "don't call me " * 700,
        "a, " * 2000,
        "what " * 2000,
        "tomorrow " * 2000,
        "再说" * 1000,
        "别再打" * 700,
        "我" * 40,
        "no " * 40,
        "😀" * 2000,
        "\x00\x1b[31m\u202e\ud800",
        "请问 could you 再说一遍 please 谢谢 " * 100,
        "~ * <time> ( ) [ ] |",
        "",
    ],
)
def test_hostile_words_take_milliseconds(language: str, expects: Expects, said: str) -> None:
    understand("", expects, language)  # reads its phrases
    begun = time.process_time()
    assert understand(said, expects, language, GOOD_TIME).kind in Kind
    assert time.process_time() - begun < 0.3, "some tens of milliseconds on an idle core"
