"""English as it is to be spoken, where espeak-ng's own reading was not understood when played back to a recogniser.

Only what measured wrong is here: years, prices, dates and most abbreviations are read right as they stand.
"""

import re

SPOKEN = {
    "CI/CD": "C I, C D",
    "I/O": "I O",
    "PostgreSQL": "post gress Q L",
    "Node.js": "Node J S",
    "C#": "C sharp",
}
"""Heard before: "CI slash CD", "I slash O", "Posker SQL", "No.js", "C hash"."""

_NAMES = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in SPOKEN))

_DIGITS = re.compile(r"\+?\(?\d+(?:[ )(-]{1,2}\d+)+|\+\d+")


def spoken_form(text: str) -> str:
    """`text` with technical names respelled, and telephone numbers digit by digit in their groups."""
    text = _NAMES.sub(lambda match: SPOKEN[match[0]], text)
    return _DIGITS.sub(lambda match: _digit_by_digit(match[0]), text)


def _digit_by_digit(number: str) -> str:
    """A telephone number spelt out: it has a plus, three groups, or a group that begins with 0. Others stay, and so do
    digits that somebody has set apart already: with a comma after each, two of nine numbers were misheard."""
    groups = re.findall(r"\d+", number)
    apart = all(len(group) == 1 for group in groups)
    if apart or not (number.startswith("+") or len(groups) > 2 or any(group.startswith("0") for group in groups)):
        return number
    return ("plus " if number.startswith("+") else "") + ", ".join(" ".join(group) for group in groups)
