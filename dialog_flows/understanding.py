"""What an utterance is: an answer, yes, no, "say that again", "wrong number"… by phrases held as data.

The phrases are in `library/<language>/phrases/understanding.yaml`, those that ask for the other language in
`library/phrases/switch_language.yaml`. An utterance is something other than an answer only when such phrases make up
most of it, so an answer that merely contains "repeat", "stop" or "no" stays an answer:

1. The text becomes words: small letters, no punctuation, no apostrophes; each Chinese character is a word, and so is
   each time that is named ("tomorrow after three"). Hesitations ("um", "please", 嗯) are dropped wherever they stand.
2. The longest phrases are found from left to right. Words of padding phrases ("sorry", "thank you") do not count;
   `covered` is the share of the other words that stand in phrases.
3. Phrases under `alone` count only when they are the whole utterance.
4. A command (any kind but yes and no) needs covered >= 3/4, or >= 1/2 when a yes/no is expected. Of several, the
   first in COMMANDS wins: what ends the call before what delays it.
5. Yes and no need covered >= 2/3. When a yes/no is expected it is enough to begin with one ("Yes, this is his
   desk phone"), unless the opposite or a reservation ("but", "not") follows. Yes and no together are neither.
6. An opt-out that ends or begins the utterance or a clause counts however much else is said, unless it is quoted.
7. Patterns under `forms` account for a whole clause: "what do you mean by …", "how much …". A question counts when it
   is about the job, the company or the call (`about_us`), or about who is calling (`about_caller`).
8. A command that is the whole first or last clause counts beside a few other words ("Something came up, …").
9. What is left is looked up by how it sounds: recognisers write "a gain" for "again" and 可疑 for 可以.
10. Everything else, and whatever is long, is an answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dialog_flows.patterns import Words
from dialog_flows.phrasebook import CALLER, PADDING, Phrasebook, Span, phrasebook
from models.dialog import Expects


class Kind(StrEnum):
    ANSWER = "answer"
    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    SLOWER = "slower"
    LOUDER = "louder"
    CLARIFY = "clarify"
    """Has heard the question and asks what it means."""
    QUESTION = "question"
    """Asks us about the job, the company or the call."""
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
    Kind.SLOWER,
    Kind.LOUDER,
    Kind.SWITCH_TO_ENGLISH,
    Kind.SWITCH_TO_MANDARIN,
    Kind.CLARIFY,
    Kind.REPEAT,
    Kind.SKIP,
    Kind.QUESTION,
    Kind.THINKING,
)
IN_FIRST_CLAUSE = frozenset(COMMANDS[: COMMANDS.index(Kind.SWITCH_TO_ENGLISH)])
"""What counts in the first clause though another follows. After a "Sorry, what was that?" the answer may come."""
IN_LAST_CLAUSE = IN_FIRST_CLAUSE | {Kind.CLARIFY, Kind.REPEAT}
BY_SOUND = IN_LAST_CLAUSE
"""What is recognised by its sound, as yes and no are: missing it costs most. "One month" sounds like "one moment"."""

COMMAND_SHARE = 3 / 4
COMMAND_SHARE_AT_YES_NO = 1 / 2
YES_NO_SHARE = 2 / 3
SOUND_SHARE = 0.9

MOST_WORDS = {"en": 40, "zh": 40}
"""Longer utterances are answers, unless somebody opts out at their beginning or end. Chinese: characters."""
MOST_BESIDE = {"en": 8, "zh": 12}
"""Words that may stand beside a command's clause."""
SHORTEST_SOUND = {"en": 5, "zh": 2}
"""Sounds in a yes or no that is recognised by them; a command needs one more. 在建 is not 再见, which ends the call."""
SHORTEST_TAIL = 4
"""Characters of a Chinese phrase that counts as a clause, since recognisers leave out commas."""


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    phrase: str = ""
    """The words that decided; empty for an answer."""
    about_caller: bool = False
    """Of a question: whether it asks who is calling, or whether that is a machine."""


ANSWER = Meaning(Kind.ANSWER)


def understand(text: str, expects: Expects, language: str, asked: str = "") -> Meaning:
    """What `text` means as a reply to the line `asked`, which expects that kind of answer."""
    book = phrasebook(language)
    yes_no = expects is Expects.YES_NO
    line = frozenset(book.words(asked))
    reading = _Reading(book, yes_no, yes_no and bool(line & book.now_words), line - book.echo_stops)
    clauses = book.clauses(text)
    words = tuple(word for clause in clauses for word in clause)
    if len(words) > MOST_WORDS[language]:
        return reading.opt_out(clauses) or reading.of_beginning(words) or ANSWER
    if yes_no and (heard := book.words(text)) and reading.is_yes(heard):
        return Meaning(Kind.YES, " ".join(heard))  # "mm-hmm" and 嗯 are hesitations anywhere else
    if not words:
        return Meaning(Kind.THINKING, " ".join(book.words(text)))
    if alone := book.alone_kind(words):
        return Meaning(Kind(alone), " ".join(words))
    decided = reading.of_phrases(words)
    if decided and decided.kind not in (Kind.YES, Kind.NO):
        return decided
    by_sound = reading.of_sounds(words)
    return (
        reading.opt_out(clauses)
        or (by_sound if by_sound and by_sound.kind is Kind.OPT_OUT else None)
        or decided
        or reading.of_forms(clauses)
        or reading.of_clauses(clauses)
        or by_sound
        or ANSWER
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """One utterance's words, read in the light of what was asked. None: not decided by this."""

    book: Phrasebook
    yes_no: bool
    good_time: bool
    """Whether it was asked if now is a good time."""
    echo: frozenset[str]

    def of_phrases(self, words: Words) -> Meaning | None:
        all_spans = self._spans(words)
        counted = len(words) - sum(len(span.words) for span in all_spans if span.kind == PADDING)
        spans = tuple(span for span in all_spans if span.kind != PADDING)
        if not spans or not counted:
            return None
        covered = sum(len(span.words) for span in spans) / counted
        command = _first_command(spans)
        half_will_do = self.yes_no and command in IN_LAST_CLAUSE
        if command and covered >= (COMMAND_SHARE_AT_YES_NO if half_will_do else COMMAND_SHARE):
            return _meaning(command, spans)
        polar = {span.kind for span in spans} & {Kind.YES, Kind.NO}
        if len(polar) == 1:
            kind = Kind(polar.pop())
            leads = (
                self.yes_no and spans[0].kind == kind and spans[0].leading and not self._reserved(kind, words, spans)
            )
            if covered >= YES_NO_SHARE or leads:
                return _meaning(kind, spans)
        return None

    def of_beginning(self, words: Words) -> Meaning | None:
        """The yes or no that a long reply to a yes/no question begins with."""
        meaning = self.of_phrases(words[: MOST_WORDS[self.book.language]]) if self.yes_no else None
        if meaning is None or meaning.kind not in (Kind.YES, Kind.NO):
            return None
        return None if self._reserved(meaning.kind, words, ()) else meaning

    def opt_out(self, clauses: tuple[Words, ...]) -> Meaning | None:
        """An opt-out that begins or ends a clause and is nobody else's words."""
        before: Words = ()
        for clause in clauses:
            most = MOST_WORDS[self.book.language]
            for part in (clause,) if len(clause) <= 2 * most else (clause[:most], clause[-most:]):
                spans = self._spans(part)
                outer = [span for span in spans if span.kind not in (PADDING, Kind.YES, Kind.NO)]
                first = sum(len(span.words) for span in spans if outer and span.end <= outer[0].start)
                last = len(part) - sum(len(span.words) for span in spans if outer and span.start >= outer[-1].end)
                for span in outer:
                    at_edge = span.start <= first or span.end >= last
                    ours = self.book.opt_out_words & set(span.words)
                    quoted = self.book.quotes((*before, *part[: span.start]))
                    if span.kind == Kind.OPT_OUT and at_edge and ours and not quoted:
                        return Meaning(Kind.OPT_OUT, " ".join(span.words))
            before = (*before, *clause)[-MOST_WORDS[self.book.language] :]
        return None

    def of_forms(self, clauses: tuple[Words, ...]) -> Meaning | None:
        """A question or a request for clarification that is everything, or the last clause beside a few words."""
        words = tuple(word for clause in clauses for word in clause)
        beside = len(words) - len(clauses[-1])
        for part in (words, clauses[-1]) if 0 < beside <= MOST_BESIDE[self.book.language] else (words,):
            kind = self.book.form(self._unpadded(part), self.echo)
            about = self.book.about(part) if kind == Kind.QUESTION else frozenset()
            if kind and (about or kind != Kind.QUESTION):
                return Meaning(Kind(kind), " ".join(part), about_caller=CALLER in about)
        return None

    def of_clauses(self, clauses: tuple[Words, ...]) -> Meaning | None:
        """A command that is the whole first or last clause, with a few other words beside it."""
        words = tuple(word for clause in clauses for word in clause)
        for part, allowed in ((clauses[-1], IN_LAST_CLAUSE), (clauses[0], IN_FIRST_CLAUSE), *self._tails(words)):
            beside = len(words) - len(part)
            if not 0 < beside <= MOST_BESIDE[self.book.language]:
                continue
            meaning = self.of_phrases(part)
            if meaning and meaning.kind in allowed and not self.book.quotes(words):
                return meaning
        return None

    def of_sounds(self, words: Words) -> Meaning | None:
        heard = self.book.sound(words)
        shortest = SHORTEST_SOUND[self.book.language]
        spans = [span for span in self.book.by_sound.spans(heard) if len(span.words) >= shortest]
        if not spans or sum(len(span.words) for span in spans) < SOUND_SHARE * len(heard):
            return None
        kinds = {Kind(span.kind) for span in spans if span.kind != PADDING}
        kind = _first_command(tuple(spans)) or (kinds.pop() if len(kinds) == 1 else None)
        counts = self.yes_no if kind in (Kind.YES, Kind.NO) else kind in BY_SOUND and len(heard) > shortest
        return Meaning(kind, " ".join(words)) if kind and counts else None

    def is_yes(self, words: Words) -> bool:
        spans = self._spans(words)
        return {span.kind for span in spans} == {Kind.YES} and sum(len(span.words) for span in spans) == len(words)

    def _spans(self, words: Words) -> tuple[Span, ...]:
        index = self.book.at_good_time if self.good_time else self.book.anywhere
        return tuple(index.spans(words, self.echo, prefer_yes_no=self.yes_no))

    def _tails(self, words: Words) -> Iterator[tuple[Words, frozenset[Kind]]]:
        """Chinese without commas: the phrases that the utterance ends and begins with."""
        spans = [span for span in self._spans(words) if span.kind in IN_LAST_CLAUSE]
        if self.book.language == "zh" and spans and len(spans[-1].words) >= SHORTEST_TAIL:
            if spans[-1].end == len(words):
                yield spans[-1].words, IN_LAST_CLAUSE
            if spans[0].leading and len(spans[0].words) >= SHORTEST_TAIL:
                yield spans[0].words, IN_FIRST_CLAUSE

    def _unpadded(self, words: Words) -> Words:
        spans = self._spans(words)
        padding = {place for span in spans if span.kind == PADDING for place in range(span.start, span.end)}
        return tuple(word for place, word in enumerate(words) if place not in padding)

    def _reserved(self, kind: Kind, words: Words, spans: tuple[Span, ...]) -> bool:
        """Whether an utterance that begins with a yes takes it back or makes it conditional."""
        in_phrases = {word for span in spans for word in span.words}
        return kind is Kind.YES and any(word in self.book.reservations and word not in in_phrases for word in words)


def _first_command(spans: tuple[Span, ...]) -> Kind | None:
    kinds = {span.kind for span in spans}
    return next((kind for kind in COMMANDS if kind in kinds), None)


def _meaning(kind: Kind, spans: tuple[Span, ...]) -> Meaning:
    return Meaning(kind, " ".join(" ".join(span.words) for span in spans if span.kind == kind))
