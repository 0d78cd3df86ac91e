"""Which questions of a flow anybody can be asked: follows every way through it."""

from collections.abc import Iterator

from dialog_flows.blocks import Depth, Question
from dialog_flows.path import rules
from dialog_flows.schema import Flow, KeyPath
from models.dialog import Expects

Found = Iterator[tuple[KeyPath, str]]


def problems(flow: Flow) -> Found:
    yield from _unreachable(flow)
    for path, question in flow.placed_questions():
        unconditional = False
        for position, rule in enumerate(question.go_to):
            if unconditional:
                yield (*path, "go_to", position), "the rule before this one always applies, so this one never does"
            unconditional = unconditional or rule.always
        if question.follow_ups and not question.max_follow_ups:
            yield (*path, "max_follow_ups"), "with 0 no follow-up is ever asked; raise it, or delete the follow-ups"
        if question.skip_when and question.skip_when.match_at_least == 0:
            yield (*path, "skip_when"), "every known match score is at least 0, so that whoever has one skips this"
    for depth in Depth:
        if flow.questions and all(question.depth not in (None, depth) for question in flow.questions):
            whom = "high" if depth is Depth.DEEP else "low or unknown"
            yield (
                (),
                f"a candidate whose match score is {whom} is asked no question at all; every `depth` excludes them",
            )


def _unreachable(flow: Flow) -> Found:
    order = [question.id for question in flow.questions]
    surely, perhaps = {0}, {0}
    """Positions of questions that clear answers lead to, and those that unclear ones may lead to, too."""
    for number, question in enumerate(flow.questions):
        targets = {order.index(rule.to) for rule in rules(question) if rule.to in order}
        passed = {number + 1} if question.skip_when or question.depth else set()
        for reached, falls_through in ((surely, not _always_leads_on(question)), (perhaps, not _leaves(question))):
            if number in reached:
                reached |= targets | passed | ({number + 1} if falls_through else set())
    for number, (path, question) in enumerate(flow.placed_questions()):
        if number not in perhaps:
            yield path, f"nobody is ever asked `{question.id}`: every question before it leads past it"
        elif number not in surely:
            yield path, f"only somebody whose answer before was not clear is asked `{question.id}`"


def _leaves(question: Question) -> bool:
    """Whether nobody goes on from here to the next question."""
    return any(rule.always for rule in question.go_to)


def _always_leads_on(question: Question) -> bool:
    """Whether every clear answer leads somewhere by a rule."""
    named = {rule.answer for rule in rules(question)}
    possible = {
        Expects.YES_NO: {"yes", "no"},
        Expects.CHOICE: {option.id for option in question.options},
    }.get(question.expects)
    return _leaves(question) or bool(possible and possible <= named)
