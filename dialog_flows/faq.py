"""Which entry of a flow's `faq` a candidate asks for, by the words they share.

A question and a wording of the entry are alike by the Dice coefficient of their content words (Chinese: pairs of
characters). A runtime that knows meanings says the entry itself, in `CandidateSpoke.faq`.
"""

import re
from functools import cache

from dialog_flows.blocks import Faq
from dialog_flows.conditions import HAN
from dialog_flows.schema import Flow

ALIKE = 0.6
"""Least likeness: two of three content words, or three of five, in common."""

ASKS = re.compile(
    r"[?？]\s*$|(吗|呢|多少|什么时候|怎么样)[。.]?\s*$"
    r"|^(and |so |um |well |sorry |but |actually )*(what|how|when|where|who|which|why|is|are|do|does|did|can|could|will"
    r"|would|may|tell me|i'd like to know|i wanted to (ask|know)|请问|我想(问|知道|了解))\b",
    re.IGNORECASE,
)
NO_CONTENT = frozenset(
    """a an the i me my we us our you your it its this that there here is are was were be am do does did can could will
    would shall should may might have has had of to in on at for from with by about as and or but so if then what how
    when where who which why please tell know like ask wanted want much many some any just also""".split()
)
NO_CONTENT_HAN = re.compile(r"[的了吗呢吧啊呀是我你您们请问想知道了解一下这那个,，。？?！!、\s]")


def faq_asked(flow: Flow, text: str, named: str | None = None) -> Faq | None:
    """The entry that `text` asks for, if it asks for one; `named`: the id of the entry where it is known already."""
    if named is not None:
        return next((entry for entry in flow.faq if entry.id == named), None)
    if not flow.faq or not ASKS.search(text):
        return None
    best = max(flow.faq, key=lambda entry: _likeness(entry, text))
    return best if _likeness(best, text) >= ALIKE else None


def _likeness(entry: Faq, text: str) -> float:
    return max(_dice(_content(wording), _content(text)) for wording in entry.asked)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


@cache
def _content(text: str) -> frozenset[str]:
    if HAN.search(text):
        plain = NO_CONTENT_HAN.sub("", text)
        return frozenset(plain[n : n + 2] for n in range(len(plain) - 1)) or frozenset(plain)
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]\w*", "", text.lower()))
    return frozenset(word.removesuffix("s") for word in words if word not in NO_CONTENT)
