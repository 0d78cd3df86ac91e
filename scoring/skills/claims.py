"""Which mentions are the candidate's own claim: not denied, not wished for, and nobody else's skill."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from models.interview import SkillKind
from scoring.cues import cues
from scoring.skills.mentions import AROUND, LISTED, Mention, mentions
from scoring.skills.speech import speech
from scoring.skills.utterances import Clause, Said
from scoring.spans import units

MOST_BEFORE = 200
"""Characters; clauses of what people say are shorter."""
NEXT_CLAUSE = 40
"""Characters behind a name alone in which it may be taken back."""
LEAST_FUNCTION_WORDS = 0.1
"""Share of function words below which a clause is a list of keywords; spoken sentences have 0.2 and more."""

_SENTENCE_ENDS = frozenset(".!?。！？\n")


@dataclass(frozen=True, slots=True)
class Claim:
    mention: Mention
    clause: Clause

    @property
    def before(self) -> str:
        """The clause up to the name, or as much of it as is looked at."""
        at = max(self.mention.start - self.clause.start, 0)
        return self.clause.text[max(at - MOST_BEFORE, 0) : at]

    @property
    def name(self) -> str:
        """As it was said."""
        at = max(self.mention.start - self.clause.start, 0)
        return self.clause.text[at : self.mention.end - self.clause.start]

    @property
    def after(self) -> str:
        """The clause behind the name."""
        return self.clause.text[max(self.mention.end - self.clause.start, 0) :]


def claims(utterance: Said) -> Iterator[Claim]:
    """What the candidate claims in one utterance, in the order it was said."""
    others = Others(utterance.text)
    denied, last = False, 0
    for mention in mentions(utterance.text):
        claim = Claim(mention, utterance.clause_at(mention.start, mention.end))
        listed = LISTED.fullmatch(utterance.text, last, max(mention.start, last))
        denied = _denied(claim, utterance.text) or (denied and bool(listed))
        last = max(last, mention.end)
        if denied or others.own(mention.start):
            continue
        if mention.skill.kind is SkillKind.TOOL or shows(claim.clause, utterance):
            yield claim


def shows(clause: Clause, utterance: Said) -> bool:
    """Whether a clause tells of something done: a soft skill is not shown by praising it, nor by a list of keywords."""
    text = clause.text
    around = utterance.text[max(clause.start - AROUND, 0) : clause.end + AROUND]
    told = not (cues().evasive.search(text) or cues().general.search(text) or speech().praise.search(text))
    return told and cues().sentence_like(around) >= LEAST_FUNCTION_WORDS


def _denied(claim: Claim, text: str) -> bool:
    """Whether the clause takes the mention back; or the next, after a clause of the name alone ("Go? Never")."""
    before, after = map(_without_false_denials, (claim.before, claim.after))
    if units(before + after) == 0:
        after += text[claim.clause.end : claim.clause.end + NEXT_CLAUSE]
    return bool(speech().negated_before.search(before) or speech().negated_after.match(after))


def _without_false_denials(text: str) -> str:
    return speech().not_negated.sub(lambda match: "_" * len(match.group()), text)


class Others:
    """Where an utterance speaks of somebody else, or to the employer, until the speaker comes back to themselves."""

    def __init__(self, text: str) -> None:
        ends = [index for index, character in enumerate(text) if character in _SENTENCE_ENDS]
        self._speaker = sorted([*(match.start() for match in speech().first_person.finditer(text)), *ends])
        self._others = [match.start() for match in speech().others.finditer(text)]

    def own(self, at: int) -> bool:
        """True when the character at `at` is said of others."""
        before = bisect_right(self._others, at)
        if not before:
            return False
        return bisect_left(self._speaker, at) == bisect_left(self._speaker, self._others[before - 1])
