"""Numbers as people say them and as recognisers write them."""

import pytest

from models.numerals import numbers, whole_number


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Seven.", (7,)),
        ("About 12 years", (12,)),
        ("twenty-five", (25,)),
        ("one hundred and twenty", (120,)),
        ("two thousand three hundred", (2300,)),
        ("two and a half years", (2.5,)),
        ("1,500 users and 3.5 days", (1500, 3.5)),
        ("3 million", (3_000_000,)),
        ("That was the one, and one of us left", ()),
        ("at first I was alone", ()),
        ("三年", (3,)),
        ("两年半", (2.5,)),
        ("十五个人", (15,)),
        ("一百二十", (120,)),
        ("三千零五", (3005,)),
        ("一万两千", (12_000,)),
        ("二〇二三年", (2023,)),
        ("三点五", (3.5,)),
        ("2万用户", (20_000,)),
        ("我们一起做了一些事", ()),
        ("第一次", ()),
        ("", ()),
        ("half a year", (0.5,)),
        ("a year and a half", (1.5,)),
        ("two years and a half", (2.5,)),
        ("2 and a half", (2.5,)),
        ("60 thousand a year", (60_000,)),
        ("fifty five k", (55_000,)),
        ("65k", (65_000,)),
        ("K, fine", ()),
        ("five point five", (5.5,)),
        ("a hundred and twenty", (120,)),
        ("two or three", (2, 3)),
        ("two three years", (2, 3)),
        ("twenty fifteen", (20, 15)),
        ("半年", (0.5,)),
        ("半个月", (0.5,)),
        ("三年半", (3.5,)),
        ("一个半月", (1.5,)),
        ("下半年", ()),
        ("一半", ()),
        ("大概两三年吧", (2, 3)),
        ("二三十个", (20, 30)),
        ("十五六年", (15, 16)),
        ("几十个", ()),
        ("十几年", (10,)),
        ("一万二左右", (12_000,)),
        ("一百二", (120,)),
        ("一万零二", (10_002,)),
        ("1.5万", (15_000,)),
        ("百分之二十", (20,)),
    ],
)
def test_numbers_in_order(text: str, named: tuple[float, ...]) -> None:
    assert numbers(text) == named


@pytest.mark.parametrize(
    "text", ["9" * 10_000, "一" * 10_000, "two " * 10_000, "万亿" * 5_000, "hundred " * 5_000, "一" + "亿" * 500]
)
def test_nonsense_is_survived(text: str) -> None:
    numbers(text)


@pytest.mark.parametrize(
    ("question", "said", "named"),
    [
        ("How many years have you worked here?", "six months", (0.5,)),
        ("How many years have you worked here?", "eighteen months", (1.5,)),
        ("How many years have you worked here?", "three", (3,)),
        ("How many years have you worked here?", "half a year", (0.5,)),
        ("Your notice period in weeks?", "two months", (60.833333 / 7,)),
        ("How many months?", "a year and a half", (18,)),
        ("How much do you earn in a month?", "5 years ago it was less", (5,)),
        ("您做了几年?", "六个月", (0.5,)),
        ("您做了几年?", "三年半", (3.5,)),
        ("您做了多少个月?", "半年", (6,)),
        ("您做了多少个月?", "两三年", (24, 36)),
        ("您带过几个人?", "六个月带了三个", (6, 3)),
    ],
)
def test_lengths_of_time_in_what_was_asked_for(question: str, said: str, named: tuple[float, ...]) -> None:
    assert numbers(said, question) == pytest.approx(named, abs=1e-5)


ORDINALS = {"3rd": 3, "ninth": 9, "twelfth": 12, "thirteenth": 13, "thirtieth": 30, "thirty first": 31}


@pytest.mark.parametrize(
    ("words", "value"),
    [("7", 7), ("twenty-five", 25), ("二十五", 25), ("十", 10), ("两", 2), *ORDINALS.items()],
)
def test_a_whole_number(words: str, value: int) -> None:
    assert whole_number(words) == value


@pytest.mark.parametrize("words", ["many", "", "two or three", "2.5", "两三", "month"])
def test_no_whole_number(words: str) -> None:
    with pytest.raises(ValueError):
        whole_number(words)


@pytest.mark.parametrize(
    "text", ["less than two", "Not even two years", "under 2", "不到两年", "两年不到", "未满两年", "2年以下"]
)
def test_what_is_not_reached_is_less(text: str) -> None:
    (value,) = numbers(text)
    assert 1.9 < value < 2


@pytest.mark.parametrize("text", ["more than two", "at least two years", "两年多", "超过两年", "almost two years"])
def test_what_is_reached_or_nearly_is_the_number(text: str) -> None:
    assert numbers(text) == (2,)
