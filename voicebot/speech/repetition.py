"""Whether a text says one thing twice, as a decoder does that has not noticed that it was done."""

import re
from difflib import SequenceMatcher

HAN = r"\u4e00-\u9fff"
WORD = re.compile(rf"[{HAN}]|[^\W{HAN}]+")
"""A Chinese character, or a word of any other script."""
FEWEST_WORDS = 4
FEWEST_CHARACTERS = 6
"""Shorter texts that repeat are people's own: "no, no", "谢谢谢谢"."""
ALIKE = 0.8
"""Share of words that the halves have in common, in order."""


def says_twice(text: str) -> bool:
    """True when the second half of the words is (nearly) the first; people's own repetitions are no exception."""
    words = WORD.findall(text.lower())
    fewest = FEWEST_CHARACTERS if re.search(f"[{HAN}]", text) else FEWEST_WORDS
    middle = len(words) // 2
    halves = SequenceMatcher(None, words[:middle], words[middle:], autojunk=False)
    return len(words) >= fewest and halves.ratio() >= ALIKE
