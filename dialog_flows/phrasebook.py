"""One language's phrases, ready to be looked up: by their words, and by how they sound."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dialog_flows import phrases
from dialog_flows.patterns import ECHO, TIME, Pattern, Words, first_words, has, longest, parse
from dialog_flows.sounds import sounds
from dialog_flows.when import moments, plain

PADDING = "padding"
YES, NO = "yes", "no"
HEDGE, CONDITION = "hedge", "condition"
"""What keeps a reply from being a yes or a no: "kind of", and "if", which not even a no survives."""
US, CALLER = "about_us", "about_caller"
"""What a candidate's question may be about: the job, the company and the call, or who is calling."""
NOTHING: frozenset[str] = frozenset()

_WORD = re.compile(rf"{TIME}|[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_CLAUSE_END = re.compile(r"[.,;:!?…—。,;:!?、\n]+(?!\d)")


class Asked(StrEnum):
    """What a line asks for, as far as a yes or a no to it is concerned."""

    OPEN = "open"
    """Neither yes nor no."""
    PLAIN = "plain"
    NOW = "now"
    """Whether now is a good time."""
    OBJECTION = "objection"
    """ "Would you mind …?", 有问题吗: "no problem" is a no."""
    DENIAL = "denial"
    """ "You don't have one, do you?", 您没有吧: who agrees says no."""


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

    def spans(self, words: Words, echo: frozenset[str] = NOTHING) -> Iterator[Span]:
        """The longest phrases from left to right; of two as long, the one that is written first."""
        position, leading = 0, True
        while position < len(words):
            candidates = self.by_first_word.get(words[position], ())
            if words[position] in echo:
                candidates += self.by_first_word.get(ECHO, ())
            found = [(longest(pattern, words, position, echo), kind) for pattern, kind in candidates]
            length, kind = max(found, key=lambda match: match[0], default=(0, ""))
            if length:
                yield Span(kind, position, words[position : position + length], leading)
            leading = leading and kind == PADDING
            position += max(length, 1)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    language: str
    by_words: Mapping[Asked, Index]
    """The phrases that count in reply to each kind of line."""
    asks: Index
    """What tells lines that ask for an objection, for a denial, or whether now is a good time."""
    leading: tuple[tuple[Pattern, str], ...]
    """A yes or no that stays one whatever follows it in its clause."""
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

    def asked(self, words: Words) -> Asked:
        """What a line that expects a yes or a no asks."""
        kinds = {span.kind for span in self.asks.spans(words)}
        return next((kind for kind in (Asked.OBJECTION, Asked.DENIAL, Asked.NOW) if kind in kinds), Asked.PLAIN)

    def alone_kind(self, words: Words, asked: Asked) -> str | None:
        """What the words are when nothing else was said; as a yes or no only in reply to a plain question."""
        kinds = [kind for pattern, kind in self.alone if longest(pattern, words, 0, NOTHING) == len(words)]
        polar, others = ([kind for kind in kinds if (kind in (YES, NO)) is is_polar] for is_polar in (True, False))
        preferred = {Asked.OPEN: others + polar, Asked.OBJECTION: others, Asked.DENIAL: others}.get(
            asked, polar + others
        )
        return next(iter(preferred), None)

    def leads(self, span: Span) -> bool:
        return _whole(self.leading, span.words) is not None

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
        return (*_patterns(data[block], split), *_patterns(switches.get(block, {}), split))

    anywhere = patterns("phrases")
    replies = {asked: _patterns(texts, words) for asked, texts in data["replies"].items()}
    plain_replies = (*replies[Asked.PLAIN], *anywhere)
    turned = tuple((pattern, NO if kind == YES else kind) for pattern, kind in plain_replies)
    by_sound = patterns("phrases", lambda text: sounds(words(text), language))
    return Phrasebook(
        language=language,
        by_words={
            Asked.OPEN: _index(anywhere),
            Asked.PLAIN: _index(plain_replies),
            Asked.NOW: _index((*replies[Asked.NOW], *plain_replies)),
            Asked.OBJECTION: _index((*replies[Asked.OBJECTION], *turned)),
            Asked.DENIAL: _index((*replies[Asked.DENIAL], *plain_replies)),
        },
        asks=_index(_patterns(data["asks"], words)),
        leading=_patterns(data["leading"], words),
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


def _patterns(texts: Mapping[str, Iterable[str]], split: Callable[[str], Words]) -> tuple[tuple[Pattern, str], ...]:
    return tuple((parse(text, split), kind) for kind, each in texts.items() for text in each)


def _index(patterns: Iterable[tuple[Pattern, str]]) -> Index:
    by_first_word: dict[str, tuple[tuple[Pattern, str], ...]] = {}
    for pattern, kind in patterns:
        for word in first_words(pattern):
            by_first_word[word] = (*by_first_word.get(word, ()), (pattern, kind))
    return Index(by_first_word)
