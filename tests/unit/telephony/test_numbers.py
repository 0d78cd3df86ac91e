"""Numbers as people write them, and the hours in which they may ring."""

from datetime import UTC, datetime

import pytest

from models.errors import NumberRefused
from telephony.numbers import e164, may_ring, next_opening, rings_until, zone

BERLIN, NEW_YORK, BEIJING = "+493012345678", "+12125550123", "+8613800138000"
TOLL_FREE = "+18005550123"
SATELLITE = "+881612345678"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("+1 (415) 555-0123", "US", "+14155550123"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("415.555.0123", "US", "+14155550123"),
        ("138 0013 8000", "CN", BEIJING),
        ("+86 138-0013-8000", "US", BEIJING),
        ("030 12345678", "DE", BERLIN),
        ("＋１４１５５５５０１２３", "US", "+14155550123"),
    ],
)
def test_numbers_are_understood_as_people_write_them(written, region, number):
    assert e164(written, region) == number


@pytest.mark.parametrize("written", ["", "call me", "911", "+1", "+1415555012345678", "\x00", "１", "9" * 10_000, "📞"])
def test_what_is_no_number_is_refused_with_what_to_write(written):
    with pytest.raises(NumberRefused, match=r"\+14155550123"):
        e164(written, "US")


@pytest.mark.parametrize(
    ("number", "moment", "may"),
    [
        (NEW_YORK, "2026-11-23T12:59", False),  # 7:59 in New York
        (NEW_YORK, "2026-11-23T13:00", True),
        (NEW_YORK, "2026-11-24T01:59", True),  # 20:59
        (NEW_YORK, "2026-11-24T02:00", False),
        (NEW_YORK, "2026-07-01T12:00", True),  # 8:00, daylight saving
        (NEW_YORK, "2026-07-01T11:59", False),
        (BEIJING, "2026-11-23T00:59", False),  # 8:59 in Beijing
        (BEIJING, "2026-11-23T01:00", True),
        (BEIJING, "2026-11-23T04:00", False),  # noon
        (BEIJING, "2026-11-23T06:00", True),  # 14:00
        (BEIJING, "2026-11-23T12:00", False),  # 20:00
        (TOLL_FREE, "2026-11-23T13:00", False),  # 8:00 in New York, 3:00 in Honolulu
        (TOLL_FREE, "2026-11-23T22:30", True),
        (SATELLITE, "2026-11-23T15:00", False),
    ],
)
def test_a_number_rings_only_in_the_fit_hours_of_every_zone_where_it_may_be(number, moment, may):
    assert may_ring(number, at(moment)) is may


def test_the_next_opening():
    assert next_opening(NEW_YORK, at("2026-11-23T03:07")) == at("2026-11-23T13:00")
    assert next_opening(NEW_YORK, at("2026-11-23T15:07")) == at("2026-11-23T15:07")
    assert next_opening(BEIJING, at("2026-11-23T04:00")) == at("2026-11-23T06:00")
    assert next_opening(SATELLITE, at("2026-11-23T04:00")) is None


def test_until_when_a_number_may_ring():
    assert rings_until(BEIJING, at("2026-11-23T01:07")) == at("2026-11-23T04:00")
    assert rings_until(NEW_YORK, at("2026-11-24T01:59")) == at("2026-11-24T02:00")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("+14155550123", "America/Los_Angeles"),
        ("+8613800138000", "Asia/Shanghai"),
        ("+4915112345678", "Europe/Berlin"),
        ("+61412345678", None),
        ("+18005550100", None),
        ("+79161234567", None),
        ("+870776123456", None),
        ("not a number", None),
    ],
)
def test_a_zone_is_told_only_where_the_number_leaves_no_doubt(number: str, name: str | None) -> None:
    known = zone(number, datetime(2026, 7, 1, tzinfo=UTC))
    assert (known.key if known else None) == name


def test_zones_that_part_later_in_the_year_are_not_the_same() -> None:
    """Phoenix and Denver have one clock in winter."""
    assert zone("+19285550123", datetime(2026, 1, 10, tzinfo=UTC)) is not None
    assert zone("+18005550100", datetime(2026, 1, 10, tzinfo=UTC)) is None
