"""When a candidate can be reached, as they say it: "tomorrow after three", 下周二上午. Pure: now is passed in.

The expressions are data (`library/<language>/phrases/when.yaml`). dateparser 1.5 takes "tomorrow after three" for this
time tomorrow and knows none of the Chinese forms, recognizers-text is not kept any more, jionlp brings 190 MB.

Where the words leave something open, it is read as people mean it when they make an appointment:
- A clock time without morning or evening lies between 8:00 and 19:59, and in the future.
- A day stands for the hours from 9:00 to 21:00, a part of the day for those it lasts.
- A weekday is the next one to come; with "next" or 下 it is that of the following week, Monday to Sunday.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from dialog_flows import phrases
from models.dialog import TimeWindow
from models.numerals import whole_number

MOST_CHARACTERS = 400
"""More than anybody needs to name a time; what comes after is not looked at."""
SHORTEST_WAIT = timedelta(minutes=5)
""""Give me a minute" asks for patience, not for another call."""
FROM_HOUR, TO_HOUR = 9, 21
FEW = 3
UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "months": timedelta(days=30),
}
VALUED = ("day", "weekday", "week", "month", "part")
"""Parts whose expression says their value."""
PLAIN = ("after", "before", "at")
READ = ("date", "clock", "hour", "relative")
"""Parts whose value stands in the words."""


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    match: re.Match[str]
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Words that name a time."""

    start: int
    end: int
    """Where they stand in the text that was searched."""
    parts: Mapping[str, _Part]
    language: str

    def window(self, now: datetime) -> TimeWindow | None:
        """The time it stands for, in the time zone of `now`; None where there is no such time, or it has passed."""
        try:
            return self._after_wait(now) if "relative" in self.parts else self._on_day(now)
        except (ValueError, OverflowError):
            return None

    def _after_wait(self, now: datetime) -> TimeWindow:
        start = (now.astimezone(UTC) + _wait(self.parts["relative"].match)).astimezone(now.tzinfo)
        return TimeWindow(start, None)

    def _on_day(self, now: datetime) -> TimeWindow | None:
        clock = self._clock()
        part = self.parts.get("part")
        from_hour, to_hour = part.values if part else (FROM_HOUR, TO_HOUR)
        first, last = self._days(now.date())
        if _at(now, last, clock or time(to_hour)) <= now:  # it has passed
            if not self._says_day:
                first = last = first + timedelta(days=1)
            elif clock and clock.hour < 12 and not part:
                clock = clock.replace(hour=clock.hour + 12)
        starts, ends = _at(now, first, time(from_hour)), _at(now, last, time(to_hour))
        if "before" in self.parts and (clock or part):
            starts, ends = _at(now, first, time(FROM_HOUR)), _at(now, first, clock or time(from_hour))
        elif clock:
            exact = _at(now, first, clock)
            if "after" not in self.parts or ends <= exact:
                return TimeWindow(exact, None) if exact > now else None
            starts = exact
        return TimeWindow(min(max(starts, now), ends), ends) if ends > now else None

    @property
    def _says_day(self) -> bool:
        return bool({"day", "weekday", "week", "month", "date"} & set(self.parts))

    def _days(self, today: date) -> tuple[date, date]:
        """The first day it may be, and the last."""
        if "date" in self.parts:
            day = self._date(today)
        elif "weekday" in self.parts:
            weekday = self.parts["weekday"].values[0]
            if "week" in self.parts:
                day = _monday(today) + timedelta(weeks=self.parts["week"].values[0], days=weekday)
            else:
                day = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        elif "week" in self.parts:
            monday = _monday(today) + timedelta(weeks=self.parts["week"].values[0])
            return max(monday, today), monday + timedelta(days=4)
        elif "month" in self.parts:
            first = _month_later(today, self.parts["month"].values[0])
            return max(first, today), _month_later(first, 1) - timedelta(days=1)
        else:
            day = today + timedelta(days=self.parts["day"].values[0] if "day" in self.parts else 0)
        return day, day

    def _date(self, today: date) -> date:
        named = self.parts["date"].match.groupdict()
        day = whole_number(named["day"])
        if "month" in self.parts:
            return _month_later(today, self.parts["month"].values[0]).replace(day=day)
        if not named.get("month"):
            this = _month_later(today, 0)
            return this.replace(day=day) if day >= today.day else _month_later(today, 1).replace(day=day)
        months = _grammar(self.language).months
        month = months.index(named["month"]) + 1 if months else whole_number(named["month"])
        this_year = today.replace(month=month, day=day)
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)

    def _clock(self) -> time | None:
        said = self.parts.get("clock") or self.parts.get("hour")
        if said is None:
            return None
        named = said.match.groupdict()
        hour = whole_number(named["hour"])
        minute = whole_number(named["minute"]) if named.get("minute") else 0
        minute += 30 * bool(named.get("half")) + 15 * bool(named.get("quarter"))
        if named.get("to"):
            hour, minute = hour - 1, 45
        part = self.parts.get("part")
        late = named.get("pm") or (part.values[1] > 13 if part else hour < 8 and not named.get("am"))
        if late and hour < 12:
            hour += 12
        elif named.get("am") and hour == 12:
            hour = 0
        return time(hour, minute)


def when(text: str, language: str, now: datetime) -> TimeWindow | None:
    """The time that `text` names first, in the time zone of `now`; None where it names none."""
    windows = (moment.window(now) for moment in moments(text, language))
    return next((window for window in windows if window is not None), None)


def names_time(text: str, language: str) -> bool:
    """Whether `text` names any time at all."""
    return any(True for _ in moments(text, language))


def moments(text: str, language: str) -> Iterator[Moment]:
    """Every time that is named in `text`, in order; its places are those in `plain(text)`."""
    grammar = _grammar(language)
    text = plain(text)[:MOST_CHARACTERS]
    position = 0
    while position < len(text):
        parts = tuple(grammar.parts(text, position))
        end = parts[-1].match.end() if parts else position
        if parts and _is_moment(parts):
            by_name = {part.name: part for part in reversed(parts)}  # the first of a kind wins
            yield Moment(position, end, by_name, language)
        position = max(position + 1, end)


def plain(text: str) -> str:
    """Small letters without apostrophes, as the expressions have them."""
    return re.sub("['’‘`]", "", text.lower())


def _is_moment(parts: tuple[_Part, ...]) -> bool:
    names = {part.name for part in parts}
    if "relative" in names:
        waits = (_wait(part.match) for part in parts if part.name == "relative")
        return all(wait >= SHORTEST_WAIT for wait in waits)
    return bool(names - {"hour", *PLAIN}) or ("hour" in names and len(names) > 1)


def _wait(match: re.Match[str]) -> timedelta:
    named = match.groupdict()
    unit = next(span for name, span in UNITS.items() if named.get(name))
    if named.get("half"):
        return unit / 2
    amount = whole_number(named["amount"]) if named.get("amount") else 1
    amount = FEW if named.get("few") else 2 if named.get("couple") else amount
    return unit * amount + (unit / 2 if named.get("and_half") else timedelta())


def _at(now: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, now.tzinfo)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


@dataclass(frozen=True, slots=True)
class _Grammar:
    expressions: tuple[tuple[str, re.Pattern[str], tuple[int, ...]], ...]
    between: re.Pattern[str]
    months: tuple[str, ...]

    def parts(self, text: str, position: int) -> Iterator[_Part]:
        """The parts of one time, from `position` on."""
        part = self._part(text, position)
        while part is not None and part.match.end() > position - 1:
            yield part
            gap = self.between.match(text, part.match.end())
            part = self._part(text, gap.end() if gap else part.match.end())

    def _part(self, text: str, position: int) -> _Part | None:
        """The longest part that begins at `position`."""
        found = (
            _Part(name, match, values)
            for name, expression, values in self.expressions
            if (match := expression.match(text, position))
        )
        return max(found, key=lambda part: part.match.end(), default=None)


@cache
def _words(language: str) -> Mapping[str, str]:
    """The expressions that others name in braces."""
    words: dict[str, str] = {}
    for name, expression in phrases.read(language, "when")["words"].items():
        words[name] = f"(?:{_filled(expression, words)})"
    return words


def compiled_for(language: str, expression: str) -> re.Pattern[str]:
    """An expression in which the words of `when.yaml` stand in braces."""
    return re.compile(_filled(expression, _words(language)))


@cache
def _grammar(language: str) -> _Grammar:
    data = phrases.read(language, "when")

    def compiled(expression: str) -> re.Pattern[str]:
        return compiled_for(language, expression)

    months = data["words"].get("month", "")
    return _Grammar(
        expressions=(
            *((name, compiled(each[0]), tuple(map(int, each[1:]))) for name in VALUED for each in data[name]),
            *((name, compiled(data[name]), ()) for name in PLAIN),
            *((name, compiled(each), ()) for name in READ for each in data[name]),
        ),
        between=compiled(data["between"]),
        months=tuple(months.split("|")) if months else (),
    )


def _filled(expression: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda match: words[match[1]], expression)
