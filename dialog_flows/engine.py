"""Holds the interview: `step(flow, state, event)` gives the new state and what to do. No clock, no I/O.

    disclosure -> consent -> identity -> good_time -> each question and its follow-ups -> candidate_questions -> closing

These rules hold whatever order events arrive in:

- Words are a reply to a line only once the line was heard, or cut by the candidate (`state.awaiting` is the line that
  has not been yet). Words that come sooner belong to the answer before.
- When the candidate talks over the lead-in ("Thank you.") or the first half of the question, it was never heard
  (`state.asked` is empty): their words belong to the answer before, and then the question is asked.
- Recording needs a plain yes to the whole consent question: when it was cut, a yes is asked for again.
- Once a closing line is ordered (`state.outcome`), nothing is asked any more; HangUp follows when it has been heard.
"""

from collections.abc import Callable
from dataclasses import replace

from dialog_flows.filing import extend_last_answer, file_answer, mark_unanswered
from dialog_flows.schema import Flow, FollowUp, Question, Recording
from dialog_flows.understanding import Kind, understand
from dialog_flows.wishes import asked_us, clarification, with_wish
from models.call import Disposition
from models.dialog import (
    AnswerStatus,
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogAction,
    DialogEvent,
    DialogState,
    Expects,
    HangUp,
    KeyPressed,
    LineCut,
    LineHeard,
    LineLost,
    Listen,
    PermitRecording,
    Say,
    Step,
    SwitchLanguage,
    TimeUp,
)
from models.speech import Utterance

DISCLOSURE, CONSENT, IDENTITY, GOOD_TIME = "disclosure", "consent", "identity", "good_time"
CANDIDATE_QUESTIONS, CLOSING = "candidate_questions", "closing"
OPENING = (CONSENT, IDENTITY, GOOD_TIME)

AGAIN = "again"
"""`follow_up` of an opening question that is asked again because the reply was neither yes nor no."""
GO_AHEAD, ANYTHING_ELSE = "go_ahead", "anything_else"
"""`follow_up` at the candidate's questions."""

MAX_CANDIDATE_QUESTIONS = 3
UNDERSTOOD_SHARE = 0.5
"""A question of which less was heard has not been asked: who spoke over it was still answering the one before."""
THINKING_PATIENCE = 2
"""How many times longer a candidate who asked for a moment may be silent."""

YES_KEY, NO_KEY, OPT_OUT_KEY, REPEAT_KEY = "1", "2", "9", "*"

CLOSES = {
    Kind.OPT_OUT: Disposition.OPTED_OUT,
    Kind.WRONG_PERSON: Disposition.WRONG_PERSON,
    Kind.WANTS_PERSON: Disposition.DECLINED,
    Kind.NOT_NOW: Disposition.RESCHEDULE,
    Kind.GOODBYE: Disposition.ENDED_EARLY,
}
"""What ends the call wherever it is said."""

REPEATS = (Kind.REPEAT, Kind.SLOWER, Kind.LOUDER, Kind.CLARIFY)
"""What has the question said again."""

SWITCHES = {Kind.SWITCH_TO_ENGLISH: "en", Kind.SWITCH_TO_MANDARIN: "zh"}
"""What changes the language wherever it is said, if the flow is held in that language too."""

CLOSING_LINES: dict[Disposition, Callable[[Flow], str]] = {
    Disposition.COMPLETED: lambda flow: flow.closing,
    Disposition.ENDED_EARLY: lambda flow: flow.lines.goodbye,
    Disposition.OPTED_OUT: lambda flow: flow.lines.opt_out,
    Disposition.RESCHEDULE: lambda flow: flow.lines.reschedule,
    Disposition.WRONG_PERSON: lambda flow: flow.lines.wrong_person,
    Disposition.DECLINED: lambda flow: flow.lines.wants_person,
    Disposition.UNRESPONSIVE: lambda flow: flow.lines.unresponsive,
    Disposition.TOO_LONG: lambda flow: flow.lines.too_long,
}


def step(flow: Flow, state: DialogState, event: DialogEvent) -> Step:
    """What follows from one event. `flow` must come from `Flow.fill`; a new interview begins with DialogState()."""
    flow = flow.in_language(state.language)
    if state.outcome is not None:
        return _after_closing(flow, state, event)
    match event:
        case CallStarted():
            return _start(flow, state)
        case LineLost():
            return _line_lost(flow, state, event.last_words)
        case TimeUp():
            return _close(flow, state, Disposition.TOO_LONG)
        case LineHeard():
            return _line_heard(flow, state, event.line_id)
        case LineCut():
            return _line_cut(flow, state, event)
        case CandidateSpoke():
            return _spoke(flow, state, event)
        case CandidateSilent():
            return _silent(flow, state)
        case KeyPressed():
            return _key(flow, state, event.digit)


def lines(flow: Flow) -> tuple[str, ...]:
    """Every text that `step` may say for this filled flow, each once, in about the order of the call."""
    stock = [(text,) if isinstance(text, str) else text for _, text in flow.lines]
    texts = (
        flow.disclosure,
        flow.consent.ask,
        flow.identity.ask,
        flow.good_time.ask,
        *(text for question in flow.questions for text in (question.ask, *(each.ask for each in question.follow_ups))),
        *(question.clarification for question in flow.questions if question.clarification),
        flow.candidate_questions.ask,
        flow.candidate_questions.reply,
        flow.closing,
        *(text for group in stock for text in group),
    )
    return tuple(dict.fromkeys(texts))


# Events


def _start(flow: Flow, state: DialogState) -> Step:
    if state.position is not None:
        return Step(state)
    if not flow.filled:
        raise ValueError("the flow still has its variables; pass flow.fill(variables)")
    permit = (PermitRecording(True),) if flow.policies.recording is Recording.FROM_START else ()
    return _disclose(flow, replace(state, position=DISCLOSURE), *permit)


def _disclose(flow: Flow, state: DialogState, *before: DialogAction) -> Step:
    state, says = _say_all(state, flow.disclosure, interruptible=False)
    return Step(replace(state, awaiting=says[-1].line_id), (*before, *says))


def _line_heard(flow: Flow, state: DialogState, line_id: str) -> Step:
    if line_id != state.awaiting:
        return Step(state)
    if state.position == DISCLOSURE:
        return _advance(flow, state)
    return Step(replace(state, awaiting=None, asked=_question_text(flow, state)))


def _line_cut(flow: Flow, state: DialogState, cut: LineCut) -> Step:
    if state.position == DISCLOSURE:
        return _disclose(flow, state) if cut.line_id == state.awaiting else Step(state)
    question_cut = cut.line_id == state.awaiting
    lead_in_cut = state.awaiting and cut.line_id == _line_id(state.lines - 1)
    unheard = cut.heard_share < UNDERSTOOD_SHARE or state.position == CONSENT
    if lead_in_cut or (question_cut and unheard):
        return Step(replace(state, asked=""))
    return Step(replace(state, awaiting=None)) if question_cut and state.asked else Step(state)


def _spoke(flow: Flow, state: DialogState, event: CandidateSpoke) -> Step:
    expects = Expects.OPEN if state.awaiting else _expects(flow, state)
    meaning = understand(event.utterance.text, expects, flow.language, state.asked)
    kind = meaning.kind
    state = replace(state, silences=0)
    if state.position == CONSENT and kind is Kind.YES and event.utterance.text.rstrip().endswith("?"):
        kind = Kind.ANSWER  # "Yes, who is calling?" agrees to nothing
    if state.position == CANDIDATE_QUESTIONS and kind is Kind.CLARIFY:
        kind = Kind.QUESTION  # "What is a typical day like?"
    if state.position is None:
        result = Step(state)
    elif kind in CLOSES and not (state.position == CANDIDATE_QUESTIONS and kind is not Kind.OPT_OUT):
        result = _close(flow, with_wish(state, event, kind, flow.language), CLOSES[kind])
    elif kind in SWITCHES:
        result = _switch(flow, state, SWITCHES[kind])
    elif state.awaiting:
        result = _spoke_too_soon(flow, state, event.utterance, kind)
    elif kind is Kind.THINKING:
        result = Step(state, (_listen(flow, state, THINKING_PATIENCE),))
    elif kind in REPEATS:
        result = _repeat(flow, state, clarification(flow, state) if kind is Kind.CLARIFY else "")
    elif kind is Kind.QUESTION and state.position != CANDIDATE_QUESTIONS:
        state, reply = asked_us(flow, state, event.utterance, meaning)
        result = _repeat(flow, state, reply)
    elif state.position in OPENING:
        result = _opening_reply(flow, state, kind)
    elif state.position == CANDIDATE_QUESTIONS:
        result = _candidate_question(flow, state, event.utterance, kind)
    else:
        result = _answer(flow, state, event, kind)
    return replace(result, meaning=kind.value)


def _spoke_too_soon(flow: Flow, state: DialogState, utterance: Utterance, kind: Kind) -> Step:
    """Words that came before the line was heard: the end of what was said before."""
    if state.position == DISCLOSURE:
        return Step(state)
    if state.position == CONSENT and not state.asked:
        return _opening_reply(flow, state, Kind.NO if kind is Kind.NO else Kind.ANSWER)
    state = _late_words(state, utterance, kind)
    return Step(state, (_listen(flow, state),)) if state.asked else _ask(flow, state)


def _late_words(state: DialogState, utterance: Utterance, kind: Kind) -> DialogState:
    """The end of what was said last, unless it is a request that comes too late."""
    if kind is Kind.QUESTION:
        return replace(state, questions_for_hr=(*state.questions_for_hr, utterance))
    if kind not in (Kind.ANSWER, Kind.YES, Kind.NO):
        return state
    if state.position == CANDIDATE_QUESTIONS and (state.follow_up or state.outcome):
        asks = kind is Kind.ANSWER
        return replace(state, questions_for_hr=(*state.questions_for_hr, utterance)) if asks else state
    return extend_last_answer(state, utterance, substantial=kind is Kind.ANSWER)


def _line_lost(flow: Flow, state: DialogState, last_words: Utterance | None) -> Step:
    """The call is over. What was being said is kept, and the next call takes the interview up at this question."""
    asked = next((question for question in flow.questions if question.id == state.position), None)
    if last_words is not None and state.awaiting is None and asked is not None:
        state = file_answer(state, asked, last_words, AnswerStatus.ANSWERED)
    elif last_words is not None and state.position is not None:
        state = _late_words(state, last_words, Kind.ANSWER)
    state = replace(mark_unanswered(state, flow.questions), outcome=Disposition.DROPPED, awaiting=None)
    return Step(state, meaning=Kind.ANSWER.value if last_words else None)


def _silent(flow: Flow, state: DialogState) -> Step:
    if state.position in (None, DISCLOSURE):
        return Step(state)
    if state.awaiting and state.asked:
        # It belongs to the turn before, or the report that the line was heard is lost. Either way the line is out.
        state = replace(state, awaiting=None)
        return Step(state, (_listen(flow, state),))
    if state.position == CANDIDATE_QUESTIONS and (state.follow_up or state.silences >= flow.policies.max_silences):
        return _close(flow, state, Disposition.COMPLETED)
    if state.silences >= flow.policies.max_silences:
        return _close(flow, state, Disposition.UNRESPONSIVE)
    lead_in = flow.lines.silence[state.silences % len(flow.lines.silence)]
    return _ask(flow, replace(state, silences=state.silences + 1), lead_in)


def _key(flow: Flow, state: DialogState, digit: str) -> Step:
    if state.position is None:
        return Step(state)
    if digit == OPT_OUT_KEY:
        return _close(flow, state, Disposition.OPTED_OUT)
    if state.awaiting:
        return Step(state)
    state = replace(state, silences=0)
    if digit == REPEAT_KEY:
        return _repeat(flow, state)
    kind = {YES_KEY: Kind.YES, NO_KEY: Kind.NO}.get(digit)
    if kind and state.position in OPENING:
        return _opening_reply(flow, state, kind)
    if kind and state.position == CANDIDATE_QUESTIONS:
        return _ask(flow, _turn_to(state, GO_AHEAD)) if kind is Kind.YES else _advance(flow, state)
    return Step(state)


def _after_closing(flow: Flow, state: DialogState, event: DialogEvent) -> Step:
    match event:
        case LineHeard() | LineCut() if state.awaiting and event.line_id == state.awaiting:
            return _hang_up(state)
        case TimeUp() if state.awaiting:
            return _hang_up(state)
        case LineLost(last_words=words):
            closed = replace(state, awaiting=None)
            return _after_closing(flow, closed, CandidateSpoke(words)) if words else Step(closed)
        case KeyPressed(digit=digit) if digit == OPT_OUT_KEY:
            return Step(replace(state, outcome=Disposition.OPTED_OUT))
        case CandidateSpoke():
            kind = understand(event.utterance.text, Expects.OPEN, flow.language).kind
            if kind is Kind.OPT_OUT:
                state = replace(state, outcome=Disposition.OPTED_OUT)
            elif state.outcome in (Disposition.TOO_LONG, Disposition.UNRESPONSIVE):
                state = _late_words(state, event.utterance, kind)
            return Step(state, meaning=kind.value)
    return Step(state)


def _hang_up(state: DialogState) -> Step:
    assert state.outcome is not None
    return Step(replace(state, awaiting=None), (HangUp(state.outcome),))


# What a reply leads to


def _opening_reply(flow: Flow, state: DialogState, kind: Kind) -> Step:
    """After a second unclear reply the interview takes what is safest for the candidate: it records nothing, tells
    nobody more than it has, and does not refuse anybody's time."""
    if kind not in (Kind.YES, Kind.NO) and state.follow_up != AGAIN:
        return _ask(flow, _turn_to(state, AGAIN), flow.lines.unclear)
    if state.position == CONSENT:
        permitted = kind is Kind.YES
        state = replace(state, recording_permitted=permitted)
        lead_in = flow.lines.acknowledgements[0] if permitted else flow.lines.unrecorded
        return _advance(flow, state, lead_in, before=(PermitRecording(permitted),))
    if state.position == IDENTITY:
        if kind is Kind.YES:
            return _advance(flow, state)
        return _close(flow, state, Disposition.WRONG_PERSON if kind is Kind.NO else Disposition.RESCHEDULE)
    if kind is Kind.NO:
        return _close(flow, state, Disposition.RESCHEDULE)
    return _advance(flow, state, flow.lines.begin)


def _answer(flow: Flow, state: DialogState, event: CandidateSpoke, kind: Kind) -> Step:
    question = _question(flow, state)
    status = AnswerStatus.SKIPPED if kind is Kind.SKIP else AnswerStatus.ANSWERED
    state = file_answer(state, question, event.utterance, status)
    if kind is Kind.SKIP:
        return _advance(flow, state, flow.lines.skipping)
    follow_up = _next_follow_up(flow, state, question, event.unmet_criteria)
    said = sum(len(answer.parts) for answer in state.answers)
    lead_in = flow.lines.acknowledgements[said % len(flow.lines.acknowledgements)]
    if follow_up is None:
        return _advance(flow, state, lead_in)
    asked = (*state.follow_ups_asked, follow_up.id)
    return _ask(flow, replace(_turn_to(state, follow_up.id), follow_ups_asked=asked), lead_in)


def _candidate_question(flow: Flow, state: DialogState, utterance: Utterance, kind: Kind) -> Step:
    if kind is Kind.YES and state.follow_up != GO_AHEAD:
        return _ask(flow, _turn_to(state, GO_AHEAD))
    if kind in (Kind.NO, Kind.SKIP, Kind.GOODBYE) or _declines(flow, utterance):
        return _advance(flow, state)
    state = replace(state, questions_for_hr=(*state.questions_for_hr, utterance))
    if len(state.questions_for_hr) >= MAX_CANDIDATE_QUESTIONS:
        return _advance(flow, state, flow.candidate_questions.reply)
    return _ask(flow, _turn_to(state, ANYTHING_ELSE), flow.candidate_questions.reply)


def _declines(flow: Flow, utterance: Utterance) -> bool:
    """Whether it is a "no" in other words, such as "Not at the moment" or "No, it was all clear", and asks nothing."""
    asks = set("?？") & set(utterance.text)
    return not asks and understand(utterance.text, Expects.YES_NO, flow.language).kind in (Kind.NO, Kind.NOT_NOW)


def _repeat(flow: Flow, state: DialogState, lead_in: str = "") -> Step:
    if state.position == DISCLOSURE:
        return Step(state)
    if state.repeats < flow.policies.max_repeats:
        return _ask(flow, replace(state, repeats=state.repeats + 1), lead_in or flow.lines.repeating)
    if state.position in OPENING:
        return _opening_reply(flow, _turn_to(state, AGAIN), Kind.ANSWER)
    if state.position == CANDIDATE_QUESTIONS:
        return _advance(flow, state)
    return _advance(flow, state, flow.lines.moving_on)


def _switch(flow: Flow, state: DialogState, language: str) -> Step:
    """The same question in the language that was asked for. Whoever asks before they have agreed to anything hears in
    it who is calling, too."""
    if language not in flow.languages:
        return _repeat(flow, state, flow.lines.one_language)
    if language == flow.language:
        return _repeat(flow, state, flow.lines.switched)
    flow, state = flow.in_language(language), replace(state, language=language)
    switch = SwitchLanguage(language)
    if state.position in (DISCLOSURE, CONSENT):
        return _disclose(flow, replace(state, position=DISCLOSURE, follow_up=None), switch)
    return _ask(flow, state, flow.lines.switched, before=(switch,))


def _next_follow_up(flow: Flow, state: DialogState, question: Question, unmet: tuple[str, ...]) -> FollowUp | None:
    if len(state.follow_ups_asked) >= question.max_follow_ups:
        return None
    length = _length(state.answers[-1].text, flow.language)

    def due(follow_up: FollowUp) -> bool:
        wanted, shortest = follow_up.when.no_evidence_for, follow_up.when.shorter_than_words
        return (wanted is None or wanted in unmet) and (shortest is None or length < shortest)

    return next((each for each in question.follow_ups if each.id not in state.follow_ups_asked and due(each)), None)


def _length(text: str, language: str) -> int:
    """Words; in Chinese, characters."""
    return sum(map(str.isalnum, text)) if language == "zh" else len(text.split())


# Moving through the flow


def _positions(flow: Flow) -> tuple[str, ...]:
    return (DISCLOSURE, *OPENING, *(question.id for question in flow.questions), CANDIDATE_QUESTIONS, CLOSING)


def _advance(flow: Flow, state: DialogState, *lead_in: str, before: tuple[DialogAction, ...] = ()) -> Step:
    """On to the next step of the flow."""
    state = mark_unanswered(state, flow.questions)
    positions = _positions(flow)
    following = positions[positions.index(state.position or DISCLOSURE) + 1]
    state = replace(state, position=following, follow_up=None, follow_ups_asked=(), repeats=0, silences=0)
    if following == CLOSING:
        return _close(flow, state, Disposition.COMPLETED, *lead_in)
    return _ask(flow, state, *lead_in, before=before)


def _turn_to(state: DialogState, follow_up: str) -> DialogState:
    """The same step of the flow, at another line."""
    return replace(state, follow_up=follow_up, repeats=0)


def _ask(flow: Flow, state: DialogState, *lead_in: str, before: tuple[DialogAction, ...] = ()) -> Step:
    """Say the line that the state stands at, and listen."""
    state, says = _say_all(state, *lead_in, _question_text(flow, state))
    awaiting = None if state.follow_up == GO_AHEAD else says[-1].line_id
    state = replace(state, awaiting=awaiting, asked=says[-1].text)
    return Step(state, (*before, *says, _listen(flow, state)))


def _close(flow: Flow, state: DialogState, outcome: Disposition, *lead_in: str) -> Step:
    """Say goodbye; the call ends when it has been heard. Before the disclosure there is nobody to say it to."""
    if state.position is None:
        return Step(replace(state, outcome=outcome), (HangUp(outcome),))
    if state.position == CANDIDATE_QUESTIONS and outcome is Disposition.COMPLETED:
        state = replace(state, position=CLOSING)
    state, says = _say_all(
        mark_unanswered(state, flow.questions), *lead_in, CLOSING_LINES[outcome](flow), interruptible=False
    )
    return Step(replace(state, awaiting=says[-1].line_id, outcome=outcome), says)


def _say_all(state: DialogState, *texts: str, interruptible: bool = True) -> tuple[DialogState, tuple[Say, ...]]:
    says = tuple(Say(_line_id(state.lines + n), text, interruptible) for n, text in enumerate(texts, start=1))
    return replace(state, lines=state.lines + len(says)), says


def _line_id(number: int) -> str:
    return f"line-{number}"


def _listen(flow: Flow, state: DialogState, patience: int = 1) -> Listen:
    return Listen(_expects(flow, state), flow.policies.silence_ms * patience)


def _expects(flow: Flow, state: DialogState) -> Expects:
    if state.position in OPENING:
        return Expects.YES_NO
    if state.position == CANDIDATE_QUESTIONS:
        return Expects.OPEN if state.follow_up == GO_AHEAD else Expects.SHORT
    return _question(flow, state).expects


def _question(flow: Flow, state: DialogState) -> Question:
    return next(question for question in flow.questions if question.id == state.position)


def _question_text(flow: Flow, state: DialogState) -> str:
    match state.position:
        case "consent":
            return flow.consent.ask
        case "identity":
            return flow.identity.ask
        case "good_time":
            return flow.good_time.ask
        case "candidate_questions":
            stock = {GO_AHEAD: flow.lines.go_ahead, ANYTHING_ELSE: flow.lines.anything_else}
            return stock.get(state.follow_up or "", flow.candidate_questions.ask)
    question = _question(flow, state)
    return next((each.ask for each in question.follow_ups if each.id == state.follow_up), question.ask)
