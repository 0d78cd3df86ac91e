"""Whether a flow's criteria can be earned, and whether their weights make sense."""

from collections import defaultdict
from collections.abc import Iterator

from dialog_flows.blocks import Question
from dialog_flows.schema import Flow, KeyPath
from models.dialog import Expects

LEAST_SHARE = 0.01
"""Of the flow's weight: a criterion that counts for less changes no score that has one decimal."""
NEAR = 0.2
"""Weights whose sum is so near to 1 or 100 were meant to add up to it."""
TELLING = (Expects.OPEN, Expects.SHORT)
"""Answers in sentences, which can show something."""

Found = Iterator[tuple[KeyPath, str]]


def problems(flow: Flow) -> Found:
    is_scored = any(question.criteria for question in flow.questions)
    for path, question in flow.placed_questions():
        if is_scored and not question.criteria and question.expects in TELLING:
            yield path, f"question `{question.id}` has no criteria, so its answer will not be scored"
        yield from _not_to_be_earned(path, question)
    yield from _weights(flow)


def _not_to_be_earned(path: KeyPath, question: Question) -> Found:
    if question.criteria and question.expects not in TELLING and not question.follow_ups:
        kind = question.expects.value.replace("_", "/")
        yield (
            (*path, "criteria"),
            f"nobody can earn these: the answer is a {kind} and says no more; ask it openly, or add a follow-up",
        )
    asked = {_plain(text) for text in (question.ask, *question.variants)}
    seen: set[str] = set()
    for number, criterion in enumerate(question.criteria):
        for position, point in enumerate(criterion.points):
            place = (*path, "criteria", number, "points", position)
            if _plain(point) in asked:
                yield place, "this repeats the question; write what a good answer says"
            elif _plain(point) in seen:
                yield place, "this point stands in the question twice, so one sentence earns it twice; keep one"
            seen.add(_plain(point))


def _weights(flow: Flow) -> Found:
    placed = [
        ((*path, "criteria", number), criterion.weight)
        for path, question in flow.placed_questions()
        for number, criterion in enumerate(question.criteria)
    ]
    total = sum(weight for _, weight in placed)
    for place, weight in placed:
        if weight / total < LEAST_SHARE:
            share = f"{weight / total:.1%}".replace("%", " %")
            yield (*place, "weight"), f"this counts for {share} of the score, which nobody will notice; weigh it more"
    weights = [weight for _, weight in placed]
    whole = 100 if max(weights, default=0) >= 10 else 1 if min(weights, default=1) < 1 else None
    if whole is None:
        return
    sums: defaultdict[KeyPath, float] = defaultdict(float)
    for place, weight in placed:
        sums[place[:-2]] += weight
    if _is(total, whole) or all(_is(each, whole) for each in sums.values()):
        return
    if _near(total, whole):
        yield placed[0][0], f"the weights of the flow add up to {total:g}, not to {whole}; mend one of them"
        return
    for path, each in sums.items():
        if _near(each, whole) and not _is(each, whole):
            yield (*path, "criteria"), f"the weights of this question add up to {each:g}, not to {whole}"


def _is(total: float, whole: int) -> bool:
    return abs(total - whole) < 0.001 * whole


def _near(total: float, whole: int) -> bool:
    return abs(total - whole) <= NEAR * whole


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
