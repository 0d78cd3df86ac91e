"""One language's phrases, ready to be looked up: by their words, and by how they sound."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from dialog_flows import phrases
from dialog_flows.patterns import ECHO, TIME, Pattern, Words, first_words, has, longest, parse
from dialog_flows.sounds import sounds
from dialog_flows.when import moments, plain

PADDING = "padding"
YES, NO = "yes", "no"
US, CALLER = "about_us", "about_caller"
"""What a candidate's question may be about: the job, the company and the call, or who is calling."""
NOTHING: frozenset[str] = frozenset()

_WORD = re.compile(rf"{TIME}|[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_CLAUSE_END = re.compile(r"[.,;:!?…—。,;:!?、\n]+(?!\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an utterance that a phrase accounts for."""

    kind: str
    start: int
    words: Words
    leading: bool
    """Whether only padding stands before it."""

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Index:
    """Patterns and their kinds by the word they begin with."""

    by_first_word: Mapping[str, tuple[tuple[Pattern, str], ...]]

    def spans(self, words: Words, echo: frozenset[str] = NOTHING, *, prefer_yes_no: bool = False) -> Iterator[Span]:
        """The longest phrases from left to right; of two as long, the yes or no where that is preferred."""
        position, leading = 0, True
        while position < len(words):
            candidates = self.by_first_word.get(words[position], ())
            if words[position] in echo:
                candidates += self.by_first_word.get(ECHO, ())
            found = [(longest(pattern, words, position, echo), kind) for pattern, kind in candidates]
            length, kind = max(
                found, key=lambda match: (match[0], prefer_yes_no and match[1] in (YES, NO)), default=(0, "")
            )
            if length:
                yield Span(kind, position, words[position : position + length], leading)
            leading = leading and kind == PADDING
            position += max(length, 1)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    language: str
    anywhere: Index
    at_good_time: Index
    """`anywhere`, and the phrases that count only where it is asked whether now is a good time."""
    now_words: frozenset[str]
    """Words of the lines that ask so."""
    by_sound: Index
    alone: tuple[tuple[Pattern, str], ...]
    forms: tuple[tuple[Pattern, str], ...]
    """Patterns that account for a whole clause, with their kinds."""
    asked_about: Index
    """What candidates ask about: US or CALLER."""
    hesitations: frozenset[str]
    reservations: frozenset[str]
    """Words after which a yes is not a plain yes."""
    opt_out_words: frozenset[str]
    """An opt-out with other words beside it has one of these."""
    reporting: Index
    """After these, somebody else is quoted."""
    echo_stops: frozenset[str]
    """Words of a question that say nothing when they come back."""
    variants: Mapping[int, int]
    """Traditional to simplified characters, for `str.translate`."""

    def words(self, text: str) -> Words:
        return _words(text, self.variants)

    def clauses(self, text: str) -> tuple[Words, ...]:
        """The words of `text` between marks, without hesitations; a time that is named is one word, TIME."""
        text = unicodedata.normalize("NFKC", text).translate(self.variants)
        split = (self.words(clause) for clause in _CLAUSE_END.split(_with_times(text, self.language)))
        return tuple(kept for words in split if (kept := tuple(word for word in words if word not in self.hesitations)))

    def alone_kind(self, words: Words) -> str | None:
        return _whole(self.alone, words)

    def form(self, words: Words, echo: frozenset[str]) -> str | None:
        return _whole(self.forms, words, echo)

    def about(self, words: Words) -> frozenset[str]:
        """What a question is about: US, CALLER, both, or something else."""
        return frozenset(span.kind for span in self.asked_about.spans(words))

    def quotes(self, words: Words) -> bool:
        return any(True for _ in self.reporting.spans(words))

    def sound(self, words: Words) -> Words:
        return sounds(words, self.language)


def _whole(patterns: Iterable[tuple[Pattern, str]], words: Words, echo: frozenset[str] = NOTHING) -> str | None:
    return next((kind for pattern, kind in patterns if longest(pattern, words, 0, echo) == len(words)), None)


def _with_times(text: str, language: str) -> str:
    """`text`, each time in it replaced by TIME."""
    text = plain(text)
    position, pieces = 0, []
    for moment in moments(text, language):
        pieces += [text[position : moment.start], f" {TIME} "]
        position = moment.end
    return "".join((*pieces, text[position:]))


def _words(text: str, variants: Mapping[int, int]) -> Words:
    return tuple(_WORD.findall(plain(unicodedata.normalize("NFKC", text).translate(dict(variants)))))


@cache
def phrasebook(language: str) -> Phrasebook:
    data, switches = phrases.read(language, "understanding"), phrases.read(phrases.ANY_LANGUAGE, "switch_language")
    variants = {ord(pair[0]): ord(pair[1]) for pair in phrases.read("zh", "understanding")["variants"].split()}

    def words(text: str) -> Words:
        return _words(text, variants)

    def patterns(block: str, split: Callable[[str], Words] = words) -> tuple[tuple[Pattern, str], ...]:
        texts = [(text, kind) for kind, texts in data[block].items() for text in texts]
        texts += [(text, kind) for kind, texts in switches.get(block, {}).items() for text in texts]
        return tuple((parse(text, split), kind) for text, kind in texts)

    anywhere = patterns("phrases")
    by_sound = patterns("phrases", lambda text: sounds(words(text), language))
    return Phrasebook(
        language=language,
        anywhere=_index(anywhere),
        at_good_time=_index((*anywhere, *patterns("at_good_time"))),
        now_words=frozenset(data["asks_for_now"]),
        by_sound=_index((pattern, kind) for pattern, kind in by_sound if not has(pattern, ECHO)),
        alone=patterns("alone"),
        forms=patterns("forms"),
        asked_about=_index((parse(text, words), about) for about in (CALLER, US) for text in data[about]),
        hesitations=frozenset(data["hesitations"]),
        reservations=frozenset(data["reservations"]),
        opt_out_words=frozenset(data["opt_out_words"]),
        reporting=_index((parse(text, words), "reporting") for text in data["reporting"]),
        echo_stops=frozenset(data["echo_stops"]),
        variants=variants,
    )


def _index(patterns: Iterable[tuple[Pattern, str]]) -> Index:
    by_first_word: dict[str, tuple[tuple[Pattern, str], ...]] = {}
    for pattern, kind in patterns:
        for word in first_words(pattern):
            by_first_word[word] = (*by_first_word.get(word, ()), (pattern, kind))
    return Index(by_first_word)
