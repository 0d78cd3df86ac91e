"""How much of what was said was misheard: word error rate, or character error rate for Chinese. Arithmetic by jiwer."""

from dataclasses import dataclass

import jiwer

from voicebot.speech.normal_form import normal_form


@dataclass(frozen=True, slots=True)
class Errors:
    """Counted in words, for Chinese in characters (an English word inside Chinese counts as one)."""

    said: int
    wrong: int
    """Substitutions, deletions and insertions."""

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(self.said + other.said, self.wrong + other.wrong)

    @property
    def rate(self) -> float:
        """0 is perfect; above 1 when more was invented than said. Raises ValueError when nothing was said."""
        if not self.said:
            raise ValueError("an error rate needs at least one word that was said")
        return self.wrong / self.said


def errors(said: str, heard: str, language: str) -> Errors:
    """What of `said` was misheard, after both have been brought to their normal form."""
    reference, hypothesis = normal_form(said, language), normal_form(heard, language)
    if not reference:
        return Errors(0, len(hypothesis.split()))
    output = jiwer.process_words(reference, hypothesis)
    return Errors(len(reference.split()), output.substitutions + output.deletions + output.insertions)


def error_rate(said: str, heard: str, language: str) -> float:
    """Errors per word said (zh: per character). Raises ValueError when nothing was said."""
    return errors(said, heard, language).rate
