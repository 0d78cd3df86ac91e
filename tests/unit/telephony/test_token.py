import pytest

from models.errors import TokenRefused
from telephony import token

SECRET = b"k" * 32
NOW = 1_800_000_000.0


def test_a_token_names_its_attempt():
    assert token.verify(SECRET, token.mint(SECRET, "a1b2", NOW), NOW + 1) == "a1b2"


def test_a_token_is_good_for_five_minutes():
    minted = token.mint(SECRET, "a1b2", NOW)
    assert token.verify(SECRET, minted, NOW + 300)
    with pytest.raises(TokenRefused, match="expired"):
        token.verify(SECRET, minted, NOW + 301)


GOOD = token.mint(SECRET, "a1b2", NOW)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "..",
        "a1b2",
        "a1b2.9999999999",
        "a1b2.9999999999.",
        GOOD.replace("a1b2", "a1b3"),
        GOOD.replace(".1800000300.", ".1900000300."),
        GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"),
        GOOD + "0",
        GOOD.upper(),
        token.mint(b"another key", "a1b2", NOW),
        "é.1.ü",
    ],
)
def test_a_forged_token_is_refused(forged):
    with pytest.raises(TokenRefused, match="not signed"):
        token.verify(SECRET, forged, NOW)
