import pytest

from dialog_flows import loader
from models.dialog import Expects
from models.errors import UsageError
from telephony.loopback import Hook
from voicebot.measure import interviews, labels
from voicebot.measure.caller import Speech
from voicebot.rehearsal.script import lines_to_answer

YES, FIRST, SECOND = (Speech(bytes([number, 0]) * 800, 100) for number in range(3))


@pytest.fixture
def flow(write_labels, short_flow_path):
    """The short flow with questions for the recorded caller's two turns."""
    call = labels.load(write_labels())
    flow = interviews._flow_for(call, short_flow_path)
    return flow.fill({"candidate.name": "Jordan", "company": "Acme", "job.title": "x", "callback_number": "555 01 00"})


def test_a_recording_gets_two_questions_for_each_turn_that_expect_what_was_asked(flow):
    assert [question.expects for question in flow.questions] == [Expects.OPEN, *[Expects.YES_NO] * 3]
    assert not any(question.follow_ups or question.criteria for question in flow.questions)


def test_a_recorded_caller_agrees_and_then_says_one_turn_after_each_question(flow):
    replies = interviews._RecordedReplies(flow, YES, iter((FIRST, SECOND)))
    assert replies.reply_to([]) is None
    assert replies.reply_to([flow.disclosure]) is None
    for opening in (flow.consent.ask, flow.identity.ask, flow.good_time.ask):
        assert replies.reply_to(["Thank you.", opening]) is YES
    assert replies.reply_to([flow.questions[0].ask]) is FIRST
    assert replies.reply_to(["Thank you."]) is None
    assert replies.reply_to(["Thank you.", flow.questions[1].ask]) is SECOND
    assert replies.reply_to([flow.candidate_questions.ask]) is Hook.DOWN


def test_a_simulated_candidate_is_measured_in_whatever_it_is_asked():
    (persona, *_) = interviews.library("en")
    flow = loader.load(loader.find(persona.flow, persona.language))
    speech = {text: Speech(text.encode(), 0) for text in persona.sentences()}
    replies = interviews._PersonaReplies(interviews.Script(persona, lines_to_answer(flow)), speech)
    assert replies.reply_to(["Thank you."]) is None
    said = replies.reply_to([flow.disclosure, flow.consent.ask])
    assert said.pcm.decode() == persona.answers["consent"][0].saying


def test_only_candidates_who_stay_to_the_end_are_measured():
    for persona in interviews.library("en"):
        assert all(reply.hang_up_after_ms is None for replies in persona.answers.values() for reply in replies)


def test_an_unknown_language_names_those_there_are():
    with pytest.raises(UsageError, match="no simulated candidate speaks 'fr'; there are some for: en"):
        interviews.library("fr")


def test_a_language_without_a_flow_cannot_be_replayed():
    with pytest.raises(UsageError, match="no flow in 'fr'"):
        interviews._first_flow("fr")
