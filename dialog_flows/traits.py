"""Finds what asks for a trait that must not decide about anybody: age, family, pregnancy, religion, health, origin…

What shows it is data (`library/<language>/phrases/protected.yaml`), read for both languages whatever the text's own.
Sources: US EEOC, "Prohibited Employment Policies/Practices" (pre-employment inquiries); China's Employment Promotion
Law, articles 26 to 31, and the notice of nine ministries of 18 February 2019, which bars questions about marriage and
children.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dialog_flows import phrases
from dialog_flows.schema import LANGUAGES

UNLESS = "unless"
LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Trait:
    name: str
    words: str
    """What in the text asks for it."""


def protected_traits(text: str) -> Iterator[Trait]:
    """The protected traits that `text` asks for."""
    for language in LANGUAGES:
        unless, signs = _signs(language)
        plain = unless.sub(" ", text)
        for name, sign in signs:
            if match := sign.search(plain):
                yield Trait(name, match[0][:LONGEST_QUOTE])


@cache
def _signs(language: str) -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    patterns = {
        name: re.compile("|".join(signs), re.IGNORECASE) for name, signs in phrases.read(language, "protected").items()
    }
    return patterns.pop(UNLESS), tuple(patterns.items())
