"""What is wrong in a flow that only the whole of it shows: names that lead nowhere, conditions that cannot hold.

It reads the plain data of the file, whatever is in it, so that one wrong value does not hide the rest.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dialog_flows import phrases
from dialog_flows.blocks import NO, SKIPPED, YES, spoken_text
from dialog_flows.days import LIMIT, limit
from dialog_flows.path import CANDIDATE_QUESTIONS, CLOSING, DISCLOSURE, OPENING
from dialog_flows.schema import BUILT_IN_VARIABLES, LANGUAGES, MATCH_SCORE, PLACEHOLDER, KeyPath
from dialog_flows.strict import nearest
from models.dialog import Expects

STEP_NAMES = (DISCLOSURE, *OPENING, CANDIDATE_QUESTIONS, CLOSING)
"""Names of the flow's own steps, which no question may take."""

DISCLOSURE_MUST_SAY = {
    "who": "does not say who is calling; name the company, as in {company}",
    "ai": "does not say that an AI is calling; say so in plain words",
    "recorded": "does not say that the call is recorded; say so in plain words",
}
OTHER_THAN_CHOICE = tuple(kind for kind in Expects if kind is not Expects.CHOICE)
COMPARES = {"less_than": "number", "at_least": "number", "before": "date", "after": "date"}
"""What a question must expect for its answer to be compared so."""
ABOUT_ANSWER = ("answer", *COMPARES)
_ANY_DAY = date(2000, 1, 1)
"""From which "4 weeks" and "2 months" are counted to be compared with each other."""

Found = Iterator[tuple[KeyPath, str]]
"""Problems, each with its place in the file."""
Placed = tuple[KeyPath, dict[str, Any]]


def problems(data: Mapping[str, Any]) -> Found:
    yield from _variables(data)
    yield from _disclosure(data)
    questions = tuple(_questions(data))
    if not questions and "questions" not in data and "sections" not in data:
        yield (), "`questions` is missing"
    if "questions" in data and "sections" in data:
        yield ("questions",), "write either `questions` or `sections`; put these questions into a section"
    yield from _twice(_blocks(data, "sections", ()), "section")
    yield from _twice(_blocks(data, "faq", ()), "entry of `faq`")
    yield from _twice(questions, "question")
    order = tuple(str(question.get("id")) for _, question in questions)
    for number, (path, question) in enumerate(questions):
        if question.get("id") in STEP_NAMES:
            yield (*path, "id"), f"`{question['id']}` is a step of every flow; give the question another id"
        yield from _options(path, question)
        yield from _criteria_and_follow_ups(path, question)
        yield from _ways_on(path, question, order[: number + 1], order[number + 1 :])
        yield from _skip_when(path, question, questions[:number])
        yield from _knock_out(path, question)


# A question's parts


def _options(path: KeyPath, question: Mapping[str, Any]) -> Found:
    options = tuple(_blocks(question, "options", path))
    yield from _twice(options, "option")
    is_choice = question.get("expects") == "choice"
    if is_choice and not question.get("options"):
        yield (*path, "expects"), "a choice needs its answers; list them under `options`"
    if options and question.get("expects", Expects.OPEN) in OTHER_THAN_CHOICE:
        yield (*path, "options"), "`options` belong to a choice; write `expects: choice`"
    said: set[str] = set()
    for option_path, option in options:
        if option.get("id") in (YES, NO, SKIPPED):
            yield (*option_path, "id"), f"`{option['id']}` has a meaning of its own here; give the option another id"
        words = option.get("says")
        for position, word in enumerate(words if isinstance(words, list) else ()):
            if not isinstance(word, str):
                continue
            if word.casefold() in said:
                yield (*option_path, "says", position), f"two options say {word[:40]!r}, so that it chooses neither"
            said.add(word.casefold())


def _criteria_and_follow_ups(path: KeyPath, question: Mapping[str, Any]) -> Found:
    criteria, follow_ups = (tuple(_blocks(question, key, path)) for key in ("criteria", "follow_ups"))
    yield from _twice(criteria, "criterion")
    yield from _twice(follow_ups, "follow-up")
    known = tuple(dict.fromkeys(str(criterion.get("id")) for _, criterion in criteria))
    for follow_up_path, follow_up in follow_ups:
        when, place = follow_up.get("when"), (*follow_up_path, "when")
        if not isinstance(when, dict):
            continue
        wanted = when.get("no_evidence_for")
        if isinstance(wanted, str) and wanted not in known:
            mend = _nearest(wanted, known, "criteria of this question", "this question has no criteria")
            yield (*place, "no_evidence_for"), f"`{wanted[:40]}` is not a criterion of this question; {mend}"
        if all(value is None for value in when.values()):
            yield place, "`when` is empty; write `no_evidence_for:` or `shorter_than_words:` below it"
        yield from _about_answer(place, when, question)


def _ways_on(path: KeyPath, question: Mapping[str, Any], so_far: Sequence[str], later: Sequence[str]) -> Found:
    for option_path, option in _blocks(question, "options", path):
        yield from _target((*option_path, "go_to"), option.get("go_to"), so_far, later)
    for rule_path, rule in _blocks(question, "go_to", path):
        yield from _target((*rule_path, "to"), rule.get("to"), so_far, later)
        yield from _about_answer(rule_path, rule, question)


def _target(path: KeyPath, target: object, so_far: Sequence[str], later: Sequence[str]) -> Found:
    if not isinstance(target, str) or target == CANDIDATE_QUESTIONS or target in later:
        return
    if target in so_far:
        yield (
            path,
            f"`{target[:40]}` is not after this question: a way back could go on without end; name a later question",
        )
    else:
        mend = _nearest(target, (*later, CANDIDATE_QUESTIONS), "questions after this one", "")
        yield path, f"`{target[:40]}` is not a question of this flow; {mend}"


def _skip_when(path: KeyPath, question: Mapping[str, Any], earlier: Sequence[Placed]) -> Found:
    skip, place = question.get("skip_when"), (*path, "skip_when")
    if not isinstance(skip, dict):
        return
    about, asked = any(skip.get(key) is not None for key in ABOUT_ANSWER), skip.get("question")
    if isinstance(asked, str):
        known = {str(each.get("id")): each for _, each in earlier}
        if asked not in known:
            mend = _nearest(asked, tuple(known), "questions before this one", "there is none before this one")
            yield (*place, "question"), f"`{asked[:40]}` is not an earlier question; {mend}"
        else:
            yield from _about_answer(place, skip, known[asked])
        if not about:
            yield (
                place,
                f"write which answer to `{asked[:40]}` skips this question: {_listed(ABOUT_ANSWER)}",
            )
    elif about:
        yield place, "write in `question:` which earlier question this answer is about"
    elif skip.get("match_below") is None and skip.get("match_at_least") is None:
        yield place, "`skip_when` is empty; write `question:` and `answer:`, or `match_below:`, below it"
    if _crossed(skip.get("match_at_least"), skip.get("match_below")):
        yield place, "no match score is at least the one and below the other"


def _knock_out(path: KeyPath, question: Mapping[str, Any]) -> Found:
    rule = question.get("knock_out")
    if not isinstance(rule, dict):
        return
    if all(rule.get(key) is None for key in ABOUT_ANSWER):
        yield (*path, "knock_out"), f"write which answer is marked: {_listed(ABOUT_ANSWER)}"
    yield from _about_answer((*path, "knock_out"), rule, question)


def _about_answer(path: KeyPath, condition: Mapping[str, Any], question: Mapping[str, Any]) -> Found:
    """Conditions that the question's answer can never fulfil."""
    expects, wanted = question.get("expects", Expects.OPEN), condition.get("answer")
    if expects not in tuple(Expects):
        return  # which is told already
    if isinstance(wanted, bool):
        wanted = YES if wanted else NO
    if isinstance(wanted, str):
        options = tuple(str(option.get("id")) for _, option in _blocks(question, "options", ()))
        possible = {"yes_no": (YES, NO), "choice": options}.get(str(expects), ())
        if wanted != SKIPPED and wanted not in possible:
            mend = _nearest(wanted, (*possible, SKIPPED), "answers that can be named here", "")
            if wanted in (YES, NO):
                mend = "write `expects: yes_no` in that question"
            yield (*path, "answer"), f"`{wanted[:40]}` is not an answer that this question can have; {mend}"
    for key, compared in COMPARES.items():
        if condition.get(key) is not None and expects != compared:
            yield (*path, key), f"`{key}` needs a {compared} to compare; write `expects: {compared}` in that question"
    if _crossed(condition.get("at_least"), condition.get("less_than")):
        yield path, "no number is at least the one and less than the other"
    yield from _days(path, condition)


def _days(path: KeyPath, condition: Mapping[str, Any]) -> Found:
    limits: dict[str, date] = {}
    counted: set[bool] = set()
    for key in ("before", "after"):
        written = condition.get(key)
        try:
            if written is not None:
                limits[key] = limit(str(written), _ANY_DAY)
                counted.add(LIMIT.fullmatch(str(written)) is not None)
        except (ValueError, OverflowError):
            if re.fullmatch(r"\d{4}-\d\d-\d\d", str(written)):  # else its form has been told already
                yield (*path, key), f"there is no {written}; write a day such as 2027-03-01"
    alike = len(limits) == 2 and len(counted) == 1  # else it depends on the day of the call
    if alike and limits["after"] + timedelta(days=1) >= limits["before"]:
        yield path, "no day is after the one and before the other"


def _crossed(at_least: object, below: object) -> bool:
    numbers = (int, float)
    return isinstance(at_least, numbers) and isinstance(below, numbers) and at_least >= below


# The blocks of the plain data


def _questions(data: Mapping[str, Any]) -> Iterator[Placed]:
    yield from _blocks(data, "questions", ())
    for path, section in _blocks(data, "sections", ()):
        yield from _blocks(section, "questions", path)


def _blocks(parent: Mapping[str, Any], key: str, path: KeyPath) -> Iterator[Placed]:
    items = parent.get(key)
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, key, position), item


def _twice(blocks: Iterable[Placed], what: str) -> Found:
    seen: set[str] = set()
    for path, block in blocks:
        identifier = block.get("id")
        if not isinstance(identifier, str):
            continue
        if identifier in seen:
            yield (*path, "id"), f"another {what} already has the id `{identifier[:40]}`; give this one its own"
        seen.add(identifier)


def _listed(keys: Iterable[str]) -> str:
    *first, last = (f"`{key}`" for key in keys)
    return f"{', '.join(first)} or {last}"


def _nearest(wanted: str, known: tuple[str, ...], what: str, none: str) -> str:
    return nearest(wanted, known).replace("keys here", what) if known else none


# What the lines say


def _disclosure(data: Mapping[str, Any]) -> Found:
    """Nobody is called by a flow that hides what calls."""
    disclosure, language = data.get("disclosure"), data.get("language")
    if not isinstance(disclosure, str) or language not in LANGUAGES:
        return  # which is told already
    signs = phrases.read(language, "disclosure")
    for what, message in DISCLOSURE_MUST_SAY.items():
        if not re.search("|".join(signs[what]), spoken_text(disclosure), re.IGNORECASE):
            yield ("disclosure",), f"the disclosure {message}"


def _variables(data: Mapping[str, Any]) -> Found:
    declared = data.get("variables")
    own = tuple(declared) if isinstance(declared, dict) else ()
    if "callback_number" in own:
        yield ("variables", "callback_number"), "set `callback_number` under `policies` instead"
    known = tuple(dict.fromkeys((*BUILT_IN_VARIABLES, *own)))
    for path, text in _texts({key: value for key, value in data.items() if key != "variables"}, ()):
        for name in PLACEHOLDER.findall(text):
            if name == MATCH_SCORE:
                yield path, f"candidates are not told their match score; take {{{name}}} out"
            elif name not in known:
                yield path, f"{{{name[:40]}}} is not a variable; {_nearest(name, known, 'variables', '')}"
        if set("{}") & set(PLACEHOLDER.sub("", text)):
            yield path, "a brace stands alone; a variable is written {like.this}"


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, (*path, position))
