"""Phrase patterns over words.

`(a|b)` is a choice, `[a|b]` a choice that may be left out, `~` one to four words of the question, `*` one to ten words
whatever they are, `<time>` a time somebody named.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

ECHO, ANY, TIME = "~", "*", "<time>"
MOST = {ECHO: 4, ANY: 10}
"""How many words the two stand for at most."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: "tuple[Pattern, ...]"
    optional: bool


Pattern = tuple[str | Choice, ...]
"""What follows what: words, echoes and choices."""


def parse(text: str, words: Callable[[str], Words]) -> Pattern:
    """The pattern that `text` describes; `words` splits plain text. Raises ValueError when a bracket is amiss."""
    tokens = re.findall(rf"{TIME}|[()\[\]|~*]|(?:(?!{TIME})[^()\[\]|~*])+", text)
    options, rest = _options(tokens, words)
    if rest or len(options) != 1:
        raise ValueError(f"a bracket is amiss in the phrase {text!r}")
    return options[0]


def _options(tokens: list[str], words: Callable[[str], Words]) -> tuple[tuple[Pattern, ...], list[str]]:
    """The alternatives up to the closing bracket, and the tokens from that bracket on."""
    options: list[list[str | Choice]] = [[]]
    while tokens and tokens[0] not in (")", "]"):
        token, *tokens = tokens
        if token == "|":
            options.append([])
        elif token in ("(", "["):
            inner, tokens = _options(tokens, words)
            if not tokens or tokens[0] != {"(": ")", "[": "]"}[token]:
                raise ValueError(f"a {token} is not closed in a phrase")
            options[-1].append(Choice(inner, optional=token == "["))
            tokens = tokens[1:]
        else:
            options[-1].extend((token,) if token in (ECHO, ANY, TIME) else words(token))
    return tuple(tuple(option) for option in options), tokens


def first_words(pattern: Pattern) -> frozenset[str]:
    """The words, or the echo, that a match can begin with."""
    first: set[str] = set()
    for part in pattern:
        if isinstance(part, str):
            return frozenset(first | {part})
        for option in part.options:
            first |= first_words(option)
        if not part.optional and all(part.options):
            return frozenset(first)
    return frozenset(first)


def has(pattern: Pattern, symbol: str) -> bool:
    """Whether ECHO, ANY or a word stands anywhere in the pattern."""
    return any(
        part == symbol if isinstance(part, str) else any(has(option, symbol) for option in part.options)
        for part in pattern
    )


def longest(pattern: Pattern, words: Words, start: int, echo: frozenset[str]) -> int:
    """How many words from `start` on the pattern can account for; 0 when it does not match."""
    return max(_ends(pattern, words, {start}, echo), default=start) - start


def _ends(pattern: Pattern, words: Words, starts: set[int], echo: frozenset[str]) -> set[int]:
    ends = starts
    for part in pattern:
        if isinstance(part, Choice):
            found = set(ends) if part.optional else set()
            for option in part.options:
                found |= _ends(option, words, ends, echo)
        elif part in MOST:
            found = {end for begin in ends for end in _wild_ends(part, words, begin, echo)}
        else:
            found = {begin + 1 for begin in ends if begin < len(words) and words[begin] == part}
        if not found:
            return found
        ends = found
    return ends


def _wild_ends(symbol: str, words: Words, begin: int, echo: frozenset[str]) -> range:
    end = begin
    while end < min(len(words), begin + MOST[symbol]) and (symbol == ANY or words[end] in echo):
        end += 1
    return range(begin + 1, end + 1)
