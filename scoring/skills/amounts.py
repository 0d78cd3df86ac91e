"""For how many years, and how well, a candidate says they can do something."""

import re
from datetime import date

from models.interview import SkillLevel
from scoring.skills.claims import Claim
from scoring.skills.speech import speech

YEARS_WITHIN = 30
"""Characters between a skill and the years said with it, at most."""
MOST_YEARS = 60

_UP_TO_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty
"""
ENGLISH_NUMBERS = {word: number for number, word in enumerate(_UP_TO_TWENTY.split())} | {"a": 1, "thirty": 30}
_HAN_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_YEARS = re.compile(
    rf"""
    \b(?P<en>\d{{1,2}}(?:\.\d)?|{"|".join(ENGLISH_NUMBERS)})(?P<half_en>\sand\sa\shalf)?
    (?:\s?\+|\splus|\sor\sso)?[\s-](?:more\s)?years?(?P<half_after>\sand\sa\shalf)?\b(?!\s(?:ago|old|later|before))
    |
    (?<!\d)(?P<zh>\d{{1,2}}(?:\.\d)?|[一二两三四五六七八九]?十?[一二三四五六七八九]?|半)(?:多|几)?年(?P<half_zh>半)?(?![前级底初轻代后])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SINCE = re.compile(
    r"\bsince\s(?P<en>(?:19|20)\d\d)\b|(?P<zh>(?:19|20)\d\d)\s?年(?:就|开始|以来|起|到现在)", re.IGNORECASE
)


def years(claim: Claim, held_on: date | None) -> float | None:
    """The years said nearest to the skill in the same clause. "Since 2019" needs the interview's day."""
    text = claim.before + claim.name + claim.after
    start, end = len(claim.before), len(claim.before) + len(claim.name)
    nearest: tuple[int, float] | None = None
    said = [(match, _number(match)) for match in _YEARS.finditer(text)]
    if held_on:
        said += [(match, float(held_on.year - int(match["en"] or match["zh"]))) for match in _SINCE.finditer(text)]
    for match, count in said:
        gap = start - match.end() if match.end() <= start else match.start() - end
        if count is not None and 0 <= count <= MOST_YEARS and 0 <= gap <= YEARS_WITHIN:
            nearest = min(nearest or (gap, count), (gap, count))
    return nearest[1] if nearest else None


def level(claim: Claim) -> SkillLevel | None:
    """How well they say they can do it, right before the name or right after it."""
    for each in speech().levels:
        if each.before.search(claim.before) or each.after.match(claim.after):
            return each.level
    return None


def _number(match: re.Match[str]) -> float | None:
    half = 0.5 if match["half_en"] or match["half_after"] or match["half_zh"] else 0.0
    if english := match["en"]:
        word = english.lower()
        return (float(word) if word[0].isdigit() else float(ENGLISH_NUMBERS[word])) + half
    chinese = match["zh"]
    if not chinese:
        return None
    if chinese == "半":
        return 0.5
    if chinese[0].isdigit():
        return float(chinese) + half
    return han_number(chinese) + half


def whole_number(said: str) -> int:
    """A number below a hundred, or any in digits: 12, twelve, 十二."""
    if said.isdecimal():
        return int(said)
    return ENGLISH_NUMBERS.get(said.lower()) or han_number(said)


def han_number(chinese: str) -> int:
    """A number below a hundred in Han characters: 十二, 两, 三十."""
    tens, ten, ones = chinese.rpartition("十")
    return (_HAN_DIGITS.get(tens, 1) * 10 if ten else 0) + _HAN_DIGITS.get(ones, 0)
