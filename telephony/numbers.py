"""Telephone numbers as people write them, and the hours in which they may ring."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from models.errors import NumberRefused
from telephony import jurisdictions
from telephony.jurisdictions import CallingRules, Hours

STEP = timedelta(minutes=15)
"""Hours begin and end at quarters, in every zone there is."""
SEARCH = timedelta(days=2)
AHEAD = tuple(timedelta(days=days) for days in range(0, 366, 30))
"""When clocks are compared: over a year, since some countries turn theirs and others do not."""


def e164(written: str, region: str) -> str:
    """`written` as +14155550123. `region` (such as US or CN): where a number without + belongs.

    Raises NumberRefused when it is no number that exists.
    """
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise NumberRefused(
            f"{written!r} is not a telephone number: write it with its country, like +14155550123, or as it is dialled "
            f"within {region}"
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def may_ring(number: str, at: datetime, rules: CallingRules | None = None) -> bool:
    """Whether it is a fit hour to ring `number` (E.164), in every time zone where it may be. `at` has a time zone.

    `rules`: those that ship, unless given.
    """
    zones = _zones(phonenumbers.parse(number))
    hours = (rules or jurisdictions.load()).of(number).hours
    return bool(zones) and all(_within(at.astimezone(zone).time(), hours) for zone in zones)


def rings_until(number: str, at: datetime, rules: CallingRules | None = None) -> datetime:
    """Until when `number` may ring without a break, if it may ring at `at`; to the quarter of an hour, and at most two
    days."""
    until = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + STEP
    while until <= at + SEARCH and may_ring(number, until, rules):
        until += STEP
    return until


def next_opening(number: str, at: datetime, rules: CallingRules | None = None) -> datetime | None:
    """The next moment from `at` on at which `number` may ring; None when there is none, as for satellite phones."""
    moment = at
    while moment <= at + SEARCH:
        if may_ring(number, moment, rules):
            return moment
        moment = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0) + STEP
    return None


def zone(number: str, at: datetime) -> ZoneInfo | None:
    """The time zone of whoever has `number`; None where it may be one of several whose clocks will differ."""
    try:
        zones = _zones(phonenumbers.parse(number))
    except NumberParseException:
        return None
    clocks = {tuple((at + ahead).astimezone(zone).utcoffset() for ahead in AHEAD) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


def _zones(number: PhoneNumber) -> list[ZoneInfo]:
    """Where the number may be: a mobile's owner may be anywhere in its country, a satellite's anywhere at all."""
    names: Sequence[str] = time_zones_for_number(number)
    return [ZoneInfo(name) for name in names if name != UNKNOWN_TIMEZONE]


def _within(local: time, hours: Sequence[Hours]) -> bool:
    return any(stretch.start <= local < stretch.end for stretch in hours)
