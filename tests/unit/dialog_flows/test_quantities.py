"""Numbers and lengths of time, as people say them."""

from datetime import timedelta

import pytest

from dialog_flows.quantities import duration, number, whole_number

NUMBERS = {
    "en": {
        "about three and a half years": 3.5,
        "Sixty-five thousand a year": 65_000,
        "fifty five k": 55_000,
        "1,200 users": 1200,
        "one or two": 1,
        "a couple of weeks": 2,
        "zero": 0,
        "five point five": 5.5,
        "a hundred and twenty": 120,
        "I don't know": None,
        "": None,
    },
    "zh": {
        "三年半": 3.5,
        "大概两三年吧": 2,
        "一万二左右": 12_000,
        "1.5万": 15_000,
        "二十几个人": 20,
        "二三十个": 20,
        "百分之二十": 20,
        "五千三": 5300,
        "零": 0,
        "十百": None,
        "没有": None,
        "": None,
    },
}
DURATIONS = {
    "en": {
        "two years": timedelta(days=730),
        "half a year": timedelta(days=182.5),
        "a couple of weeks": timedelta(weeks=2),
        "two weeks, maybe three": timedelta(weeks=2),
        "one and a half months": timedelta(days=45),
        "a year and a half": timedelta(days=547.5),
        "twenty minutes": timedelta(minutes=20),
        "immediately": None,
        "9" * 400 + " years": None,
    },
    "zh": {
        "三年半": timedelta(days=1277.5),
        "一个半月": timedelta(days=45),
        "半年": timedelta(days=182.5),
        "十几年": timedelta(days=3650),
        "两个星期": timedelta(weeks=2),
        "5年多": timedelta(days=1825),
        "二十分钟": timedelta(minutes=20),
        "随时": None,
    },
}


@pytest.mark.parametrize(
    ("language", "said", "value"), [(language, *case) for language, cases in NUMBERS.items() for case in cases.items()]
)
def test_the_first_number(language: str, said: str, value: float | None) -> None:
    assert number(said, language) == value


@pytest.mark.parametrize(
    ("language", "said", "length"),
    [(language, *case) for language, cases in DURATIONS.items() for case in cases.items()],
)
def test_the_first_length_of_time(language: str, said: str, length: timedelta | None) -> None:
    assert duration(said, language) == length


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [("en", "twenty-five", 25), ("en", "3rd", 3), ("en", "ninth", 9), ("zh", "二十五", 25)],
)
def test_a_whole_number(language: str, words: str, value: int) -> None:
    assert whole_number(words, language) == value


@pytest.mark.parametrize(("language", "words"), [("en", "many"), ("zh", "十百"), ("en", "")])
def test_no_whole_number(language: str, words: str) -> None:
    with pytest.raises(ValueError):
        whole_number(words, language)
