"""When a candidate's turn is over. Pure, in audio time: a thirty-minute call is decided in milliseconds.

A turn ends when the pause since the last voiced audio has outlasted the patience that the question deserves, and the
words said so far are known. Cutting a candidate off is worse than waiting half a second, so doubt lengthens patience.
"""

import re
from dataclasses import dataclass, replace

from models.dialog import Expects
from models.speech import Utterance

PATIENCE_MS = {
    Expects.YES_NO: 600,
    Expects.NUMBER: 900,
    Expects.DATE: 900,
    Expects.CHOICE: 900,
    Expects.SHORT: 900,
    Expects.OPEN: 1300,
}
"""Pause after which an ordinary turn is over, by the kind of answer, when nothing says more. On the telephone people
pause 0.5-1.4 s between the sentences of one answer, while after a yes or no nothing follows."""

BY_SOUND = ((0.8, 0.6), (0.5, 0.75), (0.1, 1.0), (0.0, 1.9))
"""What the sound of the last words makes of that patience: (completeness from, factor). In one recorded call of 12
turns 7 of the ends had a completeness over 0.5, and 7 of the 37 pauses inside turns, most of which had under 0.1. Half
the patience from 0.95 on talks into pauses between finished sentences, which last up to 0.5 s."""

SHORTEST_MS, UNFINISHED_MS = 450, 2600
"""No pause shorter than the first ends a turn; no patience is longer than the second, which is that after words that
plainly go on, such as a trailing "because": in that call such pauses lasted up to 2.2 s."""

OPENING_MS = 1600
"""Patience after an open question has been answered with a mere "sure": it is the run-up to the answer."""

GOES_ON = {
    "en": frozenset("a an the and but or so because since if when while um uh er erm hmm then also plus".split()),
    "zh": (
        "因为",
        "所以",
        "然后",
        "但是",
        "而且",
        "还有",
        "比如",
        "就是",
        "或者",
        "以及",
        "和",
        "嗯",
        "呃",
        "那个",
        "这个",
    ),
}
"""Last words after which nobody has finished, whatever punctuation the recogniser puts: conjunctions and fillers."""

MAY_GO_ON = {
    "en": frozenset(
        """which who that to of for in on at with from by as into about than my our your his her their its i we they
        he she it is are was were like well maybe""".split()
    ),
    "zh": ("的", "在", "是", "我", "我们", "他们"),
}
"""Last words that end a sentence rarely, so that the recogniser's full stop decides: "Yes, it is." against "it is"."""


OPENERS = {
    "en": frozenset("sure ok okay yes yeah well so right alright all that's fine of course great hmm wow good".split()),
    "zh": frozenset("好的嗯对行可以没问题是呃那"),
}
"""Words (Chinese: characters) of which people's run-ups are made."""


def patience_ms(expects: Expects, text: str, language: str, completeness: float | None = None) -> int:
    """Pause, from the last voiced audio, that ends a turn in which `text` has been said so far.

    `completeness`: how finished its end sounds, 0 to 1; None when that is not known.
    """
    if _goes_on(text, language):
        return UNFINISHED_MS
    patience = float(PATIENCE_MS[expects])
    if text.rstrip().endswith(("?", "？")):
        patience *= BY_SOUND[0][1]  # who asks has finished, whatever it sounds like
    elif completeness is not None:
        patience *= next(factor for least, factor in BY_SOUND if completeness >= least)
    if expects is Expects.OPEN and _is_run_up(text, language):
        patience = max(patience, OPENING_MS)
    return max(SHORTEST_MS, round(patience))


def _is_run_up(text: str, language: str) -> bool:
    words = re.findall(r"\w" if language == "zh" else r"[\w']+", text.lower())
    return len(words) <= 4 and all(word in OPENERS[language] for word in words)


def _goes_on(text: str, language: str) -> bool:
    text = text.rstrip()
    if text.endswith(("...", "…", "-", ",", "，", "、")):
        return True
    bare = text.rstrip(" .,!?;:。，！？；：、…-").lower()
    endings = GOES_ON[language] if bare != text.lower() else (*GOES_ON[language], *MAY_GO_ON[language])
    if language == "zh":
        return bare.endswith(tuple(endings))
    return bool(bare) and bare.split()[-1] in endings


COMMIT_MS = 10_000
"""Words for at least this much audio are settled at the next pause and never recognised again, so that a long answer
costs no more at its end than a short one. Shorter pieces lose the context that the recogniser needs."""
LONGEST_PIECE_MS = 25_000
"""Audio without a pause is settled in pieces of this length: the recogniser's window is 30 s."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the candidate, while it lasts.

    Its audio is in two parts: up to `settled_ms` the words are final, in `settled`; from there on they are recognised
    anew at each pause, in `heard`.
    """

    expects: Expects
    language: str
    started_ms: int
    settled_ms: int
    """Where the audio begins that is still to be settled."""
    voiced_until_ms: int
    """End of the last voiced audio; meaningful while not `speaking`."""
    speaking: bool = True
    settled: Utterance | None = None
    heard: Utterance | None = None
    """Words from `settled_ms` to `voiced_until_ms`; None until the recogniser has caught up."""
    completeness: float | None = None
    """How finished they sound, 0 to 1; None when that is not known."""

    @property
    def words(self) -> Utterance:
        """Everything recognised so far, as one utterance."""
        said = [part for part in (self.settled, self.heard) if part is not None and part.text]
        separator = "" if self.language == "zh" else " "
        return Utterance(
            separator.join(part.text for part in said),
            self.started_ms,
            self.voiced_until_ms,
            tuple(word for part in said for word in part.words),
            said[-1].language if said else self.language,
        )

    def resumed(self) -> "Turn":
        """Speech goes on: what was heard is settled when it is long enough, else stale."""
        settled = self if self.heard is None else self._settle(self.heard, self.voiced_until_ms)
        return replace(settled, speaking=True, heard=None)

    def paused(self, voiced_until_ms: int) -> "Turn":
        return replace(self, speaking=False, voiced_until_ms=voiced_until_ms, heard=None, completeness=None)

    def recognised(self, heard: Utterance, from_ms: int, until_ms: int, completeness: float | None = None) -> "Turn":
        """Words for the audio between two times have arrived; stale ones change nothing."""
        if from_ms != self.settled_ms:
            return self
        if not self.speaking and until_ms == self.voiced_until_ms:
            return replace(self, heard=heard, completeness=completeness)
        return self._settle(heard, until_ms)

    def _settle(self, heard: Utterance, until_ms: int) -> "Turn":
        if until_ms - self.settled_ms < COMMIT_MS:
            return self
        return replace(self, settled=replace(self, heard=heard).words, settled_ms=until_ms, heard=None)

    def outlasted(self, now_ms: int) -> bool:
        """Whether the pause has outlasted the patience that the words so far deserve."""
        patience = patience_ms(self.expects, self.words.text, self.language, self.completeness)
        return not self.speaking and now_ms - self.voiced_until_ms >= patience

    def is_over(self, now_ms: int) -> bool:
        """Whether the turn has ended and its words are known; a turn without words is noise, and over at once."""
        return self.heard is not None and (not self.words.text or self.outlasted(now_ms))
