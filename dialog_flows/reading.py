"""One utterance's words, read in the light of what was asked: the steps that `understanding` takes in turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from dialog_flows.meaning import Kind, Meaning
from dialog_flows.patterns import Words
from dialog_flows.phrasebook import CALLER, CONDITION, HEDGE, PADDING, Asked, Phrasebook, Span

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

POSTPONES = frozenset({Kind.NOT_NOW, Kind.SKIP, Kind.QUESTION})
"""What a condition takes the force from: 有事的话不行 asks for no other time."""

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
class Reading:
    """One utterance's words, read in the light of what was asked. None: not decided by this."""

    book: Phrasebook
    asked: Asked
    echo: frozenset[str]

    @property
    def yes_no(self) -> bool:
        return self.asked is not Asked.OPEN

    def of_phrases(self, words: Words, ends: frozenset[int]) -> Meaning | None:
        """A command, a yes or a no; in reply to a yes/no question an answer where it is hedged or conditional.

        `ends`: where clauses end."""
        all_spans = self._spans(words)
        counted = len(words) - sum(len(span.words) for span in all_spans if span.kind == PADDING)
        spans = tuple(span for span in all_spans if span.kind != PADDING)
        if not spans or not counted:
            return None
        covered = sum(len(span.words) for span in spans) / counted
        conditional = any(span.kind == CONDITION for span in spans)
        command = _first_command(spans)
        half_will_do = self.yes_no and command in IN_LAST_CLAUSE
        if command and covered >= (COMMAND_SHARE_AT_YES_NO if half_will_do else COMMAND_SHARE):
            postponed = conditional and command in POSTPONES and self.asked is not Asked.NOW
            return Meaning(Kind.ANSWER, " ".join(words)) if postponed else _meaning(command, spans)
        return self._polar(words, ends, all_spans, covered)

    def _polar(self, words: Words, ends: frozenset[int], all_spans: tuple[Span, ...], covered: float) -> Meaning | None:
        spans = tuple(span for span in all_spans if span.kind != PADDING)
        kinds = {span.kind for span in spans}
        polar = kinds & {Kind.YES, Kind.NO}
        kind = Kind(polar.pop()) if len(polar) == 1 else None
        leads = kind and self.yes_no and spans[0].kind == kind and spans[0].leading
        firm = leads and self.book.leads(spans[0])
        hedged = CONDITION in kinds or (HEDGE in kinds and not (firm and kind is Kind.NO))
        if hedged or not (firm or self._complete(all_spans, ends)):
            return Meaning(Kind.ANSWER, " ".join(words)) if self.yes_no else None
        if kind and (covered >= YES_NO_SHARE or (leads and not self._reserved(kind, words, spans))):
            return _meaning(kind, spans)
        return None

    def _complete(self, spans: tuple[Span, ...], ends: frozenset[int]) -> bool:
        """Whether each yes and no is all that its clause says: "I don't live far away" is none."""
        follows = {span.start: span for span in spans}
        for span in spans if self.yes_no else ():
            if span.kind not in (Kind.YES, Kind.NO) or self.book.leads(span):
                continue
            end = span.end
            while end not in ends and end in follows and follows[end].kind == PADDING:
                end = follows[end].end
            loose = 1 if self.book.language == "zh" and len(span.words) > 1 else 0  # a character that was misheard
            if not any(end + beyond in ends or end + beyond in follows for beyond in range(loose + 1)):
                return False
        return True

    def of_beginning(self, clauses: tuple[Words, ...]) -> Meaning | None:
        """The yes or no that a long reply to a yes/no question begins with."""
        words = tuple(word for clause in clauses for word in clause)
        most = MOST_WORDS[self.book.language]
        meaning = self.of_phrases(words[:most], ends_of(clauses) | {most}) if self.yes_no else None
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
            if kind and (about or kind != Kind.QUESTION) and not (self.yes_no and self._has(CONDITION, part)):
                return Meaning(Kind(kind), " ".join(part), about_caller=CALLER in about)
        return None

    def of_clauses(self, clauses: tuple[Words, ...]) -> Meaning | None:
        """A command that is the whole first or last clause, with a few other words beside it."""
        words = tuple(word for clause in clauses for word in clause)
        for part, allowed in ((clauses[-1], IN_LAST_CLAUSE), (clauses[0], IN_FIRST_CLAUSE), *self._tails(words)):
            beside = len(words) - len(part)
            if not 0 < beside <= MOST_BESIDE[self.book.language]:
                continue
            meaning = self.of_phrases(part, frozenset({len(part)}))
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
        plain = self.asked in (Asked.PLAIN, Asked.NOW)
        counts = plain if kind in (Kind.YES, Kind.NO) else kind in BY_SOUND and len(heard) > shortest
        return Meaning(kind, " ".join(words)) if kind and counts else None

    def of_hum(self, words: Words) -> Meaning | None:
        """A reply that is all yes, or all no, hesitations among it."""
        spans = self._spans(words)
        kinds = {span.kind for span in spans}
        if kinds not in ({Kind.YES}, {Kind.NO}) or sum(len(span.words) for span in spans) < len(words):
            return None
        return Meaning(Kind(kinds.pop()), " ".join(words))

    def is_hedged(self, words: Words) -> bool:
        return self._has(HEDGE, words) or self._has(CONDITION, words)

    def _has(self, kind: str, words: Words) -> bool:
        return any(span.kind == kind for span in self._spans(words))

    def _spans(self, words: Words) -> tuple[Span, ...]:
        return tuple(self.book.by_words[self.asked].spans(words, self.echo))

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


def ends_of(clauses: tuple[Words, ...]) -> frozenset[int]:
    """Where each clause ends among all the words."""
    return frozenset(accumulate(map(len, clauses)))


def _first_command(spans: tuple[Span, ...]) -> Kind | None:
    kinds = {span.kind for span in spans}
    return next((kind for kind in COMMANDS if kind in kinds), None)


def _meaning(kind: Kind, spans: tuple[Span, ...]) -> Meaning:
    return Meaning(kind, " ".join(" ".join(span.words) for span in spans if span.kind == kind))
