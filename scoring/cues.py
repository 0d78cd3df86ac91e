"""The words by which an answer shows what a rubric point asks for: number, result, reason, own part…

The lists are data, in `cues.yaml`. They say nothing about subject matter, which is the embedder's business.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[^\W{HAN}](?:[^\W{HAN}]|(?<=\w)['’.+#-](?=\w))*")
_HAN_RUN = re.compile(rf"[{HAN}]+")
_COUNTING = frozenset("每几零一二两三四五六七八九十百千万亿")
HAN_CHARACTER = re.compile(rf"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Facet:
    """One kind of thing that a point can ask for, apart from its subject."""

    name: str
    required: bool
    """A point that asks for this is not met by a span that does not show it."""
    asks: re.Pattern[str]
    shows: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    facets: tuple[Facet, ...]
    evasive: re.Pattern[str]
    empty_phrases: tuple[str, ...]
    general: re.Pattern[str]
    hypothetical: re.Pattern[str]
    preamble: re.Pattern[str]
    about: re.Pattern[str]
    fillers: re.Pattern[str]
    negation: re.Pattern[str]
    nothing: re.Pattern[str]
    """What is written in place of an answer."""
    many: re.Pattern[str]
    function_words: frozenset[str]
    numbers: dict[str, str]
    """Number words to digits."""

    def facets_of(self, point: str, question: str = "") -> tuple[Facet, ...]:
        """What the point asks for.

        What the question asks for anyhow, and the point names only to say what the rest is about, may be told
        elsewhere: after a question about a decision "the reason for the decision" asks for a reason.
        """
        asked = [facet for facet in self.facets if facet.asks.search(point)]
        rest = self.about.sub(" ", point)
        own = [facet for facet in asked if facet.asks.search(rest) or not facet.asks.search(question)]
        return tuple(own if own and not any(facet.required for facet in own) else asked)

    def subject(self, point: str) -> str:
        """The point without what only introduces it: "says how the cause was found" is about "the cause was found"."""
        return self.preamble.sub("", point, count=1).strip() or point

    def plain(self, text: str) -> str:
        """The text without fillers, as it is compared; quotes stay verbatim."""
        return re.sub(r"\s+", " ", self.fillers.sub(" ", text)).strip(" ,，、")

    def content(self, text: str) -> frozenset[str]:
        """What the text is about: stems of its content words and pairs of its Han characters."""
        return frozenset(self.terms(text))

    def terms(self, text: str) -> dict[str, str]:
        """The stems of `content`, in the order in which they first appear, each with the word as it was said."""
        words = {_stem(word): word for word in reversed(_words(text)) if word not in self.function_words}
        runs = ("".join(c for c in run if c not in self.function_words) for run in _HAN_RUN.findall(text))
        pairs = (run[i : i + 2] for run in runs for i in range(len(run) - 1))
        return dict(reversed(words.items())) | {pair: pair for pair in pairs}

    def quantities(self, text: str) -> frozenset[str]:
        """The numbers that are said, as digits, and `many` for an open number."""
        said = {self.numbers.get(unit, unit) for unit in [*_words(text), *"".join(_HAN_RUN.findall(text))]}
        return frozenset(unit for unit in said if unit.isdigit()) | ({"many"} if self.many.search(text) else set())

    def sentence_like(self, text: str) -> float:
        """Share of function words, and of Han numerals: about 0.3 to 0.6 in speech, near 0 in a list of keywords."""
        units = [*_words(text), *(c for run in _HAN_RUN.findall(text) for c in run)]
        spoken = sum(unit in self.function_words or unit in _COUNTING for unit in units)
        return spoken / len(units) if units else 0.0


@cache
def cues() -> Cues:
    data = yaml.safe_load((files("scoring") / "cues.yaml").read_text(encoding="utf-8"))
    return Cues(
        facets=tuple(
            Facet(name, facet.get("required", False), _either(facet["asks"]), _either(facet["shows"]))
            for name, facet in data["facets"].items()
        ),
        evasive=_either(data["evasive"]),
        empty_phrases=(*data["empty_phrases"]["en"], *data["empty_phrases"]["zh"]),
        general=_either(data["general"]),
        hypothetical=_either(data["hypothetical"]),
        about=_either(data["about"]),
        preamble=re.compile(rf"^\s*(?:{_either(data['preamble']).pattern})\s*", re.IGNORECASE),
        fillers=_either(data["fillers"]),
        negation=_either(data["negation"]),
        nothing=_either(data["nothing"]),
        many=_either(data["many"]),
        numbers={str(word): str(number) for number, words in data["numbers"].items() for word in words},
        function_words=frozenset(" ".join(data["function_words"].values()).split()),
    )


def _either(patterns: dict[str, list[Any]]) -> re.Pattern[str]:
    english = "|".join(map(str, patterns["en"]))
    chinese = "|".join(map(str, patterns["zh"]))
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{english})(?![A-Za-z0-9_])|(?:{chinese})", re.IGNORECASE)


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    """Cuts English endings crudely: enough that "logs" meets "log" and "measured" meets "measuring"."""
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
