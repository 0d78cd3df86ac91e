"""What a candidate asks for: to hear it again, slower, louder, in the other language; a moment to think."""

from dataclasses import replace

from dialog_flows.meaning import Kind
from dialog_flows.moves import CALL_BACK, advance, ask, close, listen, say_all
from dialog_flows.opening import settle
from dialog_flows.path import CANDIDATE_QUESTIONS, CONSENT, DISCLOSURE, OPENING, SCREENED
from dialog_flows.schema import Flow
from models.call import Disposition
from models.dialog import DialogAction, DialogState, SpeakAs, Step, SwitchLanguage

THINKING_PATIENCE = 2
"""How many times longer a candidate who asked for a moment may be silent."""
MOST_THOUGHTS = 2
"""How often a moment to think is given for one line. At the last the candidate hears that the question may be left."""
SLOWER, SLOWEST = 1.25, 1.5
"""How many times longer a line takes after the first "slower" and the next. Beyond, words come apart."""
LOUDER_DB, LOUDEST_DB = 4.0, 8.0


def disclose(flow: Flow, state: DialogState, *before: DialogAction) -> Step:
    state, says = say_all(state, flow.disclosure, interruptible=False)
    return Step(replace(state, awaiting=says[-1].line_id), (*before, *says))


def say_again(flow: Flow, state: DialogState, lead_in: str = "") -> Step:
    if state.position in (DISCLOSURE, SCREENED):
        return Step(state)
    if state.repeats < flow.policies.max_repeats:
        return ask(flow, replace(state, repeats=state.repeats + 1), lead_in or flow.lines.repeating)
    if state.follow_up == CALL_BACK:
        return close(flow, state, Disposition.RESCHEDULE)
    if state.position in OPENING:
        return settle(flow, state, Kind.ANSWER)
    if state.position == CANDIDATE_QUESTIONS:
        return advance(flow, state)
    return advance(flow, state, flow.lines.moving_on)


def switch_language(flow: Flow, state: DialogState, language: str) -> Step:
    """The same question in the language that was asked for. Whoever asks before they have agreed to anything hears in
    it who is calling, too."""
    if language not in flow.languages:
        return say_again(flow, state, flow.lines.one_language)
    if language == flow.language:
        return say_again(flow, state, flow.lines.switched)
    flow, state = flow.in_language(language), replace(state, language=language)
    switch = SwitchLanguage(language)
    if state.position in (DISCLOSURE, CONSENT):
        return disclose(flow, replace(state, position=DISCLOSURE, follow_up=None), switch)
    return ask(flow, state, flow.lines.switched, before=(switch,))


def speak_up(flow: Flow, state: DialogState, kind: Kind) -> Step:
    """The line again, and everything after it, slower or louder than before."""
    manner = state.manner
    if kind is Kind.SLOWER:
        manner = replace(manner, length=SLOWER if manner.length < SLOWER else SLOWEST)
    else:
        manner = replace(manner, gain_db=min(manner.gain_db + LOUDER_DB, LOUDEST_DB))
    if manner == state.manner:
        return say_again(flow, state)
    result = say_again(flow, replace(state, manner=manner))
    return replace(result, actions=(SpeakAs(manner), *result.actions))


def wait(flow: Flow, state: DialogState) -> Step:
    """Time to think, but not for ever: then the question is left, or, where none was asked, said again."""
    state = replace(state, thoughts=state.thoughts + 1)
    is_question = flow.question(state.position) is not None and state.follow_up != CALL_BACK
    if state.thoughts > MOST_THOUGHTS:
        return advance(flow, state, flow.lines.moving_on) if is_question else say_again(flow, state)
    says: tuple[DialogAction, ...] = ()
    if state.thoughts == MOST_THOUGHTS and is_question:
        state, says = say_all(state, flow.lines.take_your_time)
    return Step(state, (*says, listen(flow, state, THINKING_PATIENCE)))
