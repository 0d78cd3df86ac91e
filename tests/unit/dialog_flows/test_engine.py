"""The interview as tables: what the candidate does, what the interviewer then says. No audio."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog_flows.engine import lines, step
from dialog_flows.loader import find, load, parse
from dialog_flows.schema import Flow
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
    Manner,
    PermitRecording,
    Say,
    SpeakAs,
    Step,
    TimeUp,
)
from models.speech import Utterance

FLOW = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: Hello, an AI calling from Acme, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now good?'}
questions:
  - id: built
    ask: What did you build?
    criteria:
      - {id: result, name: Result, points: [names a number]}
    follow_ups:
      - id: more
        ask: What came of it?
        when: {no_evidence_for: result}
      - id: longer
        ask: Could you say more?
        when: {shorter_than_words: 4}
  - id: years
    ask: How many years?
    expects: number
  - id: permit
    ask: Do you have a permit?
    expects: yes_no
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: All done, goodbye.
lines:
  acknowledgements: [Thanks.]
  begin: Begin.
  unrecorded: Unrecorded.
  repeating: Again.
  unclear: Unclear.
  silence: [Take your time., No rush.]
  skipping: Skipping.
  moving_on: Moving on.
  go_ahead: Go ahead.
  anything_else: Anything else?
  goodbye: Bye early.
  opt_out: Never again.
  when_suits: When then?
  time_noted: Noted.
  take_your_time: No hurry.
  reschedule: Another time.
  screening: Screening.
  voicemail: Voicemail.
  wrong_person: Sorry to bother.
  wants_person: A person then.
  unresponsive: Call {callback_number}.
  too_long: Time is up.
policies: {callback_number: '1 2', max_repeats: 2}
"""


def flow_with(**policies: str | int) -> Flow:
    extra = "".join(f", {name}: {value}" for name, value in policies.items())
    return parse(FLOW.replace("max_repeats: 2", "max_repeats: 2" + extra), "tiny.yaml").fill({})


TINY = flow_with()


class Call:
    """One call, event by event."""

    def __init__(self, flow: Flow = TINY) -> None:
        self.flow = flow
        self.state = DialogState()
        self.actions: list[DialogAction] = []
        self.last: tuple[DialogAction, ...] = ()
        self.unheard: list[str] = []
        self.meaning: str | None = None
        self.now_ms = 0

    def feed(self, event: DialogEvent) -> "Call":
        result: Step = step(self.flow, self.state, event)
        self.state, self.last, self.meaning = result.state, result.actions, result.meaning
        self.actions += result.actions
        self.unheard += [action.line_id for action in result.actions if isinstance(action, Say)]
        self.now_ms += 1000
        return self

    def start(self) -> "Call":
        return self.feed(CallStarted())

    def heard(self) -> "Call":
        """Every line ordered so far has been played out."""
        lines_out, self.unheard = self.unheard, []
        for line_id in lines_out:
            self.feed(LineHeard(line_id, self.now_ms))
        return self

    def cut(self, number: int = -1, heard_share: float = 0.9) -> "Call":
        """The candidate talks over one of the lines not heard yet; those behind it are never played."""
        lines_out, self.unheard = self.unheard, []
        cut_at = range(len(lines_out))[number]
        for position, line_id in enumerate(lines_out):
            share = heard_share if position == cut_at else 0.0
            self.feed(LineHeard(line_id, 0) if position < cut_at else LineCut(line_id, 0, share))
        return self

    def speak(self, text: str, *unmet: str) -> "Call":
        return self.feed(CandidateSpoke(Utterance(text, self.now_ms, self.now_ms + 500), unmet))

    def reply(self, text: str, *unmet: str) -> "Call":
        """The candidate hears everything out, then speaks."""
        return self.heard().speak(text, *unmet)

    def silent(self) -> "Call":
        return self.heard().feed(CandidateSilent(self.now_ms))

    def key(self, digit: str) -> "Call":
        return self.feed(KeyPressed(digit, self.now_ms))

    @property
    def said(self) -> list[str]:
        """What the last event made the interviewer say."""
        return [action.text for action in self.last if isinstance(action, Say)]

    @property
    def listen(self) -> Listen | None:
        return next((action for action in self.last if isinstance(action, Listen)), None)

    @property
    def answers(self) -> dict[str, tuple[list[tuple[str, str | None]], str]]:
        return {
            answer.question_id: (
                [(part.utterance.text, part.follow_up) for part in answer.parts],
                answer.status.value,
            )
            for answer in self.state.answers
        }


AT = {
    "consent": (),
    "identity": ("Yes.",),
    "good_time": ("Yes.", "Yes."),
    "built": ("Yes.", "Yes.", "Yes."),
    "years": ("Yes.", "Yes.", "Yes.", "I built a big database."),
    "permit": ("Yes.", "Yes.", "Yes.", "I built a big database.", "Seven years."),
    "candidate_questions": ("Yes.", "Yes.", "Yes.", "I built a big database.", "Seven years.", "Yes I do."),
}
"""What to reply, line by line, to be asked there."""


def call_at(position: str, flow: Flow = TINY) -> Call:
    """A call whose candidate has just been asked there; the line has not been heard yet."""
    call = Call(flow).start().heard()
    for text in AT[position]:
        call.reply(text)
    assert call.state.position == position
    return call


def test_a_whole_interview_is_read_aloud() -> None:
    call = Call().start()
    table = [
        (["Hello, an AI calling from Acme, recorded."], None),
        (["May I record?"], "Yes, go ahead."),
        (["Thanks.", "Is this Ann?"], "This is Ann."),
        (["Is now good?"], "Sure."),
        (["Begin.", "What did you build?"], "I built the billing system."),
        (["Thanks.", "What came of it?"], "Costs fell by nine percent."),
        (["Thanks.", "How many years?"], "Seven."),
        (["Thanks.", "Do you have a permit?"], "Yes."),
        (["Thanks.", "Any questions?"], "When would I start?"),
        (["HR will answer.", "Anything else?"], "No, that's all."),
        (["All done, goodbye."], None),
    ]
    for said, reply in table:
        assert call.said == said
        if reply is None:
            call.heard()
        else:
            unmet = ("result",) if "billing" in reply else ()
            call.reply(reply, *unmet)
    assert call.actions[-1] == HangUp(Disposition.COMPLETED)
    assert call.answers == {
        "built": ([("I built the billing system.", None), ("Costs fell by nine percent.", "more")], "answered"),
        "years": ([("Seven.", None)], "answered"),
        "permit": ([("Yes.", None)], "answered"),
    }
    assert [question.text for question in call.state.questions_for_hr] == ["When would I start?"]
    assert call.state.outcome is Disposition.COMPLETED


def test_nothing_is_asked_before_the_disclosure_was_heard_and_it_cannot_be_interrupted() -> None:
    call = Call().start()
    [disclosure] = call.actions
    assert isinstance(disclosure, Say)
    assert not disclosure.interruptible
    call.speak("Hello? Yes?").feed(CandidateSilent(1)).key("1").feed(CallStarted()).feed(LineHeard("line-9", 1))
    assert call.actions == [disclosure]
    assert call.feed(LineHeard(disclosure.line_id, 1)).said == ["May I record?"]


def test_listening_is_as_patient_as_the_question_asks_for() -> None:
    expected = {
        "consent": Expects.YES_NO,
        "identity": Expects.YES_NO,
        "good_time": Expects.YES_NO,
        "built": Expects.OPEN,
        "years": Expects.NUMBER,
        "permit": Expects.YES_NO,
        "candidate_questions": Expects.SHORT,
    }
    for position, expects in expected.items():
        assert call_at(position).listen == Listen(expects, 7000)
    assert call_at("built", flow_with(silence_seconds=3)).listen == Listen(Expects.OPEN, 3000)


@pytest.mark.parametrize(
    ("position", "reply", "said", "position_after", "outcome"),
    [
        ("consent", "Yes.", ["Thanks.", "Is this Ann?"], "identity", None),
        ("consent", "No.", ["Unrecorded.", "Is this Ann?"], "identity", None),
        ("identity", "Yes.", ["Is now good?"], "good_time", None),
        ("identity", "No.", ["Sorry to bother."], "identity", Disposition.WRONG_PERSON),
        ("good_time", "Yes.", ["Begin.", "What did you build?"], "built", None),
        ("good_time", "No.", ["When then?"], "good_time", None),
        ("good_time", "Can you call me tomorrow?", ["Noted."], "good_time", Disposition.RESCHEDULE),
        ("built", "I don't know.", ["Skipping.", "How many years?"], "years", None),
        ("years", "Goodbye.", ["Bye early."], "years", Disposition.ENDED_EARLY),
        ("years", "Don't call me again.", ["Never again."], "years", Disposition.OPTED_OUT),
        ("years", "Sorry, wrong number.", ["Sorry to bother."], "years", Disposition.WRONG_PERSON),
        ("years", "I want to talk to a real person.", ["A person then."], "years", Disposition.DECLINED),
        ("consent", "I don't want to talk to a robot.", ["A person then."], "consent", Disposition.DECLINED),
        ("candidate_questions", "No thanks.", ["All done, goodbye."], "closing", Disposition.COMPLETED),
        ("candidate_questions", "No, you covered it.", ["All done, goodbye."], "closing", Disposition.COMPLETED),
        ("candidate_questions", "Not at the moment.", ["All done, goodbye."], "closing", Disposition.COMPLETED),
        ("candidate_questions", "No, bye.", ["All done, goodbye."], "closing", Disposition.COMPLETED),
        ("candidate_questions", "Yes.", ["Go ahead."], "candidate_questions", None),
        ("candidate_questions", "What is the pay?", ["HR will answer.", "Anything else?"], "candidate_questions", None),
        ("candidate_questions", "No, who are you?", ["HR will answer.", "Anything else?"], "candidate_questions", None),
        ("candidate_questions", "Stop calling me.", ["Never again."], "candidate_questions", Disposition.OPTED_OUT),
    ],
)  # fmt: skip
def test_what_a_reply_leads_to(
    position: str, reply: str, said: list[str], position_after: str, outcome: Disposition | None
) -> None:
    call = call_at(position).reply(reply)
    assert (call.said, call.state.position, call.state.outcome) == (said, position_after, outcome)
    if outcome:
        assert not any(isinstance(action, HangUp | Listen) for action in call.last)
        assert call.heard().last == (HangUp(outcome),)
        assert call.feed(LineHeard("line-1", 0)).speak("Hello?").silent().key("1").last == ()


@pytest.mark.parametrize(
    ("policy", "reply", "actions"),
    [
        ("after_consent", "Yes.", [PermitRecording(True)]),
        ("after_consent", "No.", [PermitRecording(False)]),
        ("from_start", "Yes.", [PermitRecording(True), PermitRecording(True)]),
        ("from_start", "No.", [PermitRecording(True), PermitRecording(False)]),
    ],
)
def test_recording_is_permitted_by_a_yes_or_from_the_start(
    policy: str, reply: str, actions: list[DialogAction]
) -> None:
    call = call_at("consent", flow_with(recording=policy)).reply(reply)
    assert [action for action in call.actions if isinstance(action, PermitRecording)] == actions
    assert isinstance(call.last[0], PermitRecording), "the permission comes before the next line"
    assert call.state.recording_permitted is (reply == "Yes.")


@pytest.mark.parametrize(
    ("position", "said", "outcome"),
    [
        ("consent", ["Unrecorded.", "Is this Ann?"], None),
        ("identity", ["Another time."], Disposition.RESCHEDULE),
        ("good_time", ["Begin.", "What did you build?"], None),
    ],
)
def test_an_unclear_reply_is_asked_again_once_and_then_taken_in_the_candidate_s_favour(
    position: str, said: list[str], outcome: Disposition | None
) -> None:
    call = call_at(position).reply("The weather is lovely.")
    assert call.said[0] == "Unclear."
    assert call.said[1] == call.state.asked
    call.reply("As I said, the weather.")
    assert (call.said, call.state.outcome) == (said, outcome)


def test_a_yes_to_half_a_consent_question_is_not_consent() -> None:
    call = call_at("consent").cut().speak("Yes? Hello?")
    assert call.said == ["Unclear.", "May I record?"]
    assert call.state.recording_permitted is None
    assert call.reply("Yes.").state.recording_permitted is True
    assert call_at("consent").cut().speak("No.").state.recording_permitted is False


@pytest.mark.parametrize(
    ("reply", "unmet", "asked"),
    [
        ("I built a database for nine million users.", (), "How many years?"),
        ("I built a database for many users.", ("result",), "What came of it?"),
        ("A database.", (), "Could you say more?"),
        ("A database.", ("result",), "What came of it?"),
    ],
)
def test_a_follow_up_is_asked_when_the_answer_calls_for_it(reply: str, unmet: tuple[str, ...], asked: str) -> None:
    assert call_at("built").reply(reply, *unmet).said == ["Thanks.", asked]


def test_follow_ups_end_where_the_flow_says() -> None:
    assert call_at("built").reply("A.", "result").reply("B.", "result").said == ["Thanks.", "How many years?"]
    two = parse(FLOW.replace("    criteria:", "    max_follow_ups: 2\n    criteria:", 1), "tiny.yaml").fill({})
    call = call_at("good_time", two).reply("Yes.").reply("A.", "result").reply("B.", "result")
    assert call.said == ["Thanks.", "Could you say more?"]
    call.reply("I don't know.")
    assert call.said == ["Skipping.", "How many years?"]
    assert call.answers["built"] == ([("A.", None), ("B.", "more"), ("I don't know.", "longer")], "answered")


def test_chinese_answers_are_measured_in_characters() -> None:
    text = FLOW.replace("language: en", "language: zh").replace("shorter_than_words: 4", "shorter_than_words: 8")
    text = text.replace("an AI calling from Acme, recorded", "我是 Acme 公司的 AI, 通话会录音")
    flow = parse(text, "tiny.yaml").fill({})

    def asked_after(answer: str) -> str:
        call = Call(flow).start().heard()
        for reply in ("可以", "是的", "方便", answer):
            call.reply(reply)
        return call.said[-1]

    assert asked_after("我做了后端,很大的。") == "How many years?"
    assert asked_after("我做了后端。") == "Could you say more?"


def test_a_question_is_said_again_on_request_but_not_for_ever() -> None:
    call = call_at("years")
    for _ in range(2):
        assert call.reply("Could you repeat that?").said == ["Again.", "How many years?"]
    assert call.reply("Could you repeat that?").said == ["Moving on.", "Do you have a permit?"]
    assert call.answers["years"] == ([], "unanswered")
    assert call.state.repeats == 0
    assert call_at("consent").heard().key("*").said == ["Again.", "May I record?"]


@pytest.mark.parametrize(
    ("position", "said"), [("consent", "Unrecorded."), ("candidate_questions", "All done, goodbye.")]
)
def test_an_opening_question_is_not_repeated_for_ever_either(position: str, said: str) -> None:
    call = call_at(position)
    for _ in range(3):
        call.reply("Say that again please.")
    assert call.said[0] == said


def test_a_silent_candidate_is_asked_again_and_then_given_a_number_to_call() -> None:
    call = call_at("years")
    assert call.silent().said == ["Take your time.", "How many years?"]
    assert call.silent().said == ["No rush.", "How many years?"]
    assert call.silent().said == ["Call 1, 2."]
    assert call.heard().last == (HangUp(Disposition.UNRESPONSIVE),)
    assert call.answers["years"] == ([], "unanswered")


def test_silences_count_only_in_a_row() -> None:
    call = call_at("built").silent().silent().reply("Hmm, let me think.")
    assert call.state.silences == 0
    assert call.silent().said == ["Take your time.", "What did you build?"]


def test_silence_after_the_last_question_still_completes_the_interview() -> None:
    call = call_at("candidate_questions").silent().silent().silent()
    assert (call.said, call.state.outcome) == (["All done, goodbye."], Disposition.COMPLETED)
    call = call_at("candidate_questions").reply("What is the pay?").silent()
    assert (call.said, call.state.outcome) == (["All done, goodbye."], Disposition.COMPLETED)


def test_a_candidate_who_thinks_is_listened_to_longer() -> None:
    call = call_at("built").reply("Um, let me think.")
    assert (call.last, call.meaning, call.answers) == ((Listen(Expects.OPEN, 14000),), "thinking", {})
    assert call.speak("I built a big old database.").said == ["Thanks.", "How many years?"]


def test_at_most_three_questions_go_to_hr() -> None:
    call = call_at("candidate_questions").reply("Yes, I do.").reply("What is the pay?")
    call.reply("Where is the office?").reply("Who is my boss?")
    assert call.said == ["HR will answer.", "All done, goodbye."]
    assert len(call.state.questions_for_hr) == 3


@pytest.mark.parametrize(
    ("position", "digit", "said"),
    [
        ("consent", "1", ["Thanks.", "Is this Ann?"]),
        ("consent", "2", ["Unrecorded.", "Is this Ann?"]),
        ("identity", "2", ["Sorry to bother."]),
        ("good_time", "1", ["Begin.", "What did you build?"]),
        ("candidate_questions", "1", ["Go ahead."]),
        ("candidate_questions", "2", ["All done, goodbye."]),
        ("built", "*", ["Again.", "What did you build?"]),
        ("built", "9", ["Never again."]),
        ("built", "1", []),
        ("permit", "1", []),
        ("consent", "#", []),
    ],
)
def test_keys(position: str, digit: str, said: list[str]) -> None:
    assert call_at(position).heard().key(digit).said == said


def test_a_key_before_the_question_was_heard_is_no_reply_but_nine_always_ends_the_call() -> None:
    assert call_at("consent").key("1").last == ()
    call = Call().start().key("9")
    assert (call.said, call.state.outcome) == (["Never again."], Disposition.OPTED_OUT)


# Events out of place


def test_the_end_of_an_answer_that_comes_late_stays_with_its_question() -> None:
    call = call_at("years").speak("And it is still running.")
    assert call.said == []
    assert call.listen, "their next turn is still to come"
    call.reply("Seven.")
    assert call.answers["built"] == (
        [("I built a big database.", None), ("And it is still running.", None)],
        "answered",
    )
    assert call.answers["years"] == ([("Seven.", None)], "answered")


def test_talking_over_the_thank_you_goes_on_with_the_answer_and_the_question_is_asked_after() -> None:
    call = call_at("years")
    call.cut(0).speak("and it is still running today.")
    assert call.said == ["How many years?"]
    assert call.answers["built"][0][1] == ("and it is still running today.", None)
    assert call.reply("Seven.").answers["years"] == ([("Seven.", None)], "answered")


def test_talking_over_a_question_answers_it() -> None:
    call = call_at("years").cut().speak("Seven years.")
    assert call.answers["years"] == ([("Seven years.", None)], "answered")


def test_a_question_of_which_hardly_anything_was_heard_has_not_been_asked() -> None:
    call = call_at("years").cut(heard_share=0.2).speak("After that the whole team moved to it.")
    assert call.answers["built"][0][1] == ("After that the whole team moved to it.", None)
    assert "years" not in call.answers
    assert call.said == ["How many years?"]


def test_a_late_end_makes_an_answer_of_a_skipped_question_but_a_mere_okay_does_not() -> None:
    skipped = call_at("built").reply("I don't know.")
    assert skipped.answers["built"][1] == "skipped"
    assert skipped.speak("Okay.").answers["built"] == ([("I don't know.", None)], "skipped")
    assert skipped.speak("Well, once I built a queue.").answers["built"][1] == "answered"


def test_a_late_silence_does_not_ask_a_question_twice() -> None:
    call = call_at("years").feed(CandidateSilent(0))
    assert (call.said, call.state.silences) == ([], 0)
    assert call.feed(CandidateSilent(0)).said == ["Take your time.", "How many years?"]


def test_a_lost_line_report_does_not_hold_the_interview_up() -> None:
    call = call_at("years").feed(CandidateSilent(0)).speak("Seven.")
    assert call.said == ["Thanks.", "Do you have a permit?"]


@pytest.mark.parametrize("position", AT)
def test_hanging_up_keeps_what_was_said(position: str) -> None:
    call = call_at(position).feed(LineLost(0))
    assert (call.last, call.state.outcome, call.state.awaiting) == ((), Disposition.DROPPED, None)
    statuses = [answer.status.value for answer in call.state.answers]
    asked = ["built", "years", "permit"]
    answered = len(AT[position][3:])
    expected = ["answered"] * answered + (["unanswered"] if position in asked else [])
    assert statuses == expected


def test_the_last_words_before_hanging_up_are_kept_and_the_question_stays_the_same() -> None:
    call = call_at("built").heard().feed(LineLost(0, Utterance("I built a", 0, 500)))
    assert call.answers["built"] == ([("I built a", None)], "answered")
    assert (call.state.position, call.said, call.meaning) == ("built", [], "answer")


def test_an_opt_out_is_heard_even_as_the_last_words() -> None:
    call = call_at("years").reply("Goodbye.").feed(LineLost(0, Utterance("Don't call again.", 0, 500)))
    assert call.state.outcome is Disposition.OPTED_OUT


def test_a_question_in_place_of_consent_agrees_to_nothing() -> None:
    call = call_at("consent").reply("Yes, hello, who is calling?")
    assert call.state.recording_permitted is None
    assert call.state.position == "consent"


def test_hanging_up_during_the_goodbye_is_no_drop() -> None:
    call = call_at("candidate_questions").reply("No.").feed(LineLost(0))
    assert call.state.outcome is Disposition.COMPLETED
    assert call.last == ()


def test_time_up_closes_politely_and_keeps_the_answer_under_way() -> None:
    call = call_at("built").heard().feed(TimeUp(0))
    assert call.said == ["Time is up."]
    call.speak("I built a big database.")
    assert call.answers["built"] == ([("I built a big database.", None)], "answered")
    assert call.heard().last == (HangUp(Disposition.TOO_LONG),)


def test_time_up_hangs_up_when_the_goodbye_is_never_reported_heard() -> None:
    call = call_at("years").reply("Goodbye.").feed(TimeUp(0))
    assert call.last == (HangUp(Disposition.ENDED_EARLY),)
    assert Call().feed(TimeUp(0)).last == (HangUp(Disposition.TOO_LONG),)


def test_never_call_again_is_heard_even_during_the_goodbye() -> None:
    call = call_at("years").reply("Goodbye.")
    call.speak("And don't call me again.")
    assert call.heard().last == (HangUp(Disposition.OPTED_OUT),)


def test_a_flow_must_be_filled() -> None:
    with pytest.raises(ValueError, match=r"flow\.fill"):
        step(parse(FLOW, "tiny.yaml"), DialogState(), CallStarted())


# Whatever happens

FLOWS = {"tiny": TINY, "library": load(find("backend_engineer")).fill({})}
TEXTS = ("Yes.", "No.", "Could you repeat that?", "I don't know.", "Let me think.", "Goodbye.", "Don't call me again.",
         "Wrong number.", "Not now.", "I want a real person.", "", "Okay.", "What is the pay?",
         "I built a queue and it took me three months.", "It handled nine million users in the end.")  # fmt: skip
CHANCES = st.sampled_from(
    ["speak"] * 8 + ["heard"] * 8 + ["reply"] * 12 + ["yes"] * 6
    + ["cut", "cut first", "stale heard", "stale cut", "silent", "silent", "key", "time", "lost", "start"]
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(CHANCES, st.sampled_from(TEXTS), st.sampled_from("0129*#"), st.booleans(), st.integers(1, 9)),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(FLOWS)), events=EVENTS)
def test_whatever_happens(name: str, events: list[tuple[str, str, str, bool, int]]) -> None:
    flow = FLOWS[name]
    call = Call(flow)
    fixed = set(lines(flow))
    spoken: list[Utterance] = []
    again = 0
    unheard: list[str] = []
    closing_heard = time_was_up = False

    def feed(event: DialogEvent) -> None:
        nonlocal again, closing_heard, time_was_up
        before = call.state
        if isinstance(event, LineHeard | LineCut) and before.outcome and event.line_id == before.awaiting:
            closing_heard = True
        time_was_up = time_was_up or isinstance(event, TimeUp)
        call.feed(event)
        if isinstance(event, CandidateSilent | LineCut) or call.meaning == "repeat" or event == KeyPressed("*", 0):
            again += 1
        for action in call.last:
            if isinstance(action, Say):
                again += action.text == flow.lines.unclear
                assert action.text in fixed
                unheard.append(action.line_id)
            if isinstance(action, HangUp):
                assert closing_heard or time_was_up
                assert action.disposition == call.state.outcome
        if before.outcome and before.awaiting is None:
            assert call.last == (), "nothing after the end"

    for what, text, digit, unmet, number in [("start", "", "", False, 1), *events]:
        if what == "start":
            feed(CallStarted())
        if what in ("heard", "reply", "yes"):
            for line_id in unheard[:]:
                feed(LineHeard(line_id, 0))
                unheard.remove(line_id)
        if what in ("speak", "reply", "yes"):
            words = "Yes." if what == "yes" else text
            spoken.append(Utterance(words, len(spoken), len(spoken) + 1))
            feed(CandidateSpoke(spoken[-1], ("result",) if unmet else ()))
        if what.startswith("cut") and unheard:
            feed(LineCut(unheard[0 if what == "cut first" else -1], 0))
            unheard.clear()
        if what == "stale heard":
            feed(LineHeard(f"line-{number}", 0))
        if what == "stale cut" and call.state.lines > number + 2:
            feed(LineCut(f"line-{number}", 0))
        if what == "silent":
            feed(CandidateSilent(0))
        if what == "key":
            feed(KeyPressed(digit, 0))
        if what == "time":
            feed(TimeUp(0))
        if what == "lost":
            feed(LineLost(0))

    said = [action.text for action in call.actions if isinstance(action, Say)]
    line_ids = [action.line_id for action in call.actions if isinstance(action, Say)]
    order = [question.id for question in flow.questions]
    asks = [question.ask for question in flow.questions]
    answers = call.state.answers

    # Each question is asked once, unless somebody asked for it, was silent or unclear, or talked over it.
    assert sum(said.count(ask) for ask in asks) <= len(set(said) & set(asks)) + again
    assert [text for text in dict.fromkeys(said) if text in asks] == asks[: len(set(said) & set(asks))]
    # Nothing is said before the disclosure, and nothing asked before it was heard.
    assert said[0] == flow.disclosure
    assert len(set(line_ids)) == len(line_ids)
    # Every answer stands under a question that was asked, in the order of the flow, with the candidate's own words.
    assert [answer.question_id for answer in answers] == order[: len(answers)]
    assert all(answer.question in said for answer in answers)
    parts = [part.utterance for answer in answers for part in answer.parts]
    filed = [*parts, *call.state.questions_for_hr]
    assert len(set(filed)) == len(filed), "no words are filed twice"
    assert set(filed) <= set(spoken)
    assert parts == sorted(parts, key=lambda utterance: utterance.start_ms)
    for answer in answers:
        assert bool(answer.parts) == (answer.status is not AnswerStatus.UNANSWERED)
        own = {
            each.id for question in flow.questions if question.id == answer.question_id for each in question.follow_ups
        }
        assert {part.follow_up for part in answer.parts} <= own | {None}
    # One end at most, and recording only by consent.
    assert sum(isinstance(action, HangUp) for action in call.actions) <= 1
    if PermitRecording(True) in call.actions:
        assert {"Yes.", "Okay."} & {utterance.text for utterance in spoken} or any(event[2] == "1" for event in events)
    if call.state.outcome is Disposition.COMPLETED:
        assert len(answers) == len(order)


def test_the_fixed_lines_are_each_there_once() -> None:
    texts = lines(TINY)
    assert len(set(texts)) == len(texts)
    assert {"How many years?", "What came of it?", "Take your time.", "Call 1, 2.", "HR will answer."} <= set(texts)
    assert not any("{" in text for text in texts)


# Time to think, slower, louder


def test_a_moment_to_think_is_given_twice_and_then_the_next_question_comes() -> None:
    call = call_at("built")
    usual = next(action for action in call.actions[::-1] if isinstance(action, Listen))
    first = call.reply("Let me think.").last
    assert first == (replace(usual, silence_ms=2 * usual.silence_ms),)
    assert call.reply("Hmm, let me think.").said == ["No hurry."]
    assert isinstance(call.last[-1], Listen)
    assert call.reply("Let me see.").said == ["Moving on.", "How many years?"]
    assert call.state.thoughts == 0
    assert call.answers["built"] == ([], "unanswered")


def test_who_thinks_about_the_opening_for_ever_is_asked_again() -> None:
    call = call_at("consent").reply("One moment.").reply("One moment.")
    assert call.said == []
    assert call.reply("One moment.").said[-1] == "May I record?"
    assert call.state.recording_permitted is None


def test_slower_and_louder_hold_for_the_rest_of_the_call_and_have_an_end() -> None:
    call = call_at("built")
    for asked, manner in (
        ("Slower please.", Manner(length=1.25)),
        ("Please speak up.", Manner(length=1.25, gain_db=4.0)),
    ):
        call.reply(asked)
        assert call.last[0] == SpeakAs(manner)
        assert call.said == ["Again.", "What did you build?"]
    call.reply("I built a big database.")
    assert call.state.manner == Manner(length=1.25, gain_db=4.0)
    slowest = call_at("built", TINY)
    slowest.state = replace(slowest.state, manner=Manner(1.5, 8.0))
    assert not [action for action in slowest.reply("Slower please.").last if isinstance(action, SpeakAs)]
    assert slowest.said == ["Again.", "What did you build?"]
