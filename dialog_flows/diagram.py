"""A flow as a picture: its steps and questions, and the ways between them. As Mermaid text, and as lines of a tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dialog_flows.blocks import AnswerIs, FollowUp, Question, SkipWhen
from dialog_flows.path import CANDIDATE_QUESTIONS, rules
from dialog_flows.schema import Flow

LONGEST_LABEL = 60
"""Characters of a question that a box of the diagram shows."""

SIGNS = '"#<>|{}[]`&\\'
"""What means something to Mermaid in a label."""
LIST_MARK = re.compile(r"\d+\.(?=\s)|[-*+](?=\s)")
"""At its beginning Mermaid takes this for a list, which it then refuses to draw."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree, and what hangs below it."""

    text: str
    kind: str
    """What it is: `flow`, `step`, `section`, `question` or `detail`."""
    below: tuple["Branch", ...] = ()


def tree(flow: Flow) -> Branch:
    """The flow from its disclosure to its closing."""
    languages = ", ".join((flow.language, *flow.also_in))
    weight = sum(criterion.weight for question in flow.questions for criterion in question.criteria)
    if flow.sections:
        questions = [
            Branch(section.title, "section", tuple(_question(each, weight) for each in section.questions))
            for section in flow.sections
        ]
    else:
        questions = [_question(each, weight) for each in flow.questions]
    faq = tuple(Branch(f"{entry.asked[0]} → {entry.answer}", "detail") for entry in flow.faq)
    return Branch(
        f"{flow.title}  ({flow.id}, version {flow.version}, {languages})",
        "flow",
        (
            Branch(f"disclosure: {flow.disclosure}", "step"),
            Branch(f"consent: {flow.consent.ask}", "step", (_refusal(flow),)),
            Branch(f"identity: {flow.identity.ask}", "step"),
            Branch(f"good_time: {flow.good_time.ask}", "step"),
            *questions,
            Branch(f"candidate_questions: {flow.candidate_questions.ask}", "step", faq),
            Branch(f"closing: {flow.closing}", "step"),
        ),
    )


def _refusal(flow: Flow) -> Branch:
    outcome = "the call ends" if flow.policies.recording_refused == "end" else "goes on unrecorded"
    return Branch(f"no → {outcome}", "detail")


def _question(question: Question, whole_weight: float) -> Branch:
    return Branch(f"{question.id}: {question.ask}", "question", tuple(_details(question, whole_weight)))


def _details(question: Question, whole_weight: float) -> Iterator[Branch]:
    yield Branch(f"expects {question.expects.value}", "detail")
    if question.depth:
        yield Branch(f"only {question.depth.value} interviews", "detail")
    if question.skip_when:
        yield Branch(f"skipped when {condition(question.skip_when)}", "detail")
    for option in question.options:
        yield Branch(f"{option.id}: {', '.join(option.says)}", "detail")
    for rule in rules(question):
        yield Branch(f"{condition(rule) or 'always'} → {rule.to}", "detail")
    if question.knock_out:
        yield Branch(f"marked when {condition(question.knock_out)}: {question.knock_out.note}", "detail")
    for criterion in question.criteria:
        share, must = criterion.weight / whole_weight, ", must have" if criterion.must_have else ""
        points = tuple(Branch(point, "detail") for point in criterion.points)
        yield Branch(f"{criterion.name} ({share:.0%} of the score{must})", "detail", points)
    for follow_up in question.follow_ups:
        yield Branch(
            f"{follow_up.id}: {follow_up.ask}", "question", (Branch(f"asked when {asked_when(follow_up)}", "detail"),)
        )


def asked_when(follow_up: FollowUp) -> str:
    """What an answer must be for the follow-up to be asked, in words."""
    when = follow_up.when
    parts = [
        f"no evidence for {when.no_evidence_for}" if when.no_evidence_for else "",
        f"shorter than {when.shorter_than_words} words" if when.shorter_than_words else "",
        "no number" if when.no_number else "",
        f"names {' or '.join(when.skill_named)}" if when.skill_named else "",
        condition(when),
        f"only {follow_up.depth.value} interviews" if follow_up.depth else "",
    ]
    return " and ".join(filter(None, parts))


def condition(rule: AnswerIs) -> str:
    """What an answer must be, in words; empty where it may be anything."""
    subject = rule.question if isinstance(rule, SkipWhen) and rule.question else "the answer"
    skip = rule if isinstance(rule, SkipWhen) else SkipWhen()
    parts = [
        f"{subject} is {rule.answer}" if rule.answer else "",
        f"{subject} is less than {rule.less_than:g}" if rule.less_than is not None else "",
        f"{subject} is at least {rule.at_least:g}" if rule.at_least is not None else "",
        f"{subject} is before {_day(rule.before)}" if rule.before else "",
        f"{subject} is after {_day(rule.after)}" if rule.after else "",
        f"the match score is below {skip.match_below:g}" if skip.match_below is not None else "",
        f"the match score is at least {skip.match_at_least:g}" if skip.match_at_least is not None else "",
    ]
    return " and ".join(filter(None, parts))


def _day(limit: str) -> str:
    return limit if limit[-1].isdigit() else f"{limit} from the call"


# Mermaid


def mermaid(flow: Flow) -> str:
    """The flow as a Mermaid flowchart, for documents and for https://mermaid.live."""
    return "\n".join(("flowchart TD", *(f"    {line}" for line in _mermaid(flow)))) + "\n"


def _mermaid(flow: Flow) -> Iterator[str]:
    yield from (
        f'disclosure(["{_label(flow.disclosure)}"])',
        f'consent{{"{_label(flow.consent.ask)}"}}',
        f'identity{{"{_label(flow.identity.ask)}"}}',
        f'good_time{{"{_label(flow.good_time.ask)}"}}',
        "disclosure --> consent",
        "consent --> identity",
        "identity -->|yes| good_time",
        "identity -->|no| wrong_person([goodbye])",
        "good_time -->|no| reschedule([another time])",
        f"good_time -->|yes| {_node(flow.questions[0].id)}",
    )
    if flow.policies.recording_refused == "end":
        yield "consent -->|no| no_recording([goodbye])"
    for section in flow.sections:
        yield f'subgraph section_{section.id}["{_label(section.title)}"]'
        yield from (f"    {_box(question)}" for question in section.questions)
        yield "end"
    if not flow.sections:
        yield from (_box(question) for question in flow.questions)
    for question, following in zip(flow.questions, (*flow.questions[1:], None), strict=True):
        yield from _arrows(question, following.id if following else CANDIDATE_QUESTIONS)
    yield f'candidate_questions["{_label(flow.candidate_questions.ask)}"]'
    yield f'candidate_questions --> closing(["{_label(flow.closing)}"])'


def _box(question: Question) -> str:
    branches = any(True for _ in rules(question))
    opens, closes = ("{", "}") if branches else ("[", "]")
    return f'{_node(question.id)}{opens}"{_label(question.ask)}"{closes}'


def _arrows(question: Question, following: str) -> Iterator[str]:
    for rule in rules(question):
        answer = condition(rule).removeprefix("the answer is ")
        label = f'|"{_label(answer)}"|' if answer else ""
        yield f"{_node(question.id)} -->{label} {_node(rule.to)}"
        if not answer:
            break
    else:
        yield f"{_node(question.id)} --> {_node(following)}"
    for follow_up in question.follow_ups:
        name = f"{_node(question.id)}__{follow_up.id}"
        yield f'{name}["{_label(follow_up.ask)}"]'
        yield f"{_node(question.id)} -.-> {name}"
    if question.skip_when or question.depth:
        reason = condition(question.skip_when) if question.skip_when else f"{question.depth} interviews only"
        yield f'{_node(question.id)}_skip>"{_label(reason)}"] -.- {_node(question.id)}'


def _node(id: str) -> str:
    """A name of its own: `end` and others mean something to Mermaid."""
    return id if id == CANDIDATE_QUESTIONS else f"q_{id}"


def _label(text: str) -> str:
    short = text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…"
    listed = LIST_MARK.match(short)
    return "".join(
        f"#{ord(sign)};" if sign in SIGNS or (listed and place == listed.end() - 1) else sign
        for place, sign in enumerate(short)
    )
