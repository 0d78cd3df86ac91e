"""Hours and quotas are data, strict unless an operator knowingly says otherwise."""

from datetime import UTC, datetime

import pytest

from models.call import Quota
from models.errors import UsageError
from telephony.jurisdictions import SHIPPED, load
from telephony.numbers import may_ring, next_opening, rings_until

BEIJING, BERLIN = "+8613800138000", "+493012345678"
NOON_IN_BEIJING = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_what_ships():
    china, germany = load().of(BEIJING), load().of(BERLIN)
    assert china.quotas == (Quota(5, 86_400), Quota(3, 300))
    assert germany == load().default
    assert load().of("reception") == load().default, "an extension on a PBX"


def test_an_operators_file_takes_the_place_of_whole_entries(tmp_path):
    own = tmp_path / "rules.yaml"
    own.write_text("86: {name: China, hours: ['00:00-24:00'], source: 'our counsel, 2026-11-01'}\n")
    rules = load(own)
    assert rules.of(BEIJING).quotas == ()
    assert rules.default == load().default
    assert not may_ring(BEIJING, NOON_IN_BEIJING)
    assert may_ring(BEIJING, NOON_IN_BEIJING, rules)
    assert next_opening(BEIJING, NOON_IN_BEIJING, rules) == NOON_IN_BEIJING
    assert (rings_until(BEIJING, NOON_IN_BEIJING, rules) - NOON_IN_BEIJING).days == 2, "and comes to an end"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("86: {name: China, hours: ['9-12'], source: x}", "09:00-12:00"),
        ("86: {name: China, hours: ['12:00-09:00'], source: x}", "end after they begin"),
        ("86: {name: China, hours: [], source: x}", "86.hours"),
        ("86: {name: China, hours: ['09:00-12:00'], qotas: [], source: x}", "86.qotas"),
        ("86: {name: China, hours: ['09:00-12:00'], quotas: [{calls: 0, within_minutes: 5}], source: x}", "calls"),
        ("cn: {name: China, hours: ['09:00-12:00'], source: x}", "cn"),
        ("- 86", "dictionary"),
        ("86: [", "no YAML"),
        ("\ud800", "cannot be read"),
    ],
)
def test_a_file_that_makes_no_sense_is_one_error_that_says_where(tmp_path, text, problem):
    own = tmp_path / "rules.yaml"
    own.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError) as refused:
        load(own)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_every_entry_says_what_it_rests_on():
    assert SHIPPED.read_text().count("source:") == SHIPPED.read_text().count("hours:")
