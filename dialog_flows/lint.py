"""What is valid in a flow and still unwise."""

import re
from collections.abc import Iterator

from dialog_flows import earning, reach
from dialog_flows.blocks import FollowUp, Question
from dialog_flows.schema import PLACEHOLDER, Flow, KeyPath, spoken_digits
from dialog_flows.traits import protected_traits
from models.errors import Problem

MAX_LINE_S = 15.0
WORDS_PER_S = 2.5
"""English over the telephone at an unhurried pace: 150 words a minute."""
CHARACTERS_PER_S = 4.5
"""Mandarin, likewise."""
FOREIGN_WORDS = 4
"""Words of English without any Chinese between them: fewer may be a name."""

Found = Iterator[tuple[KeyPath, str]]


def lint(flow: Flow) -> tuple[Problem, ...]:
    """Warnings about a valid flow and its sisters, each file's in the order of its lines."""
    checks = (_cut_off, _long_lines, _foreign_lines, _untranslated, _traits, earning.problems, reach.problems)
    found = (flow.source.problem(path, message, "warning") for check in checks for path, message in check(flow))
    own = sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column))
    return (*own, *(problem for sister in flow.sisters for problem in lint(sister)))


def seconds_to_say(text: str) -> float:
    """How long a voice needs for `text`; every digit is a word of its own."""
    characters = re.findall(r"[\u3400-\u9fff]", text)
    words = re.findall(r"[0-9]|[A-Za-z][A-Za-z'’-]*", text)
    return len(characters) / CHARACTERS_PER_S + len(words) / WORDS_PER_S


def spoken(flow: Flow) -> Iterator[tuple[KeyPath, str]]:
    """Every line that the file itself gives the interviewer, with its place."""
    yield ("disclosure",), flow.disclosure
    for number, section in enumerate(flow.sections):
        if section.begin:
            yield ("sections", number, "begin"), section.begin
    yield from _asked(flow)
    yield ("candidate_questions", "ask"), flow.candidate_questions.ask
    yield ("candidate_questions", "reply"), flow.candidate_questions.reply
    for number, entry in enumerate(flow.faq):
        yield ("faq", number, "answer"), entry.answer
    yield ("closing",), flow.closing
    for name, value in flow.lines:
        for position, line in enumerate((value,) if isinstance(value, str) else value):
            if line:
                yield ("lines", name, position), line


def _asked(flow: Flow) -> Iterator[tuple[KeyPath, str]]:
    """The opening's questions, the questions and the follow-ups, in all their wordings."""
    for step in ("consent", "identity", "good_time"):
        yield (step, "ask"), getattr(flow, step).ask
    for question_path, question in flow.placed_questions():
        asked: list[tuple[KeyPath, Question | FollowUp]] = [(question_path, question)]
        asked += (((*question_path, "follow_ups", n), each) for n, each in enumerate(question.follow_ups))
        for path, each in asked:
            yield (*path, "ask"), each.ask
            yield from (((*path, "variants", n), variant) for n, variant in enumerate(each.variants))
        if question.clarification:
            yield (*question_path, "clarification"), question.clarification


def _cut_off(flow: Flow) -> Found:
    """Lines that YAML takes the end of for a remark: "Are you our #1?" would be said as "Are you our"."""
    lines = flow.source.text.splitlines()
    for path, _ in spoken(flow):
        line, column = flow.source.places.get(path, (0, 0))
        written = lines[line - 1][column - 1 :] if 0 < line <= len(lines) else ""
        if re.search(r"^[^'\">|].*\s#\w", written):
            yield path, "what stands after # is a remark and is not said; if it should be, put the text in quotes"


def _long_lines(flow: Flow) -> Found:
    defaults = {name: value for name, value in flow.variables.items() if value}
    if flow.policies.callback_number:
        defaults["callback_number"] = spoken_digits(flow.policies.callback_number)
    for path, text in spoken(flow):
        seconds = seconds_to_say(PLACEHOLDER.sub(lambda match: defaults.get(match[1], match[1]), text))
        if seconds > MAX_LINE_S:
            yield path, f"this takes about {seconds:.0f} s to say; keep a line under {MAX_LINE_S:.0f} s"


def _foreign_lines(flow: Flow) -> Found:
    """Lines that the flow's voice cannot say."""
    for path, text in spoken(flow):
        plain = PLACEHOLDER.sub("", text)
        han, words = re.search(r"[\u3400-\u9fff]", plain), re.findall(r"[A-Za-z]{2,}", plain)
        if flow.language == "en" and han:
            yield path, "this has Chinese characters in it, which the English voice cannot say"
        if flow.language == "zh" and not han and len(words) >= FOREIGN_WORDS:
            yield path, "this is not in Chinese; translate it"


def _untranslated(flow: Flow) -> Found:
    """Lines that stand in a sister's file as they are here."""
    for sister in flow.sisters:
        others = {text for _, text in spoken(sister)}
        for path, text in spoken(flow):
            if text in others and len(text.split()) > 1:
                yield path, f"this line is the same in {sister.source.file}; translate it there"


def _traits(flow: Flow) -> Found:
    """Questions and criteria that touch what must not decide about anybody."""
    points = (
        ((*path, "criteria", number, "points", position), point)
        for path, question in flow.placed_questions()
        for number, criterion in enumerate(question.criteria)
        for position, point in enumerate(criterion.points)
    )
    for path, text in (*_asked(flow), *points):
        for trait in protected_traits(text):
            message = (
                f"“{trait.words}” asks for {trait.name}, which must not decide about a job; ask what the job needs"
            )
            yield path, message
