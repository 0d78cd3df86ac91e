"""Ways through a flow: by answer, by match score, by depth; what is marked, asked again, answered from the faq."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from dialog_flows.engine import lines, step
from dialog_flows.loader import parse
from dialog_flows.schema import Flow
from dialog_flows.wording import seed_of, wording
from models.call import Disposition
from models.dialog import (
    AnswerStatus,
    CallStarted,
    CandidateSpoke,
    DialogState,
    HangUp,
    KnockOut,
    LineHeard,
    LineLost,
    PermitRecording,
    Say,
    Step,
)
from models.speech import Utterance

HEAD = """\
id: ways
version: 1
title: Ways
language: en
disclosure: An AI calling from Acme, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now good?'}
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: Goodbye.
lines:
  acknowledgements: [Thanks.]
  begin: Begin.
  unclear: Unclear.
  skipping: Skipping.
  enough: Enough.
  go_ahead: Go ahead.
  anything_else: Anything else?
  no_recording: Not without.
  wrong_person: Sorry.
  reschedule: Later.
  screening: Screening.
  voicemail: Voicemail.
policies: {callback_number: '1 2'}
faq:
  - {id: pay, asked: ['What is the salary?', 'How much does it pay?'], answer: It pays ten.}
  - {id: place, asked: ['Where is the office?'], answer: In Lyon.}
"""
QUESTIONS = """\
questions:
  - id: licence
    ask: Do you have a licence?
    expects: yes_no
    knock_out: {answer: no, note: no driving licence}
    go_to:
      - {answer: no, to: shift}
  - {id: vehicle, ask: 'Which vehicle?', expects: short}
  - id: years
    ask: How many years?
    expects: number
    knock_out: {less_than: 2, note: under two years}
  - {id: senior, ask: 'Whom did you lead?', skip_when: {question: years, less_than: 5}}
  - id: shift
    ask: Early or late?
    expects: choice
    options:
      - {id: early, says: [early, mornings]}
      - {id: late, says: [late, evenings], go_to: candidate_questions}
  - {id: alarm, ask: 'How do you get up?'}
"""


def flow_of(text: str, head: str = HEAD, **variables: str) -> Flow:
    return parse(head + text, "ways.yaml").fill(variables)


FLOW = flow_of(QUESTIONS)


def say(flow: Flow, state: DialogState, text: str, *, unmet: tuple[str, ...] = (), lasting_ms: int = 500) -> Step:
    """The candidate hears everything out, then speaks."""
    while state.awaiting:
        state = step(flow, state, LineHeard(state.awaiting, 0)).state
    return step(
        flow, state, CandidateSpoke(Utterance(text, state.lines * 1000, state.lines * 1000 + lasting_ms), unmet)
    )


def hold(flow: Flow, *replies: str, state: DialogState | None = None, opening: bool = True) -> Step:
    """The interview after these replies; the opening has been agreed to."""
    result = step(flow, state or DialogState(), CallStarted())
    for reply in (*(("Yes.",) * 3 if opening else ()), *replies):
        result = say(flow, result.state, reply)
    return result


def said(result: Step) -> list[str]:
    return [action.text for action in result.actions if isinstance(action, Say)]


@pytest.mark.parametrize(
    ("replies", "asked", "passed_over"),
    [
        (("Yes I do.",), "Which vehicle?", ()),
        (("No, I don't.",), "Early or late?", ("vehicle", "years", "senior")),
        (("Yes.", "A van.", "Seven years."), "Whom did you lead?", ()),
        (("Yes.", "A van.", "It is about five."), "Whom did you lead?", ()),
        (("Yes.", "A van.", "Three."), "Early or late?", ("senior",)),
        (("No.", "I'd rather work mornings."), "How do you get up?", ("vehicle", "years", "senior")),
        (("No.", "Late, please."), "Any questions?", ("vehicle", "years", "senior", "alarm")),
        (("Yes.", "A van.", "I don't know."), "Whom did you lead?", ()),
    ],
)
def test_the_way_goes_by_the_answer(replies: tuple[str, ...], asked: str, passed_over: tuple[str, ...]) -> None:
    result = hold(FLOW, *replies)
    assert said(result)[-1] == asked
    assert result.state.passed_over == passed_over
    rubric = FLOW.rubric(result.state.passed_over)
    assert not {question.question_id for question in rubric.questions} & set(passed_over)


def test_a_knock_out_marks_and_the_interview_goes_on() -> None:
    result = hold(FLOW, "No.")
    assert result.state.knock_outs == (KnockOut("licence", "no driving licence"),)
    assert result.state.outcome is None
    assert hold(FLOW, "Yes.", "A van.", "One year.").state.knock_outs == (KnockOut("years", "under two years"),)
    assert hold(FLOW, "Yes.", "A van.", "None.").state.knock_outs == (KnockOut("years", "under two years"),)
    assert hold(FLOW, "Yes.", "A van.", "1 here, 4 there.").state.knock_outs == (), "two numbers are not clear"
    asked_again = hold(FLOW, "Yes.", "A van.", "One or two.", "One.")
    assert asked_again.state.knock_outs == (KnockOut("years", "under two years"),)
    assert hold(FLOW, "Yes.", "A van.", "Six months.").state.knock_outs == (KnockOut("years", "under two years"),)
    assert hold(FLOW, "Yes.", "A van.", "Thirty months.").state.knock_outs == ()
    assert hold(FLOW, "Yes.", "A van.", "Twelve.").state.knock_outs == ()


def test_a_mark_goes_when_the_candidate_corrects_the_answer_in_time() -> None:
    result = hold(FLOW, "No.")
    corrected = step(FLOW, result.state, CandidateSpoke(Utterance("Yes, I do have one.", 9000, 9500)))
    assert corrected.state.knock_outs == ()


@pytest.mark.parametrize("words", [None, Utterance("I was going to", 0, 1)])
def test_hanging_up_is_no_knock_out(words: Utterance | None) -> None:
    result = step(FLOW, hold(FLOW).state, LineLost(0, words))
    assert result.state.knock_outs == ()


def test_a_reply_that_does_not_answer_is_asked_for_again_once() -> None:
    result = hold(FLOW, "The weather is nice.")
    assert said(result) == ["Unclear.", "Do you have a licence?"]
    result = say(FLOW, result.state, "It is really nice.")
    assert said(result) == ["Thanks.", "Which vehicle?"]
    [answer] = result.state.answers
    assert answer.text == "The weather is nice. It is really nice.", "nothing that was said is lost"
    assert said(hold(FLOW, "No.", "Either is fine, early or late.")) == ["Unclear.", "Early or late?"]
    assert said(hold(FLOW, "Yes.", "A van.", "For quite a while.")) == ["Unclear.", "How many years?"]


@pytest.mark.parametrize(("times", "asked"), [(0, 1), (1, 2), (3, 4)])
def test_how_often_is_asked_again_is_the_flow_s_choice(times: int, asked: int) -> None:
    flow = flow_of(
        QUESTIONS, HEAD.replace("{callback_number: '1 2'}", f"{{callback_number: '1 2', max_reprompts: {times}}}")
    )
    result, count = hold(flow), 0
    while result.state.position == "licence":
        result, count = say(flow, result.state, "The weather is nice."), count + 1
    assert count == asked


def test_a_yes_no_question_that_nothing_hangs_on_takes_any_reply() -> None:
    flow = flow_of("questions: [{id: permit, ask: 'A permit?', expects: yes_no}, {id: next, ask: 'Next?'}]")
    assert said(hold(flow, "It runs until March.")) == ["Thanks.", "Next?"]


DEPTH = """\
questions:
  - {id: all, ask: 'For all?', follow_ups: [{id: more, ask: 'Deeper?', when: {shorter_than_words: 9}, depth: deep}]}
  - {id: easy, ask: 'Easy?', depth: basic}
  - {id: hard, ask: 'Hard?', depth: deep}
  - {id: proof, ask: 'Proof?', skip_when: {match_at_least: 90}}
"""


@pytest.mark.parametrize(
    ("score", "questions"),
    [
        (None, ["For all?", "Easy?", "Proof?"]),
        ("69.9", ["For all?", "Easy?", "Proof?"]),
        ("70", ["For all?", "Deeper?", "Hard?", "Proof?"]),
        ("90", ["For all?", "Deeper?", "Hard?"]),
    ],
)
def test_the_match_score_chooses_how_deep_the_interview_goes(score: str | None, questions: list[str]) -> None:
    flow = flow_of(DEPTH, **({"candidate.match_score": score} if score else {}))
    result, asked = hold(flow), []
    while result.state.position != "candidate_questions":
        asked.append(said(result)[-1])
        result = say(flow, result.state, "A short one.")
    assert asked == questions


@pytest.mark.parametrize("score", ["high", "101", "-1", "nan"])
def test_a_match_score_is_a_number_to_100(score: str) -> None:
    with pytest.raises(Exception, match="must be a number from 0 to 100"):
        flow_of(DEPTH, **{"candidate.match_score": score})


def test_a_section_begins_with_its_own_words_and_only_once() -> None:
    sections = """\
sections:
  - {id: work, title: Work, begin: About your work., questions: [{id: a, ask: 'A?'}, {id: b, ask: 'B?'}]}
  - {id: plans, title: Plans, questions: [{id: c, ask: 'C?'}]}
  - {id: rest, title: The rest, begin: Last things., questions: [{id: d, ask: 'D?'}]}
"""
    flow = flow_of(sections)
    assert [question.id for question in flow.questions] == ["a", "b", "c", "d"]
    assert said(hold(flow)) == ["Begin.", "About your work.", "A?"]
    assert said(hold(flow, "One.")) == ["Thanks.", "B?"]
    assert said(hold(flow, "One.", "Two.")) == ["Thanks.", "C?"]
    assert said(hold(flow, "One.", "Two.", "Three.")) == ["Thanks.", "Last things.", "D?"]
    assert {"About your work.", "Last things."} <= set(lines(flow))
    assert flow.digest == parse(HEAD + sections, "again.yaml").digest


FOLLOW_UPS = """\
questions:
  - id: built
    ask: What did you build?
    max_follow_ups: 2
    follow_ups:
      - {id: figure, ask: 'A figure?', when: {no_number: true}}
      - {id: sql, ask: 'Which database?', when: {skill_named: [SQL, 数据库]}}
  - id: permit
    ask: A permit?
    expects: yes_no
    follow_ups: [{id: apply, ask: 'Would you apply?', when: {answer: no}}]
  - {id: end, ask: 'The end?'}
"""


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        (("A queue.",), "A figure?"),
        (("A queue for nine teams.",), "A permit?"),
        (("Nine queues on sql.",), "Which database?"),
        (("Nine MySQL servers.",), "A permit?"),
        (("Some SQL queue.", "No idea, sorry about it."), "Which database?"),
        (("Nine queues.", "No."), "Would you apply?"),
        (("Nine queues.", "No.", "Yes I would."), "The end?"),
        (("Nine queues.", "Yes."), "The end?"),
    ],
)
def test_a_follow_up_comes_when_its_condition_holds(replies: tuple[str, ...], asked: str) -> None:
    assert said(hold(flow_of(FOLLOW_UPS), *replies))[-1] == asked


def test_a_skill_that_the_runtime_recognised_counts_as_named() -> None:
    flow = flow_of(FOLLOW_UPS)
    state = hold(flow).state
    state = step(flow, state, LineHeard(state.awaiting or "", 0)).state
    spoke = CandidateSpoke(Utterance("Nine sequel servers.", 9000, 9500), skills=("SQL",))
    assert said(step(flow, state, spoke))[-1] == "Which database?"


def test_an_interview_keeps_to_one_wording_and_interviews_differ() -> None:
    flow = flow_of("questions: [{id: a, ask: 'One?', variants: ['Two?', 'Three?']}, {id: b, ask: 'Next?'}]")
    heard = set()
    for number in range(30):
        state = DialogState(seed=seed_of(f"interview {number}"))
        first = said(hold(flow, state=state))[-1]
        again = hold(flow, "Could you repeat that?", state=state)
        assert said(again)[-1] == first
        assert hold(flow, "An answer.", state=state).state.answers[0].question == first
        heard.add(first)
    assert heard == {"One?", "Two?", "Three?"} <= set(lines(flow))
    assert wording(flow.questions[0], 0) == "One?" == said(hold(flow))[-1]


def test_a_question_of_the_faq_is_answered_and_the_interview_goes_on() -> None:
    asked = hold(FLOW).state
    asked = step(FLOW, asked, LineHeard(asked.awaiting or "", 0)).state
    result = step(FLOW, asked, CandidateSpoke(Utterance("Sorry, how much does it pay?", 9000, 9500), faq="pay"))
    assert said(result) == ["It pays ten.", "Do you have a licence?"]
    assert (result.meaning, result.state.answers, result.state.questions_for_hr) == ("faq", (), ())
    assert said(say(FLOW, result.state, "No.")) == ["Thanks.", "Early or late?"]


def test_a_question_of_the_faq_consents_to_nothing() -> None:
    asked = hold(FLOW, opening=False).state
    while asked.awaiting:
        asked = step(FLOW, asked, LineHeard(asked.awaiting, 0)).state
    result = step(FLOW, asked, CandidateSpoke(Utterance("What is the pay?", 9000, 9500), faq="pay"))
    assert said(result) == ["It pays ten.", "May I record?"]
    assert result.state.recording_permitted is None


@pytest.mark.parametrize(
    ("text", "named", "answered"),
    [
        ("What's the salary?", "pay", ["It pays ten.", "Anything else?"]),
        ("What's the salary?", None, ["HR will answer.", "Anything else?"]),
        ("What about the money?", "unknown", ["HR will answer.", "Anything else?"]),
    ],
)
def test_at_the_end_the_faq_answers_and_hr_gets_the_rest(text: str, named: str | None, answered: list[str]) -> None:
    state = hold(FLOW, "No.", "Late.").state
    state = step(FLOW, state, LineHeard(state.awaiting or "", 0)).state
    result = step(FLOW, state, CandidateSpoke(Utterance(text, 9000, 9500), faq=named))
    assert said(result) == answered
    assert len(result.state.questions_for_hr) == (answered[0] == "HR will answer.")


@pytest.mark.parametrize("reply", ["No.", "No, thank you."])
def test_a_flow_that_needs_a_recording_ends_politely_without(reply: str) -> None:
    head = HEAD.replace("policies: {", "policies: {recording_refused: end, ")
    flow = flow_of(QUESTIONS, head)
    result = hold(flow, reply, opening=False)
    assert result.actions[0] == PermitRecording(False)
    assert said(result) == ["Not without."]
    done = step(flow, result.state, LineHeard(result.state.awaiting or "", 0))
    assert done.actions == (HangUp(Disposition.DECLINED),)


def test_an_answer_longer_than_the_flow_allows_is_stopped_politely() -> None:
    flow = flow_of(QUESTIONS, HEAD.replace("policies: {", "policies: {longest_answer_seconds: 30, "))
    state = hold(flow, "Yes.").state
    result = say(flow, state, "A van and then another van", lasting_ms=30_000)
    enough, question = (action for action in result.actions if isinstance(action, Say))
    assert (enough.text, enough.interruptible, question.text, question.interruptible) == (
        "Enough.",
        False,
        "How many years?",
        True,
    )
    assert [action.longest_ms for action in result.actions if not isinstance(action, Say)] == [30_000]


OLD_STATE = {
    "position": "years", "follow_up": None, "asked": "How many years?", "awaiting": None, "lines": 9, "silences": 0,
    "repeats": 0, "follow_ups_asked": [], "recording_permitted": True, "questions_for_hr": [], "language": None,
    "outcome": None,
    "answers": [{"question_id": "licence", "question": "Do you have a licence?", "status": "answered", "parts": [
        {"utterance": {"text": "Yes.", "start_ms": 0, "end_ms": 500, "words": [], "language": "en"},
         "follow_up": None}]}],
}  # fmt: skip


def test_a_state_stored_by_the_version_before_goes_on() -> None:
    state = TypeAdapter(DialogState).validate_python(OLD_STATE)
    result = say(FLOW, state, "Three years.")
    assert said(result) == ["Thanks.", "Early or late?"]
    assert (
        TypeAdapter(DialogState).validate_python(TypeAdapter(DialogState).dump_python(result.state, mode="json"))
        == result.state
    )
    again = replace(state, position="identity", follow_up="again", answers=())
    assert said(say(FLOW, again, "Hm, the weather.")) == ["Unclear.", "Is this Ann?"]


def test_a_question_that_was_skipped_may_lead_elsewhere() -> None:
    flow = flow_of(
        "questions: [{id: a, ask: 'A?', go_to: [{answer: skipped, to: c}]}, {id: b, ask: 'B?'}, {id: c, ask: 'C?'}]"
    )
    assert said(hold(flow, "I'd rather not say.")) == ["Skipping.", "C?"]
    assert said(hold(flow, "Something.")) == ["Thanks.", "B?"]
    assert hold(flow, "I'd rather not say.").state.answers[0].status is AnswerStatus.SKIPPED
