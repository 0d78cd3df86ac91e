"""Words that a candidate is likely to say in reply to a question, for whoever has to recognise them."""

import re
from collections.abc import Iterable, Iterator

from dialog_flows.schema import Flow, Question

MOST = 30
NAME = re.compile(r"(?<![A-Za-z0-9.])[A-Z][A-Za-z0-9]*(?:[.+#][A-Za-z0-9+#]*)*")
"""Written like a name, in any language: "SQL", "Node.js", "C++"."""
NAMED_BY = ("job.title", "company", "candidate.name")
"""Variables whose values candidates say themselves."""


def hot_words(flow: Flow, position: str | None) -> tuple[str, ...]:
    """At most MOST words, the most specific first, when a filled flow asks its question `position`; else none, for
    nobody says names in a yes or no.

    First come the question's own skills and the names in it, and what the flow lists as its vocabulary; then the skills
    and names of the other questions, the job, the company and the candidate.
    """
    asked = [question for question in flow.questions if question.id == position]
    if not asked:
        return ()
    words = (
        *_words(asked),
        *flow.vocabulary,
        *_words(question for question in flow.questions if question.id != position),
        *(flow.values[name] for name in NAMED_BY if name in flow.values),
    )
    once: dict[str, str] = {}
    for word in words:
        once.setdefault(word.lower(), word)
    return tuple(once.values())[:MOST]


def _words(questions: Iterable[Question]) -> Iterator[str]:
    for question in questions:
        yield from question.skills
        for text in (question.ask, *(each.ask for each in question.follow_ups)):
            yield from _names(text)
        for criterion in question.criteria:
            for text in criterion.points:
                yield from _names(text)


def _names(text: str) -> Iterator[str]:
    """A capital letter that merely begins a sentence makes no name."""
    for name in NAME.finditer(text):
        before = text[: name.start()].rstrip()
        begins = not before or before[-1] in ".?!:"
        if len(name[0]) > 1 and (not begins or name[0].isupper()):
            yield name[0].rstrip(".")
