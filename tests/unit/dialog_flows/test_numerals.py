"""Numbers as people say them and as recognisers write them."""

import pytest

from dialog_flows.numerals import numbers


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
    ],
)
def test_numbers_in_order(text: str, named: tuple[float, ...]) -> None:
    assert numbers(text) == named


@pytest.mark.parametrize(
    "text", ["9" * 10_000, "一" * 10_000, "two " * 10_000, "万亿" * 5_000, "hundred " * 5_000, "一" + "亿" * 500]
)
def test_nonsense_is_survived(text: str) -> None:
    numbers(text)
