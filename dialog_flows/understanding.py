"""What an utterance is: an answer, yes, no, "say that again", "wrong number"… by phrases held as data.

The phrases are in `library/<language>/phrases/understanding.yaml`, those that ask for the other language in
`library/phrases/switch_language.yaml`. An utterance is something other than an answer only when such phrases make up
most of it, so an answer that merely contains "repeat", "stop" or "no" stays an answer:

1. The text becomes words: small letters, no punctuation, no apostrophes; each Chinese character is a word.
   Hesitations ("um", "please", 嗯) are dropped wherever they stand.
2. The longest phrases are found from left to right. Words of padding phrases ("sorry", "thank you") do not count;
   `covered` is the share of the other words that stand in phrases.
3. Phrases under `alone` count only when they are the whole utterance.
4. A command (any kind but yes and no) needs covered >= 3/4, or >= 1/2 when a yes/no is expected. Of several, the
   first in COMMANDS wins: what ends the call before what delays it.
5. Yes and no need covered >= 2/3. When a yes/no is expected it is enough to begin with one ("Yes, this is his
   desk phone"), unless the opposite or a reservation ("but", "not") follows. Yes and no together are neither.
6. Everything else is an answer.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dialog_flows import phrases
from dialog_flows.patterns import ECHO, Pattern, Words, first_words, longest, parse
from models.dialog import Expects


class Kind(StrEnum):
    ANSWER = "answer"
    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    GOODBYE = "goodbye"
    OPT_OUT = "opt_out"
    """Never call again."""
    NOT_NOW = "not_now"
    WRONG_PERSON = "wrong_person"
    SKIP = "skip"
    """Does not know, or would rather not say."""
    THINKING = "thinking"
    """Nothing said yet, more to come."""
    WANTS_PERSON = "wants_person"
    """Does not want to talk to a machine."""
    SWITCH_TO_ENGLISH = "switch_to_en"
    SWITCH_TO_MANDARIN = "switch_to_zh"


COMMANDS = (
    Kind.OPT_OUT,
    Kind.WRONG_PERSON,
    Kind.WANTS_PERSON,
    Kind.NOT_NOW,
    Kind.GOODBYE,
    Kind.SWITCH_TO_ENGLISH,
    Kind.SWITCH_TO_MANDARIN,
    Kind.REPEAT,
    Kind.SKIP,
    Kind.THINKING,
)
COMMAND_SHARE = 3 / 4
COMMAND_SHARE_AT_YES_NO = 1 / 2
YES_NO_SHARE = 2 / 3

PADDING = "padding"


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    phrase: str = ""
    """The words that decided; empty for an answer."""


def understand(text: str, expects: Expects, language: str, asked: str = "") -> Meaning:
    """What `text` means as a reply to the line `asked`, which expects that kind of answer."""
    book = _phrasebook(language)
    heard = book.words(text)
    words = tuple(word for word in heard if word not in book.hesitations)
    yes_no = expects is Expects.YES_NO
    if yes_no and book.is_yes(heard):
        return Meaning(Kind.YES, " ".join(heard))  # "mm-hmm" and 嗯 are hesitations anywhere else
    if not words:
        return Meaning(Kind.THINKING, " ".join(heard))
    if alone := book.alone_kind(words):
        return Meaning(alone, " ".join(words))
    spans = tuple(book.spans(words, frozenset(book.words(asked)) - book.echo_stops, yes_no))
    counted = len(words) - sum(len(span.words) for span in spans if span.kind == PADDING)
    spans = tuple(span for span in spans if span.kind != PADDING)
    if not spans or not counted:
        return Meaning(Kind.ANSWER)
    covered = sum(len(span.words) for span in spans) / counted
    kinds = {span.kind for span in spans}
    command = next((kind for kind in COMMANDS if kind in kinds), None)
    if command and covered >= (COMMAND_SHARE_AT_YES_NO if yes_no else COMMAND_SHARE):
        return _meaning(command, spans)
    polar = kinds & {Kind.YES, Kind.NO}
    if len(polar) == 1:
        kind = Kind(polar.pop())
        leads = yes_no and spans[0].kind == kind and spans[0].leading and not book.reserved(kind, words, spans)
        if covered >= YES_NO_SHARE or leads:
            return _meaning(kind, spans)
    return Meaning(Kind.ANSWER)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an utterance that a phrase accounts for."""

    kind: str
    words: Words
    leading: bool
    """Whether only padding stands before it."""


def _meaning(kind: Kind, spans: tuple[Span, ...]) -> Meaning:
    return Meaning(kind, " ".join(" ".join(span.words) for span in spans if span.kind == kind))


@dataclass(frozen=True, slots=True)
class _Phrasebook:
    """One language's phrases, ready to be looked up."""

    phrases: dict[str, tuple[tuple[Pattern, str], ...]]
    """Patterns and their kinds by the word they begin with."""
    alone: tuple[tuple[Pattern, Kind], ...]
    hesitations: frozenset[str]
    reservations: frozenset[str]
    """Words after which a yes is not a plain yes."""
    echo_stops: frozenset[str]
    """Words of a question that say nothing when they come back."""
    variants: dict[int, int]
    """Traditional to simplified characters, for `str.translate`."""

    def words(self, text: str) -> Words:
        return _words(text, self.variants)

    def spans(self, words: Words, echo: frozenset[str], yes_no: bool) -> Iterator[Span]:
        """The longest phrases from left to right; of two as long, the yes or no where one is expected."""
        position, leading = 0, True
        while position < len(words):
            candidates = self.phrases.get(words[position], ())
            if words[position] in echo:
                candidates += self.phrases.get(ECHO, ())
            found = [(longest(pattern, words, position, echo), kind) for pattern, kind in candidates]
            length, kind = max(
                found, key=lambda match: (match[0], yes_no and match[1] in (Kind.YES, Kind.NO)), default=(0, "")
            )
            if length:
                yield Span(kind, words[position : position + length], leading)
            leading = leading and kind == PADDING
            position += max(length, 1)

    def alone_kind(self, words: Words) -> Kind | None:
        nothing: frozenset[str] = frozenset()
        return next((kind for pattern, kind in self.alone if longest(pattern, words, 0, nothing) == len(words)), None)

    def is_yes(self, words: Words) -> bool:
        spans = tuple(self.spans(words, frozenset(), yes_no=True))
        return {span.kind for span in spans} == {Kind.YES} and sum(len(span.words) for span in spans) == len(words)

    def reserved(self, kind: Kind, words: Words, spans: tuple[Span, ...]) -> bool:
        """Whether an utterance that begins with a yes takes it back or makes it conditional."""
        in_phrases = {word for span in spans for word in span.words}
        return kind is Kind.YES and any(word in self.reservations and word not in in_phrases for word in words)


def _words(text: str, variants: dict[int, int]) -> Words:
    plain = unicodedata.normalize("NFKC", text).translate(variants).lower()
    return tuple(re.findall(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+", re.sub(r"['’‘`]", "", plain)))


@cache
def _phrasebook(language: str) -> _Phrasebook:
    data, switches = phrases.read(language, "understanding"), phrases.read(phrases.ANY_LANGUAGE, "switch_language")
    variants = {ord(pair[0]): ord(pair[1]) for pair in phrases.read("zh", "understanding")["variants"].split()}

    def patterns(block: str, kind: str) -> tuple[Pattern, ...]:
        texts = (*data[block].get(kind, ()), *switches[block].get(kind, ()))
        return tuple(parse(text, lambda plain: _words(plain, variants)) for text in texts)

    by_first_word: dict[str, tuple[tuple[Pattern, str], ...]] = {}
    for kind in (*COMMANDS, Kind.NO, Kind.YES, PADDING):
        for pattern in patterns("phrases", kind):
            for word in first_words(pattern):
                by_first_word[word] = (*by_first_word.get(word, ()), (pattern, str(kind)))
    return _Phrasebook(
        phrases=by_first_word,
        alone=tuple(
            (pattern, Kind(kind))
            for kind in (*data["alone"], *switches["alone"])
            for pattern in patterns("alone", kind)
        ),
        hesitations=frozenset(data["hesitations"]),
        reservations=frozenset(data["reservations"]),
        echo_stops=frozenset(data["echo_stops"]),
        variants=variants,
    )
