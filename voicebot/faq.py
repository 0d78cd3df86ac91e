"""Which entry of a flow's `faq` a candidate asks for, by what the question means. The engine is told
in `CandidateSpoke.faq`, and looks for none itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from dialog_flows.meaning import Kind
from dialog_flows.schema import Flow
from dialog_flows.understanding import understand
from models.dialog import Expects
from scoring.embedder import Embedder, Matrix

ALIKE = 0.7
"""Least cosine of a question and a wording. Tried with the default encoder on 70 questions, half Mandarin: the entry it
names at 0.7 was the right one each time but one, which asks who is calling and never comes here; at 0.6 it begins to
answer what was not asked. A wrong answer is worse than "HR will answer"."""


def faq_namer(flow: Flow, embedder: Embedder) -> Callable[[str, str], str | None]:
    """Gives the id of the entry of `flow` (filled) that a text asks for, in a language of the flow."""
    named = {
        language: FaqByMeaning({entry.id: entry.asked for entry in flow.in_language(language).faq}, language, embedder)
        for language in flow.languages
    }
    return lambda text, language: named[language].named(text) if language in named else None


class FaqByMeaning:
    """The entries of one flow in one language. Wordings are embedded at the first question, once."""

    def __init__(self, entries: Mapping[str, Sequence[str]], language: str, embedder: Embedder) -> None:
        """`entries`: how candidates ask for each, by its id."""
        self._wordings = tuple((entry, wording) for entry, wordings in entries.items() for wording in wordings)
        self._language = language
        self._embedder = embedder

    def named(self, text: str) -> str | None:
        """The id of the entry that `text` asks for; None when it asks for none, or asks nothing at all."""
        if not self._wordings:
            return None
        meaning = understand(text, Expects.OPEN, self._language)
        asks = meaning.kind is Kind.QUESTION or (meaning.kind is Kind.ANSWER and text.rstrip().endswith(("?", "？")))
        if not asks or meaning.about_caller:
            return None
        likeness = self._vectors @ self._embedder.embed([text])[0]
        best = int(np.argmax(likeness))
        return self._wordings[best][0] if likeness[best] >= ALIKE else None

    @cached_property
    def _vectors(self) -> Matrix:
        return self._embedder.embed([wording for _, wording in self._wordings])
