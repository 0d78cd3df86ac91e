import pytest

from voicebot.speech.chinese_numbers import digit_by_digit, number


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ("0", "零"),
        ("10", "十"),
        ("15", "十五"),
        ("20", "二十"),
        ("101", "一百零一"),
        ("110", "一百一十"),
        ("200", "二百"),
        ("1001", "一千零一"),
        ("1010", "一千零一十"),
        ("2000", "两千"),
        ("10010", "一万零一十"),
        ("12000", "一万两千"),
        ("20000", "两万"),
        ("100000", "十万"),
        ("1200000", "一百二十万"),
        ("100000001", "一亿零一"),
        ("300000000", "三亿"),
        ("3.05", "三点零五"),
        ("0.5", "零点五"),
    ],
)
def test_numbers_are_read_as_quantities(figures: str, words: str) -> None:
    assert number(figures) == words


def test_what_is_too_long_for_a_quantity_is_read_digit_by_digit() -> None:
    assert number("1" * 17) == "一" * 17


def test_digits_are_read_one_after_the_other() -> None:
    assert digit_by_digit("2026") == "二零二六"
    assert digit_by_digit("01-9") == "零一九"
