"""How much of what was said was misheard: word error rate, or character error rate for Chinese. Arithmetic by jiwer."""

import re

import jiwer

_NUMBERS = {
    word: str(value)
    for value, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_PUNCTUATION = re.compile(r"[^\w\s%]|_")


def error_rate(said: str, heard: str, language: str) -> float:
    """Substitutions, deletions and insertions per word said (zh: per character), after `normalised`. 0 is perfect.

    Raises ValueError when nothing was said.
    """
    reference, hypothesis = normalised(said, language), normalised(heard, language)
    if not reference:
        raise ValueError("an error rate needs at least one word that was said")
    return float(jiwer.wer(reference, hypothesis or " "))


def normalised(text: str, language: str) -> str:
    """Lower case, no punctuation, small numbers as digits; Chinese characters stand apart as words of their own."""
    text = re.sub(r"(?<=\w)['’](?=\w)", "", text.lower())
    text = _PUNCTUATION.sub(" ", text.replace("%", " percent "))
    if language == "zh":
        text = re.sub(r"([\u4e00-\u9fff])", r" \1 ", text)
    return " ".join(_NUMBERS.get(word, word) for word in text.split())
