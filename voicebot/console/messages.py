"""What the product's parts say in English, in the reader's language.

Flows, lists and the archive say what is wrong in English sentences of their own. Their translations are
`texts/messages.LANGUAGE.yaml`, by the sentence with a {name} for whatever changes in it.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

from models.errors import InvalidFile, Problem, VoicebotError


def told(language: str, message: str) -> str:
    """`message` in this language, or as it is where nobody has translated it."""
    return translated(language, message) or message


def translated(language: str, message: str) -> str | None:
    """`message` in this language; None when nobody has translated it."""
    book = _book(language)
    return _found(book, book.messages, message) if book else None


def told_error(language: str, error: VoicebotError) -> str:
    """What went wrong and how to mend it; where that is not translated, what kind of thing, and then the English."""
    book = _book(language)
    if book is None:
        return str(error)
    if isinstance(error, InvalidFile):
        return "\n".join(_placed(language, each) for each in error.problems if each.severity == "error")
    kind = next(book.kinds[each.__name__] for each in type(error).__mro__ if each.__name__ in book.kinds)
    return translated(language, str(error)) or f"{kind}（{error}）"


def _placed(language: str, problem: Problem) -> str:
    message = told(language, problem.message)
    return f"{problem.line}:{problem.column}: {message}" if problem.line else message


@dataclass(frozen=True, slots=True)
class _Sentence:
    english: re.Pattern[str]
    """With a group for each name."""
    other: str
    """With the names in braces."""


@dataclass(frozen=True, slots=True)
class _Book:
    messages: tuple[_Sentence, ...]
    parts: tuple[_Sentence, ...]
    """Of what may stand for one of the `phrases`."""
    phrases: frozenset[str]
    """Names that stand for words of ours."""
    kinds: dict[str, str]
    """By an error's type."""


@cache
def _book(language: str) -> _Book | None:
    path = files("voicebot.console").joinpath("texts", f"messages.{language}.yaml")
    if not path.is_file():
        return None
    book: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    messages, parts = (
        tuple(_Sentence(_pattern(english), other) for english, other in book[group].items())
        for group in ("messages", "parts")
    )
    return _Book(messages, parts, frozenset(book["phrases"]), book["kinds"])


def _pattern(english: str) -> re.Pattern[str]:
    pieces = Formatter().parse(english)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.*?)" if name else "") for text, name, _, _ in pieces), re.DOTALL
    )


def _found(book: _Book, sentences: tuple[_Sentence, ...], message: str) -> str | None:
    for sentence in sentences:
        if match := sentence.english.fullmatch(message):
            named = {
                name: (name in book.phrases and _found(book, book.parts, value)) or value
                for name, value in match.groupdict().items()
            }
            return sentence.other.format(**named)
    return None
