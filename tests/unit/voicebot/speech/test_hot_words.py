import pytest

from voicebot.speech.hot_words import brings_in, prompt

HOT_WORDS = ("C++", "Go", "Redis", "load test", "支付")


@pytest.mark.parametrize(
    ("plain", "hinted"),
    [
        ("I used red is for that.", "I used Redis for that."),
        ("我用瑞迪斯做缓存", "我用Redis做缓存"),
        ("我们做了祝福服务", "我们做了支付服务"),
        ("We ran a low test.", "We ran a Load Test."),
        ("I write see plus plus.", "I write C++."),
    ],
)
def test_a_second_hearing_counts_where_it_has_a_hot_word_more(plain: str, hinted: str) -> None:
    assert brings_in(HOT_WORDS, hinted, plain)


@pytest.mark.parametrize(
    ("plain", "hinted"),
    [
        ("I used redis for that.", "I used Redis for it."),
        ("我下个月可以开始", "我下一个月可以开始"),
        ("A good job.", "A Google job."),
        ("I went there.", "I gone there."),
        ("Go on.", "GO on."),
        ("", ""),
    ],
)
def test_it_does_not_count_for_anything_else(plain: str, hinted: str) -> None:
    assert not brings_in(HOT_WORDS, hinted, plain)


def test_the_prompt_names_them_all_in_order() -> None:
    assert prompt(HOT_WORDS) == " C++, Go, Redis, load test, 支付"
