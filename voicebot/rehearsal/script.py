"""What a persona says to which of a flow's lines."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from dialog_flows import strict
from dialog_flows.loader import LANGUAGES
from dialog_flows.schema import Flow, FollowUp, Question
from dialog_flows.strict import nearest
from models.errors import Problem
from voicebot.rehearsal import wording
from voicebot.rehearsal.persona import KIND, LineKind, Persona, Reply, same_in

LIKENESS = 0.6
"""Share of a line's words that must be heard, in order, before the candidate understands it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a flow that waits for an answer."""

    key: str
    text: str
    kinds: tuple[LineKind, ...]
    """What `otherwise` may answer it as, the closest first."""
    question: Question | None = None
    follow_up: FollowUp | None = None
    is_first: bool = False
    """Whether it is the flow's first question."""


def _lines(flow: Flow) -> Iterator[Line]:
    yield Line("consent", flow.consent.ask, ("any",))
    yield Line("identity", flow.identity.ask, ("any",))
    yield Line("good_time", flow.good_time.ask, ("any",))
    yield Line("candidate_questions", flow.candidate_questions.ask, ("any",))
    yield Line("go_ahead", flow.lines.go_ahead, ("any",))
    yield Line("anything_else", flow.lines.anything_else, ("any",))
    for question in flow.questions:
        kind: LineKind = question.expects.value
        yield Line(question.id, question.ask, (kind, "any"), question, is_first=question is flow.questions[0])
        for follow_up in question.follow_ups:
            key = f"{question.id}.{follow_up.id}"
            yield Line(key, follow_up.ask, ("follow_up", kind, "any"), question, follow_up)


def lines_to_answer(flow: Flow) -> dict[str, str]:
    """Every line of a filled flow that waits for an answer, by the key that a persona answers it under.

    Lines of a sister come after, with the language and a dot before the key: `zh.consent`.
    """
    lines = {line.key: line.text for line in _lines(flow)}
    for sister in flow.sisters:
        lines |= {f"{sister.language}.{line.key}": line.text for line in _lines(sister)}
    return lines


def prepared(persona: Persona, flow: Flow) -> Persona:
    """The persona with an answer of its own to each line of the filled `flow`, so far as it has one."""
    answers = {line.key: replies for line in _lines(flow) if (replies := _replies(persona, line, flow.language))}
    return persona.model_copy(update={"answers": {**persona.answers, **answers}, "otherwise": {}})


def in_every_language(persona: Persona, flow: Flow) -> Persona:
    """The persona prepared for the filled `flow`, and for its sisters with what the library's persona of the same id
    says in their language, if it is there."""
    answers = dict(prepared(persona, flow).answers)
    for sister in flow.sisters:
        if other := same_in(sister.language, persona):
            spoken = prepared(other, sister).answers
            answers = {f"{sister.language}.{key}": replies for key, replies in spoken.items()} | answers
    return persona.model_copy(update={"answers": answers, "otherwise": {}})


def _replies(persona: Persona, line: Line, language: str) -> tuple[Reply, ...]:
    replies = persona.answers.get(line.key)
    if replies is None:
        kinds = (persona.otherwise[kind] for kind in line.kinds if kind in persona.otherwise)
        first = persona.otherwise.get("first_question", ()) if line.is_first else ()
        replies = (*first, *next(kinds, ()))
    return tuple(
        reply.model_copy(update={"saying": wording.fill(reply.saying, line.question, line.follow_up, language)})
        for reply in replies
    )


def check(persona: Persona, flow: Flow, path: str) -> None:
    """Raises InvalidPersona when the two speak different languages, an answer belongs to no line of `flow`, or a text
    has a placeholder that means nothing."""
    lines = tuple(lines_to_answer(flow))
    wrong = [
        f"`{key}` under `answers` is not a line of the flow {flow.id}; {nearest(key, lines)}"
        for key in persona.answers
        if key not in lines
    ]
    replies = (reply for group in (*persona.answers.values(), *persona.otherwise.values()) for reply in group)
    names = (name for reply in replies for name in wording.PLACEHOLDER.findall(reply.saying))
    wrong += [
        f"`{{{name}}}` is no placeholder; {nearest(name, wording.PLACEHOLDERS).replace('keys', 'placeholders')}"
        for name in names
        if name not in wording.PLACEHOLDERS
    ]
    if persona.language != flow.language:
        wrong.append(f"the persona speaks {persona.language!r} and the flow {flow.language!r}; choose two that agree")
    if wrong:
        raise strict.invalid([Problem(path, 0, 0, message) for message in wrong], KIND)


class Script:
    """One persona in one call: finds the line that was heard, and what comes next in answer to it."""

    def __init__(self, persona: Persona, lines: Mapping[str, str]) -> None:
        """`lines`: what may be asked, by key."""
        self._answers = persona.answers
        self._lines = {key: _words(text) for key, text in lines.items()}
        self._asked: dict[str, int] = {}

    def reply_to(self, heard: str) -> Reply | None:
        """The answer to the line that `heard` ends with, or None: not understood, no question, or nothing to say."""
        words = _words(heard)
        likeness = {key: _likeness(line, words) for key, line in self._lines.items()}
        key = max(likeness, key=lambda key: (likeness[key], len(self._lines[key])), default=None)
        return None if key is None or likeness[key] < LIKENESS else self.reply(key)

    def reply(self, key: str) -> Reply | None:
        """The answer to a line, or None: nothing to say. A line asked again in another language is the same line."""
        language, _, own_key = key.partition(".")
        line = own_key if language in LANGUAGES else key
        times, self._asked[line] = self._asked.get(line, 0), self._asked.get(line, 0) + 1
        replies = self._answers.get(key)
        return replies[min(times, len(replies) - 1)] if replies else None


def _words(text: str) -> list[str]:
    """Words, or single characters of Chinese, without punctuation and case."""
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower().replace("'", ""))


def _likeness(line: list[str], heard: list[str]) -> float:
    """Share of `line` found in order at the end of `heard`, where the question is: what came before it is not asked."""
    tail = heard[-(len(line) + 3) :]
    found = SequenceMatcher(None, line, tail, autojunk=False).get_matching_blocks()
    return sum(block.size for block in found) / len(line) if line else 0.0
