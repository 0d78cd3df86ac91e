"""When a candidate's turn is over. Pure, in audio time: a thirty-minute call is decided in milliseconds.

A turn ends when the pause since the last voiced audio has outlasted the patience that the question deserves, and the
words said so far are known. Cutting a candidate off is worse than waiting half a second, so doubt lengthens patience.
"""

from dataclasses import dataclass, replace

from models.dialog import Expects
from models.speech import Utterance

PATIENCE_MS = {
    Expects.YES_NO: 600,
    Expects.NUMBER: 900,
    Expects.SHORT: 900,
    Expects.OPEN: 1300,
}
"""Pause after which an ordinary turn is over, by the kind of answer. From trial calls: people pause 0.5-1.0 s between
the sentences of one answer, while after a yes or no nothing follows."""

UNFINISHED_MS = 2600
"""Pause allowed after words that plainly go on, such as a trailing "because"."""

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


def patience_ms(expects: Expects, text: str, language: str) -> int:
    """Pause, from the last voiced audio, that ends a turn in which `text` has been said so far."""
    if _goes_on(text, language):
        return UNFINISHED_MS
    return PATIENCE_MS[expects]


def _goes_on(text: str, language: str) -> bool:
    text = text.rstrip()
    if text.endswith(("...", "…", "-", ",", "，", "、")):
        return True
    bare = text.rstrip(" .,!?;:。，！？；：、…-").lower()
    endings = GOES_ON[language] if bare != text.lower() else (*GOES_ON[language], *MAY_GO_ON[language])
    if language == "zh":
        return bare.endswith(tuple(endings))
    return bool(bare) and bare.split()[-1] in endings


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the candidate, while it lasts."""

    expects: Expects
    language: str
    started_ms: int
    voiced_until_ms: int
    """End of the last voiced audio; meaningful while not `speaking`."""
    speaking: bool = True
    heard: Utterance | None = None
    """The whole turn so far in words; None until the recogniser has caught up with `voiced_until_ms`."""

    def resumed(self) -> "Turn":
        """Speech goes on; what was recognised is stale."""
        return replace(self, speaking=True, heard=None)

    def paused(self, voiced_until_ms: int) -> "Turn":
        return replace(self, speaking=False, voiced_until_ms=voiced_until_ms, heard=None)

    def recognised(self, heard: Utterance) -> "Turn":
        return replace(self, heard=heard)

    def is_over(self, now_ms: int) -> bool:
        if self.speaking or self.heard is None:
            return False
        if not self.heard.text:
            return True
        return now_ms - self.voiced_until_ms >= patience_ms(self.expects, self.heard.text, self.language)
