"""What a candidate said, cut into clauses that can be quoted."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.dialog import Answer, AnswerStatus
from scoring.spans import Clock, clauses


@dataclass(frozen=True, slots=True)
class Clause:
    question_id: str
    text: str
    """A verbatim substring of one utterance."""
    start: int
    """Offset of its first character in the utterance."""
    start_ms: int
    end_ms: int
    attempt_id: str | None = None
    """The call that it was said in."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance."""

    text: str
    clauses: tuple[Clause, ...]
    """In order, at least one."""

    def clause_at(self, start: int, end: int) -> Clause:
        """The clause around the characters from `start` to `end`; two as one where they stand in both."""
        first, last = self._at(start), self._at(end - 1)
        if first is last:
            return first
        text = self.text[first.start : last.end]
        return replace(first, text=text, end_ms=last.end_ms)

    def _at(self, offset: int) -> Clause:
        return self.clauses[max(bisect_right(self.clauses, offset, key=lambda clause: clause.start) - 1, 0)]


def said(answers: Sequence[Answer]) -> Iterator[Said]:
    """Every utterance that answers a question and has words."""
    for answer in answers:
        if answer.status is not AnswerStatus.ANSWERED:
            continue
        for part in answer.parts:
            text, clock = part.utterance.text, Clock(part.utterance)
            cut = tuple(
                Clause(answer.question_id, text[start:end], start, *clock.times(start, end), part.utterance.attempt_id)
                for start, end in clauses(text)
            )
            if cut:
                yield Said(text, cut)
