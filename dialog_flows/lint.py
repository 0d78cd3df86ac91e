"""What is valid in a flow and still unwise."""

import re
from collections.abc import Iterator

from dialog_flows.schema import PLACEHOLDER, Flow, KeyPath, spoken_digits
from models.errors import Problem

MAX_LINE_S = 15.0
WORDS_PER_S = 2.5
"""English over the telephone at an unhurried pace: 150 words a minute."""
CHARACTERS_PER_S = 4.5
"""Mandarin, likewise."""


def lint(flow: Flow) -> tuple[Problem, ...]:
    """Warnings about a valid flow, in the order of its lines."""
    problems = [*_long_lines(flow), *_unscored_questions(flow)]
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))


def seconds_to_say(text: str) -> float:
    """How long a voice needs for `text`; every digit is a word of its own."""
    characters = re.findall(r"[\u3400-\u9fff]", text)
    words = re.findall(r"[0-9]|[A-Za-z][A-Za-z'’-]*", text)
    return len(characters) / CHARACTERS_PER_S + len(words) / WORDS_PER_S


def _long_lines(flow: Flow) -> Iterator[Problem]:
    for path, text in _spoken(flow):
        seconds = seconds_to_say(_with_defaults(flow, text))
        if seconds > MAX_LINE_S:
            message = f"this takes about {seconds:.0f} s to say; keep a line under {MAX_LINE_S:.0f} s"
            yield flow.source.problem(path, message, "warning")


def _unscored_questions(flow: Flow) -> Iterator[Problem]:
    for position, question in enumerate(flow.questions):
        if not question.criteria:
            message = f"question `{question.id}` has no criteria, so its answer will not be scored"
            yield flow.source.problem(("questions", position), message, "warning")


def _with_defaults(flow: Flow, text: str) -> str:
    defaults = {name: value for name, value in flow.variables.items() if value}
    if flow.policies.callback_number:
        defaults["callback_number"] = spoken_digits(flow.policies.callback_number)
    return PLACEHOLDER.sub(lambda match: defaults.get(match[1], match[1]), text)


def _spoken(flow: Flow) -> Iterator[tuple[KeyPath, str]]:
    yield ("disclosure",), flow.disclosure
    for step in ("consent", "identity", "good_time"):
        yield (step, "ask"), getattr(flow, step).ask
    for position, question in enumerate(flow.questions):
        yield ("questions", position, "ask"), question.ask
        for follow_up_position, follow_up in enumerate(question.follow_ups):
            yield ("questions", position, "follow_ups", follow_up_position, "ask"), follow_up.ask
    yield ("candidate_questions", "ask"), flow.candidate_questions.ask
    yield ("candidate_questions", "reply"), flow.candidate_questions.reply
    yield ("closing",), flow.closing
    for name, value in flow.lines:
        for position, line in enumerate((value,) if isinstance(value, str) else value):
            yield ("lines", name, position), line
