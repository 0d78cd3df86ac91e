"""The numbers that an utterance names, in digits or in words, English or Chinese. Pure.

Of a range ("two or three", 两三) both ends are named, so that whoever needs one number knows that none was given.
"Less than two" is a little less than two.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {"k": 1000, "hundred": 100, "thousand": 1000, "million": 1_000_000}
ORDINALS = {
    word: ordinal
    for ordinal, word in enumerate("first second third fourth fifth sixth seventh eighth ninth".split(), 1)
} | {"twelfth": 12, "twentieth": 20, "thirtieth": 30}
NOT_A_NUMBER = re.compile(
    r"\b(the|this|that|which|no|any|every|each|some|another|last) one\b"
    r"|\bone (of|another|day|thing|who|that|more thing)\b"
    r"|[一](些|起|样|直|般|定|切|旦|下|边|方面|种|点|系列|遍)|第[一二三四五六七八九十]+|万一|统一|唯一|之一|十分|三番五次|四面八方"
    r"|百分之|几[十百千万]+|一半"
)
HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
HAN_PAIR = re.compile(
    r"(?<![零〇一二两俩三四五六七八九])([一二两三四五六七八九])([二三四五六七八九])(?![零〇一二两俩三四五六七八九])"
)
"""两三, 二三十, 十五六: two numbers in one breath."""
_WORD = "|".join((*UNITS, *TENS, *SCALES))
_AND_A_HALF = r"\s+and\s+a\s+half\b"
_LENGTH = (
    r"(?:(?:\s?\+|\splus|\sor\sso)?[\s-]*(?:more\s)?(?:year|month|week|day)s?\b|[个多几来]*(?:年|月|星期|礼拜|周|天))"
)
NUMBER = re.compile(
    r"(?:(?P<digits>\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?|\d{1,20}(?:\.\d{1,9})?)"
    r"(?:\s*(?P<scale>(?:k|hundred|thousand|million)\b|[百千万亿]))?"
    r"|(?P<han>[零〇一二两俩三四五六七八九十百千万亿]{1,20}(?:点[零一二三四五六七八九]{1,10})?)"
    rf"|\b(?!k\b)(?P<words>(?:{_WORD})(?:(?:\s+and)?[\s-]+(?:{_WORD})){{0,9}})\b"
    rf"(?:\s+point(?P<decimals>(?:\s+(?:{'|'.join(list(UNITS)[:10])})\b){{1,9}}))?"
    rf"|(?P<half>\bhalf\s+an?(?={_LENGTH})|(?<![上下前后])半(?={_LENGTH}))"
    rf"|(?P<one>\ban?)(?={_LENGTH}{_AND_A_HALF}))"
    rf"(?P<and_half>{_AND_A_HALF}|个半)?(?:(?P<length>{_LENGTH})(?P<half_after>{_AND_A_HALF}|半)?)?"
)
ONE_LENGTH = re.compile(rf"(?<!half )(?<!than )\ba (?:year|month)\b(?!{_AND_A_HALF})(?!\s(?:ago|old|later|before)\b)")
ASKED = re.compile(r"\b(?:how many|number of|in)\s+(year|month|week|day)s\b|[几少]个?(年|月|星期|礼拜|周|天)")
BELOW = re.compile(
    r"(?:\b(?:less|fewer|lower|shorter|smaller) than|\b(?:under|below|not even|not quite)"
    r"|不到|不足|少于|低于|没到|未满|没满)(?: about| around|大概)?\s*$"
)
NOT_REACHED = re.compile(r"\s*(?:都|还)?(?:不到|以下|以内|未满)")
"""Before and after a number that is not reached."""
MOST_BEFORE = 24
"""Characters of what may say so before the number."""
NO_LENGTH = re.compile(r"\s(?:ago|old|later|before)\b|[前级底初轻代后]")
"""After a length of time that lies somewhere rather than lasting."""
DAYS = {
    **dict.fromkeys(("year", "年"), 365.0),
    **dict.fromkeys(("month", "月"), 365 / 12),
    **dict.fromkeys(("week", "星期", "礼拜", "周"), 7.0),
    **dict.fromkeys(("day", "天"), 1.0),
}


def numbers(text: str, question: str = "") -> tuple[float, ...]:
    """In the order they are said: "two and a half years, before that 1,500 days" names 2.5 and 1500.

    Where `question` asks for years, months, weeks or days, lengths of time are given in these: "six months" in reply to
    "How many years?" names 0.5.
    """
    asked = ASKED.search(question.lower())
    wanted = DAYS[asked[1] or asked[2]] if asked else None
    text = _only_numbers(text)
    return tuple(
        _bounded(round(value * _days(match["length"]) / wanted, 6) if wanted and match["length"] else value, match)
        for match in NUMBER.finditer(text)
        for value in _values(match)
    )


@dataclass(frozen=True, slots=True)
class Lasting:
    """A length of time that is said."""

    start: int
    end: int
    """Where it stands in the text."""
    years: float


def lasting(text: str) -> Iterator[Lasting]:
    """How long something lasts, as it is said: "two and a half years", 半年, "six months". What is said to be less than
    a length says none, and of a range it is the shorter."""
    text = _only_numbers(text)
    for match in NUMBER.finditer(text):
        if match["length"] and not _not_reached(match) and not NO_LENGTH.match(text, match.end()):
            yield Lasting(match.start(), match.end(), round(min(_values(match)) * _days(match["length"]) / 365, 6))
    for match in ONE_LENGTH.finditer(text):
        yield Lasting(match.start(), match.end(), round(_days(match[0]) / 365, 6))


def _only_numbers(text: str) -> str:
    return NOT_A_NUMBER.sub(lambda match: " " * len(match[0]), text.lower())


def _not_reached(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - MOST_BEFORE) : match.start()]
    return bool(BELOW.search(before) or NOT_REACHED.match(match.string, match.end()))


def _bounded(value: float, match: re.Match[str]) -> float:
    """ "Less than two" is a little less than two, so that it is not at least two."""
    return math.nextafter(value, -math.inf) if _not_reached(match) else value


def whole_number(words: str) -> int:
    """The one whole number that `words` are: "3", "3rd", "twenty fifth", 二十五. Else ValueError."""
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", words.lower())
    *before, last = re.split(r"[\s-]", plain)
    ordinal = ORDINALS.get(last) or (UNITS.get(last.removesuffix("th")) if last.endswith("th") else None)
    if ordinal is not None:
        return ordinal + (whole_number(" ".join(before)) if before else 0)
    (value,) = numbers(plain)
    if not value.is_integer():
        raise ValueError(words)
    return int(value)


def _days(length: str) -> float:
    return next(days for unit, days in DAYS.items() if unit in length)


def _values(match: re.Match[str]) -> Iterator[float]:
    half = 0.5 if match["and_half"] or match["half_after"] else 0.0
    *ranged, last = _plain(match)
    yield from ranged
    yield last + half


def _plain(match: re.Match[str]) -> tuple[float, ...]:
    if digits := match["digits"]:
        scale = match["scale"] or ""
        return (float(digits.replace(",", "")) * SCALES.get(scale, HAN_SCALES.get(scale, 1)),)
    if han := match["han"]:
        return _han(han)
    if words := match["words"]:
        *before, last = _english(re.findall(r"\b(?!and\b)[a-z]+", words))
        decimals = "".join(str(UNITS[word]) for word in (match["decimals"] or "").split())
        return (*before, float(f"{last:.0f}.{decimals}"))
    return (0.5 if match["half"] else 1.0,)


def _english(words: list[str]) -> Iterator[float]:
    """ "twenty five" is one number, "two three" and "twenty fifteen" are two."""
    total = current = 0
    room = 1000
    for word in words:
        if word == "hundred":
            current, room = max(current, 1) * 100, 100
        elif word in SCALES:
            total, current, room = total + max(current, 1) * SCALES[word], 0, 1000
        else:
            value = UNITS.get(word, TENS.get(word, 0))
            if value >= room:
                yield float(total + current)
                total = current = 0
            current, room = current + value, 10 if word in TENS else 0
    yield float(total + current)


def _han(text: str) -> tuple[float, ...]:
    whole, _, decimals = text.partition("点")
    pair = HAN_PAIR.search(whole)
    if pair and (set(whole) & set(HAN_SCALES) or len(whole) == 2):
        before, after = whole[: pair.start()], whole[pair.end() :]
        return tuple(_han_whole(before + digit + after) for digit in pair.groups())
    value = _han_whole(whole)
    return (float(f"{value:.0f}.{''.join(str(HAN_DIGITS[digit]) for digit in decimals)}") if decimals else value,)


def _han_whole(text: str) -> float:
    """A digit that ends it counts in the scale below the one before it: 一万二 is 12,000, 一万零二 is 10,002."""
    if not set(text) & set(HAN_SCALES):
        return float("".join(str(HAN_DIGITS[digit]) for digit in text))
    total = section = digit = 0
    below = 1
    for sign in text:
        if sign in HAN_DIGITS:
            digit = HAN_DIGITS[sign]
            below = below if digit else 1
            continue
        below = HAN_SCALES[sign] // 10
        if HAN_SCALES[sign] >= 10_000:
            total, section, digit = (total + section + digit) * HAN_SCALES[sign], 0, 0
        else:
            section, digit = section + max(digit, 1) * HAN_SCALES[sign], 0
    return float(total + section + digit * below)
