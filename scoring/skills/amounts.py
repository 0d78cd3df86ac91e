"""For how many years, and how well, a candidate says they can do something."""

import re
from datetime import date

from models.interview import SkillLevel
from models.numerals import lasting
from scoring.skills.claims import Claim
from scoring.skills.speech import speech

YEARS_WITHIN = 30
"""Characters between a skill and the years said with it, at most."""
MOST_YEARS = 60

_SINCE = re.compile(
    r"\bsince\s(?P<en>(?:19|20)\d\d)\b|(?P<zh>(?:19|20)\d\d)\s?年(?:就|开始|以来|起|到现在)", re.IGNORECASE
)


def years(claim: Claim, held_on: date | None) -> float | None:
    """The years said nearest to the skill in the same clause. "Since 2019" needs the interview's day."""
    text = claim.before + claim.name + claim.after
    start, end = len(claim.before), len(claim.before) + len(claim.name)
    nearest: tuple[int, float] | None = None
    said = [(length.start, length.end, length.years) for length in lasting(text)]
    if held_on:
        since = _SINCE.finditer(text)
        said += [(match.start(), match.end(), held_on.year - int(match["en"] or match["zh"])) for match in since]
    for begins, ends, count in said:
        gap = start - ends if ends <= start else begins - end
        if 0 <= count <= MOST_YEARS and 0 <= gap <= YEARS_WITHIN:
            nearest = min(nearest or (gap, count), (gap, count))
    return nearest[1] if nearest else None


def level(claim: Claim) -> SkillLevel | None:
    """How well they say they can do it, right before the name or right after it."""
    for each in speech().levels:
        if each.before.search(claim.before) or each.after.match(claim.after):
            return each.level
    return None
