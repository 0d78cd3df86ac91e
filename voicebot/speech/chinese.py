"""Chinese in simplified characters, whichever a recogniser wrote."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC


def simplified(words: Sequence[str]) -> tuple[str, ...]:
    """The same words in simplified characters; converted as one text, because neighbours decide some characters."""
    text = _converter().convert("".join(words))
    converted, position = [], 0
    for word in words:  # one character becomes one character
        converted.append(text[position : position + len(word)])
        position += len(word)
    return tuple(converted)


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("tw2s")  # unlike t2s it also mends the 著 of Taiwan, which Whisper writes for 着
