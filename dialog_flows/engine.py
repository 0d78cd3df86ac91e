"""Holds the interview: `step(flow, state, event)` gives the new state and what to do. No clock, no I/O.

    engine                what an event means here: heard, cut, spoke, silent, a key
    opening               what a reply to the opening leads to
    questions             what an answer leads to
    candidate_questions   the candidate's own questions
    another_time          when another call would suit
    requests              say it again, slower, louder, in the other language; a moment to think
    late                  words and reports that come when the moment has passed
    moves                 say and listen, go on, close
    path                  which question comes next

These rules hold whatever order events arrive in:

- Words are a reply to a line only once the line was heard, or cut by the candidate (`state.awaiting` is the line that
  has not been yet). Words that come sooner belong to the answer before.
- When the candidate talks over the lead-in ("Thank you.") or the first half of the question, it was never heard
  (`state.asked` is empty): their words belong to the answer before, and then the question is asked.
- Recording needs a plain yes to the whole consent question: when it was cut, a yes is asked for again.
- Once a closing line is ordered (`state.outcome`), nothing is asked any more; HangUp follows when it has been heard.
"""

from dataclasses import replace

from dialog_flows.another_time import not_now, suggested
from dialog_flows.blocks import Faq, Question
from dialog_flows.candidate_questions import candidate_question
from dialog_flows.filing import mark_knock_outs
from dialog_flows.late import OPT_OUT_KEY, after_closing, line_lost, spoke_too_soon
from dialog_flows.meaning import Kind
from dialog_flows.moves import (
    ANYTHING_ELSE,
    CALL_BACK,
    GO_AHEAD,
    advance,
    ask,
    close,
    expects,
    hang_up,
    line_id,
    listen,
    question_text,
    screened,
    turn_to,
    voicemail,
)
from dialog_flows.opening import opening_reply
from dialog_flows.path import CANDIDATE_QUESTIONS, CONSENT, DISCLOSURE, GOOD_TIME, OPENING, SCREENED
from dialog_flows.questions import answer
from dialog_flows.requests import disclose, say_again, speak_up, switch_language, wait
from dialog_flows.schema import Flow, Recording
from dialog_flows.understanding import understand
from dialog_flows.wishes import asked_us, clarification, for_hr
from models.call import Disposition
from models.dialog import (
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogEvent,
    DialogState,
    Expects,
    FaxAnswered,
    KeyPressed,
    LineCut,
    LineHeard,
    LineLost,
    MachineAnswered,
    Manner,
    PermitRecording,
    ScreenerAnswered,
    SpeakAs,
    Step,
    TimeUp,
)

__all__ = ["CANDIDATE_QUESTIONS", "lines", "step"]

UNDERSTOOD_SHARE = 0.5
"""A question of which less was heard has not been asked: who spoke over it was still answering the one before."""
YES_KEY, NO_KEY, REPEAT_KEY = "1", "2", "*"

CLOSES = {
    Kind.OPT_OUT: Disposition.OPTED_OUT,
    Kind.WRONG_PERSON: Disposition.WRONG_PERSON,
    Kind.WANTS_PERSON: Disposition.DECLINED,
    Kind.GOODBYE: Disposition.ENDED_EARLY,
}
"""What ends the call wherever it is said."""

REPEATS = (Kind.REPEAT, Kind.SLOWER, Kind.LOUDER, Kind.CLARIFY)
"""What has the question said again."""

BEFORE_A_TIME = (Kind.OPT_OUT, Kind.WRONG_PERSON, Kind.WANTS_PERSON, Kind.THINKING, *REPEATS)
"""What is not a reply to "When would suit you better?"."""

SWITCHES = {Kind.SWITCH_TO_ENGLISH: "en", Kind.SWITCH_TO_MANDARIN: "zh"}
"""What changes the language wherever it is said, if the flow is held in that language too."""

NO_QUESTION = (Kind.YES, Kind.NO, Kind.SKIP)
"""What asks for nothing, whatever else is said with it."""

FAQ_MEANING = "faq"
"""`Step.meaning` of a question that the flow's `faq` answers."""


def step(flow: Flow, state: DialogState, event: DialogEvent) -> Step:
    """What follows from one event. `flow` must come from `Flow.fill`; a new interview begins with DialogState(), or
    with DialogState(seed=…) to take other wordings than the first of each question."""
    flow = flow.in_language(state.language)
    result = after_closing(flow, state, event) if state.outcome is not None else _step(flow, state, event)
    if result.state.answers == state.answers:
        return result
    return replace(result, state=mark_knock_outs(flow, result.state))


def lines(flow: Flow) -> tuple[str, ...]:
    """Every text that `step` may say for this filled flow, each once, in about the order of the call."""
    stock = [(text,) if isinstance(text, str) else text for _, text in flow.lines]
    begins = {section.questions[0].id: section.begin for section in flow.sections}
    texts = (
        flow.disclosure,
        flow.consent.ask,
        flow.identity.ask,
        flow.good_time.ask,
        *(text for question in flow.questions for text in (begins.get(question.id), *_wordings(question)) if text),
        flow.candidate_questions.ask,
        flow.candidate_questions.reply,
        *(entry.answer for entry in flow.faq),
        flow.closing,
        *(text for group in stock for text in group),
    )
    return tuple(dict.fromkeys(texts))


def _wordings(question: Question) -> tuple[str, ...]:
    follow_ups = (text for each in question.follow_ups for text in (each.ask, *each.variants))
    clarified = (question.clarification,) if question.clarification else ()
    return (question.ask, *question.variants, *clarified, *follow_ups)


def _step(flow: Flow, state: DialogState, event: DialogEvent) -> Step:
    match event:
        case CallStarted():
            return _start(flow, state)
        case LineLost():
            return line_lost(flow, state, event.last_words)
        case TimeUp():
            return close(flow, state, Disposition.TOO_LONG)
        case MachineAnswered() | ScreenerAnswered() | FaxAnswered():
            return _no_person(flow, state, event)
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


def _start(flow: Flow, state: DialogState) -> Step:
    if state.position is not None:
        return Step(state)
    if not flow.filled:
        raise ValueError("the flow still has its variables; pass flow.fill(variables)")
    permit = (PermitRecording(True),) if flow.policies.recording is Recording.FROM_START else ()
    speak = (SpeakAs(state.manner),) if state.manner != Manner() else ()
    return disclose(flow, replace(state, position=DISCLOSURE), *permit, *speak)


def _no_person(flow: Flow, state: DialogState, event: MachineAnswered | ScreenerAnswered | FaxAnswered) -> Step:
    """Whoever has come to the questions has spoken for themselves, whatever a report says of them."""
    if state.position not in (None, DISCLOSURE, SCREENED, *OPENING):
        return Step(state)
    match event:
        case MachineAnswered(listening=listening):
            return voicemail(flow, state, listening)
        case ScreenerAnswered():
            return screened(flow, state)
        case FaxAnswered():
            return hang_up(state, Disposition.FAX)


def _line_heard(flow: Flow, state: DialogState, heard: str) -> Step:
    if heard != state.awaiting:
        return Step(state)
    if state.position == DISCLOSURE:
        return advance(flow, state)
    if state.position == SCREENED:
        return Step(replace(state, awaiting=None))
    return Step(replace(state, awaiting=None, asked=question_text(flow, state)))


def _line_cut(flow: Flow, state: DialogState, cut: LineCut) -> Step:
    if state.position == DISCLOSURE:
        return disclose(flow, state) if cut.line_id == state.awaiting else Step(state)
    question_cut = cut.line_id == state.awaiting
    lead_in_cut = state.awaiting and cut.line_id == line_id(state.lines - 1)
    unheard = cut.heard_share < UNDERSTOOD_SHARE or state.position == CONSENT
    if lead_in_cut or (question_cut and unheard):
        return Step(replace(state, asked=""))
    return Step(replace(state, awaiting=None)) if question_cut and state.asked else Step(state)


def _spoke(flow: Flow, state: DialogState, event: CandidateSpoke) -> Step:
    asked = not state.awaiting and state.position != SCREENED
    reply_to = expects(flow, state) if asked else Expects.OPEN
    meaning = understand(event.utterance.text, reply_to, flow.language, state.asked)
    kind = meaning.kind
    state = replace(state, silences=0)
    if state.position == CONSENT and kind is Kind.YES and event.utterance.text.rstrip().endswith("?"):
        kind = Kind.ANSWER  # "Yes, who is calling?" agrees to nothing
    if state.position == CANDIDATE_QUESTIONS and kind is Kind.CLARIFY:
        kind = Kind.QUESTION  # "What is a typical day like?"
    if state.position is None:
        result = Step(state)
    elif state.follow_up == CALL_BACK and kind not in BEFORE_A_TIME:
        result = suggested(flow, state, event, kind)
    elif kind in CLOSES and not (state.position == CANDIDATE_QUESTIONS and kind is not Kind.OPT_OUT):
        state = for_hr(state, event.utterance) if kind is Kind.WANTS_PERSON else state
        result = close(flow, state, CLOSES[kind])
    elif state.position == SCREENED:  # somebody has come to the telephone, who knows nothing yet
        result = disclose(flow, replace(state, position=DISCLOSURE, repeats=0))
    elif kind is Kind.NOT_NOW and state.position != CANDIDATE_QUESTIONS:
        result = not_now(flow, state, event)
    elif kind in SWITCHES:
        result = switch_language(flow, state, SWITCHES[kind])
    elif state.awaiting:
        result = spoke_too_soon(flow, state, event.utterance, kind)
    elif kind is Kind.NO and state.position == GOOD_TIME:
        result = not_now(flow, state, event)
    elif kind is Kind.THINKING:
        result = wait(flow, state)
    elif kind not in NO_QUESTION and (entry := flow.faq_entry(event.faq)):
        return replace(_answer_faq(flow, state, entry), meaning=FAQ_MEANING)
    elif kind in (Kind.SLOWER, Kind.LOUDER):
        result = speak_up(flow, state, kind)
    elif kind in REPEATS:
        result = say_again(flow, state, clarification(flow, state) if kind is Kind.CLARIFY else "")
    elif kind is Kind.QUESTION and state.position != CANDIDATE_QUESTIONS:
        state, reply = asked_us(flow, state, event.utterance, meaning)
        result = say_again(flow, state, reply)
    elif state.position in OPENING:
        result = opening_reply(flow, state, kind)
    elif state.position == CANDIDATE_QUESTIONS:
        result = candidate_question(flow, state, event.utterance, kind)
    else:
        result = answer(flow, state, event, kind)
    return replace(result, meaning=kind.value)


def _answer_faq(flow: Flow, state: DialogState, entry: Faq) -> Step:
    """The answer, and then the same question again; at the end of the interview, whether there is anything else."""
    if state.position == CANDIDATE_QUESTIONS:
        state = turn_to(state, ANYTHING_ELSE)
    return ask(flow, state, entry.answer)


def _silent(flow: Flow, state: DialogState) -> Step:
    if state.position in (None, DISCLOSURE):
        return Step(state)
    if state.position == SCREENED:
        return hang_up(state, Disposition.NO_ANSWER)
    if state.awaiting and state.asked:
        # It belongs to the turn before, or the report that the line was heard is lost. Either way the line is out.
        state = replace(state, awaiting=None)
        return Step(state, (listen(flow, state),))
    if state.follow_up == CALL_BACK:
        return close(flow, state, Disposition.RESCHEDULE)
    if state.position == CANDIDATE_QUESTIONS and (state.follow_up or state.silences >= flow.policies.max_silences):
        return close(flow, state, Disposition.COMPLETED)
    if state.silences >= flow.policies.max_silences:
        return close(flow, state, Disposition.UNRESPONSIVE)
    lead_in = flow.lines.silence[state.silences % len(flow.lines.silence)]
    return ask(flow, replace(state, silences=state.silences + 1), lead_in)


def _key(flow: Flow, state: DialogState, digit: str) -> Step:
    if state.position is None:
        return Step(state)
    if digit == OPT_OUT_KEY:
        return close(flow, state, Disposition.OPTED_OUT)
    if state.awaiting:
        return Step(state)
    state = replace(state, silences=0)
    if digit == REPEAT_KEY:
        return say_again(flow, state)
    kind = {YES_KEY: Kind.YES, NO_KEY: Kind.NO}.get(digit)
    if kind and state.position in OPENING:
        return opening_reply(flow, state, kind)
    if kind and state.position == CANDIDATE_QUESTIONS:
        return ask(flow, turn_to(state, GO_AHEAD)) if kind is Kind.YES else advance(flow, state)
    return Step(state)
