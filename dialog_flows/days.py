"""The day that somebody names for a beginning: "next Monday", "four weeks' notice", 下个月初. Pure: today is passed in.

`when` reads appointments, this reads dates, and takes its times as days. Where words leave the day open, a month stands
for its first day, its middle for the 15th and its end for its last; a length of time counts from the day it is said.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from dialog_flows import phrases
from dialog_flows.when import FEW, MOST_CHARACTERS, UNITS, compiled_for, moments, plain
from models.numerals import whole_number

LONGEST = timedelta(days=3 * 365)
"""Nobody names a start that is further away."""
MIDDLE_DAY = 15
MONTHS = 31
"""Days in the longest month."""

LIMIT = re.compile(r"(?P<amount>\d{1,3}) (?P<unit>day|week|month)s?")
"""A limit of the flow that counts from the day of the call: "4 weeks"."""


def days(text: str, language: str, today: date) -> tuple[date, ...]:
    """Each day that `text` names, once, in the order they are said; said on `today`."""
    text = plain(text)[:MOST_CHARACTERS]
    found: dict[int, date] = {}
    for kind, expression in _expressions(language):
        for match in expression.finditer(text):
            day = _day(kind, match, today, language)
            if day is not None and today <= day <= today + LONGEST:
                found[match.start()] = day
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    midnight = datetime.combine(today, time(), UTC)
    for moment in moments(text, language):
        if (window := moment.window(midnight)) is not None:
            found[moment.start] = window.earliest.date()
    return tuple(dict.fromkeys(day for _, day in sorted(found.items())))


def limit(written: str, today: date) -> date:
    """The day that a flow means: one by itself, such as 2027-03-01, or "4 weeks" from `today` on. Raises ValueError."""
    if (length := LIMIT.fullmatch(written)) is None:
        return date.fromisoformat(written)
    amount = int(length["amount"])
    if length["unit"] == "month":
        return _later(today, amount)
    return today + timedelta(days=amount * (7 if length["unit"] == "week" else 1))


def _later(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    return _within(day.year + years, month + 1, day.day)


def _within(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _day(kind: str, match: re.Match[str], today: date, language: str) -> date | None:
    try:
        if kind == "now":
            return today
        if kind == "iso":
            return date.fromisoformat(match["iso"])
        return _in_month(match, today, language) if kind == "months" else _after(match, today)
    except ValueError:
        return None


def _after(match: re.Match[str], today: date) -> date:
    """ "Two weeks" and "a month and a half" from today; whole months go by the calendar."""
    named = match.groupdict()
    unit = next(length for name, length in UNITS.items() if named.get(name))
    if named.get("half_one"):
        return today + unit / 2
    amount = named.get("amount") or named.get("amount_of")
    some = FEW if named.get("few") or named.get("few_of") else 2 if named.get("couple") else 1
    count = whole_number(amount) if amount else some
    if named.get("months") and not named.get("half"):
        return _later(today, count)
    return today + count * unit + (unit / 2 if named.get("half") else timedelta())


def _in_month(match: re.Match[str], today: date, language: str) -> date:
    named = match.groupdict()
    if named.get("next") or named.get("this"):
        first = _later(today.replace(day=1), 1 if named.get("next") else 0)
    else:
        month = _month(match["month"], language)
        year = int(named["year"]) if named.get("year") else today.year + bool(named.get("next_year"))
        first = date(year, month, 1)
        if not (named.get("year") or named.get("next_year")) and month < today.month:
            first = date(year + 1, month, 1)
    if named.get("day"):
        return first.replace(day=whole_number(named["day"] or ""))
    if named.get("middle"):
        return first.replace(day=MIDDLE_DAY)
    if named.get("late"):
        return _within(first.year, first.month, MONTHS)
    return max(first, today) if (first.year, first.month) == (today.year, today.month) else first


def _month(name: str, language: str) -> int:
    names = phrases.read(language, "when")["words"].get("month", "").split("|")
    return names.index(name) + 1 if name in names else whole_number(name)


@cache
def _expressions(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = phrases.read(language, "days")
    written: Iterator[tuple[str, str]] = (
        (kind, text) for kind, texts in data.items() for text in (texts if isinstance(texts, list) else [texts])
    )
    return tuple((kind, compiled_for(language, text)) for kind, text in written)
