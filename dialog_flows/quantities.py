"""Numbers and lengths of time in what a candidate says: "three and a half years", 一万五, 两年半. Pure.

text2num reads English number words and cn2an Chinese ones; what people add to them in speech is read here: "half a",
"a couple", 半. Of a range ("two or three", 两三) the first is taken: nobody is credited with more than they said.
"""

import re
from datetime import timedelta

import cn2an
from text_to_num import alpha2digit

MOST_CHARACTERS = 1000
"""What comes after is not looked at."""

_DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ENGLISH = re.compile(
    rf"(?P<digits>{_DIGITS})(?P<thousands> ?k\b)?(?P<and_half> and a half\b)?|\b(?P<couple>a couple)\b"
)
_CHINESE = re.compile(
    rf"(?:百分之)?(?:(?P<digits>{_DIGITS})(?P<unit>[百千万kK])?|"
    r"(?P<han>负?[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?)(?P<and_half>[个年]半)?)"
)
_CHINESE_UNITS = {"百": 100, "千": 1000, "k": 1000, "K": 1000, "万": 10_000}
_CHINESE_RANGE = re.compile(
    r"(一(?=二)|二(?=三)|两(?=三)|三(?=四)|四(?=五)|五(?=六)|六(?=七)|七(?=八)|八(?=九)).(?=[十百千万个年月周天小分])"
)

_YEAR, _MONTH = timedelta(days=365), timedelta(days=30)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_ENGLISH_LENGTH = re.compile(
    rf"(?:(?P<amount>{_DIGITS})(?P<and_half> and a half)?|(?P<half>half an?)|(?P<couple>a couple(?: of)?)|\ban?)\s?"
    r"(?P<unit>year|month|week|day|hour|minute|min)s?\b(?P<half_after> and a half)?"
)
_CHINESE_LENGTH = re.compile(
    rf"(?:(?P<amount>{_DIGITS}|[零一二两三四五六七八九十百]+)|(?P<half>半))[个多几]*(?P<and_half>半)?"
    r"(?P<unit>年|月|星期|礼拜|周|天|小时|钟头|分钟)(?P<half_after>半)?"
)
_LENGTHS = {
    **dict.fromkeys(("year", "年"), _YEAR),
    **dict.fromkeys(("month", "月"), _MONTH),
    **dict.fromkeys(("week", "星期", "礼拜", "周"), timedelta(weeks=1)),
    **dict.fromkeys(("day", "天"), timedelta(days=1)),
    **dict.fromkeys(("hour", "小时", "钟头"), _HOUR),
    **dict.fromkeys(("minute", "min", "分钟"), _MINUTE),
}
"""A year has 365 days and a month 30: who says "about two years" means no more than that."""


def number(text: str, language: str) -> float | None:
    """The first number in `text`, or None: "about three and a half" is 3.5, 一万二 is 12,000."""
    match = (_CHINESE if language == "zh" else _ENGLISH).search(_digits(text, language))
    if match is None:
        return None
    said = match.groupdict()
    if said.get("couple"):
        return 2.0
    try:
        value = _value(said["digits"] or said["han"])
    except ValueError:
        return None
    value *= 1000 if said.get("thousands") else _CHINESE_UNITS.get(said.get("unit") or "", 1)
    return value + (0.5 if said["and_half"] else 0.0)


def duration(text: str, language: str) -> timedelta | None:
    """The first length of time in `text`, or None: "half a year", "a couple of weeks", 三年半."""
    match = (_CHINESE_LENGTH if language == "zh" else _ENGLISH_LENGTH).search(_digits(text, language))
    if match is None:
        return None
    said = match.groupdict()
    try:
        amount = 0.5 if said["half"] else 2.0 if said.get("couple") else _value(said["amount"] or "1")
        amount += 0.5 if said["and_half"] or said["half_after"] else 0.0
        return amount * _LENGTHS[said["unit"]]
    except (ValueError, OverflowError):
        return None


def whole_number(words: str, language: str) -> int:
    """A whole number that stands alone: "3", "twenty five", "third", 二十五. Raises ValueError for anything else."""
    if language == "zh":
        return int(_value(words))
    return int(re.sub(r"(st|nd|rd|th)$", "", _digits(words.replace("-", " "), "en").strip()))


def _digits(text: str, language: str) -> str:
    text = text[:MOST_CHARACTERS].lower()
    if language == "zh":
        return _CHINESE_RANGE.sub(r"\1", text)
    return str(alpha2digit(text, "en", 0))


def _value(digits: str) -> float:
    """Raises ValueError when they make no number, such as 十百."""
    if digits[0].isascii():
        return float(digits.replace(",", ""))
    return float(cn2an.cn2an(digits.replace("〇", "零"), "smart"))
