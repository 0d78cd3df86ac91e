"""What an answer comes to (a yes, an option, a number), and whether a condition of the flow holds for it.

Only what is clear counts: two options in one reply choose neither, two numbers name none.
"""

import re
from collections.abc import Iterator
from datetime import date

from dialog_flows.blocks import NO, SKIPPED, YES, AnswerIs, Question
from dialog_flows.days import days, limit
from dialog_flows.meaning import Kind
from dialog_flows.understanding import understand
from models.dialog import Answer, AnswerStatus, DialogState, Expects
from models.numerals import numbers

HAN = re.compile(r"[\u3400-\u9fff]")


def holds(condition: AnswerIs, question: Question, state: DialogState) -> bool:
    """Whether the answer to `question` is as the condition says. A question that was not asked fulfils nothing."""
    if condition.always:
        return True
    answer = next((answer for answer in state.answers if answer.question_id == question.id), None)
    if answer is None:
        return False
    if condition.answer is not None and word(question, answer) != condition.answer:
        return False
    return _number_holds(condition, question, answer) and _day_holds(condition, answer)


def _number_holds(condition: AnswerIs, question: Question, answer: Answer) -> bool:
    if condition.less_than is None and condition.at_least is None:
        return True
    named = number(question, answer)
    return (
        named is not None
        and (condition.less_than is None or named < condition.less_than)
        and (condition.at_least is None or named >= condition.at_least)
    )


def _day_holds(condition: AnswerIs, answer: Answer) -> bool:
    if condition.before is None and condition.after is None:
        return True
    named = _day(answer)
    if named is None:
        return False
    day, said_on = named
    return (condition.before is None or day < limit(condition.before, said_on)) and (
        condition.after is None or day > limit(condition.after, said_on)
    )


def word(question: Question, answer: Answer) -> str | None:
    """`yes`, `no`, the id of an option, or `skipped`; None when the answer is none of these."""
    if answer.status is not AnswerStatus.ANSWERED:
        return SKIPPED
    said = {Expects.YES_NO: _yes_or_no, Expects.CHOICE: _option}.get(question.expects)
    return next((found for text in _replies(answer) if (found := said(question, answer, text))), None) if said else None


def number(question: Question, answer: Answer) -> float | None:
    """The number that the answer names; the words that come last count."""
    follow_ups = [part.utterance.text for part in reversed(answer.parts) if part.follow_up is not None]
    for text in (*_replies(answer), *follow_ups):
        named = set(numbers(text, answer.question))
        if named:
            return named.pop() if len(named) == 1 else None
        if question.expects is Expects.NUMBER and _yes_or_no(question, answer, text) == NO:
            return 0.0  # "How many years?" "None."
    return None


def day(answer: Answer) -> date | None:
    """The day that the answer names; the words that come last count, and two days name none."""
    named = _day(answer)
    return named[0] if named else None


def _day(answer: Answer) -> tuple[date, date] | None:
    """The day that is named, and the day on which it is."""
    follow_ups = (part for part in reversed(answer.parts) if part.follow_up is not None)
    replies = (part for part in reversed(answer.parts) if part.follow_up is None)
    for part in (*replies, *follow_ups):
        text, said_on = part.utterance.text, part.said_on
        named = days(text, "zh" if HAN.search(text) else "en", said_on) if said_on else ()
        if said_on and named:
            return (named[0], said_on) if len(named) == 1 else None
    return None


def is_clear(question: Question, answer: Answer) -> bool:
    """Whether the answer is of the kind that the question expects."""
    match question.expects:
        case Expects.YES_NO | Expects.CHOICE:
            return word(question, answer) is not None
        case Expects.NUMBER:
            return any(numbers(text) for text in _replies(answer)) or number(question, answer) is not None
    return True


def names(text: str, spelling: str) -> bool:
    """Whether `spelling` stands in `text` as whole words (Chinese: as it is), capitals aside."""
    text, spelling = text.casefold(), spelling.casefold()
    if HAN.search(spelling):
        return spelling in text
    return re.search(rf"(?<![a-z0-9]){re.escape(spelling)}(?![a-z0-9])", text) is not None


def _replies(answer: Answer) -> Iterator[str]:
    """What was said to the question itself, the last first."""
    return (part.utterance.text for part in reversed(answer.parts) if part.follow_up is None)


def _yes_or_no(question: Question, answer: Answer, text: str) -> str | None:
    language = "zh" if HAN.search(text) else "en"
    kind = understand(text, Expects.YES_NO, language, answer.question).kind
    return {Kind.YES: YES, Kind.NO: NO}.get(kind)


def _option(question: Question, answer: Answer, text: str) -> str | None:
    chosen = [option.id for option in question.options if any(names(text, says) for says in option.says)]
    return chosen[0] if len(chosen) == 1 else None
