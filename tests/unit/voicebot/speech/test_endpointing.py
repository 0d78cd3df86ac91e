import pytest

from models.dialog import Expects
from models.speech import Utterance
from voicebot.speech.endpointing import Turn, patience_ms


def turn(expects=Expects.OPEN, language="en"):
    return Turn(expects, language, started_ms=1000, voiced_until_ms=1000)


def heard(text):
    return Utterance(text, 1000, 3000)


def test_a_turn_is_not_over_while_the_candidate_speaks():
    assert not turn().is_over(now_ms=600_000)


def test_a_turn_is_not_over_before_its_words_are_known():
    assert not turn().paused(3000).is_over(now_ms=60_000)


def test_a_turn_ends_after_the_patience_its_question_deserves():
    paused = turn(Expects.YES_NO).paused(3000).recognised(heard("Yes, that's me."))
    assert not paused.is_over(3500)
    assert paused.is_over(3600)


def test_speech_that_resumes_makes_what_was_recognised_stale():
    resumed = turn().paused(3000).recognised(heard("I built a")).resumed().paused(5000)
    assert resumed.heard is None
    assert not resumed.is_over(60_000)


def test_noise_without_words_is_no_turn_and_is_over_at_once():
    assert turn().paused(3000).recognised(heard("")).is_over(3000)


def test_open_questions_get_more_patience_than_short_ones():
    waits = [patience_ms(expects, "Fine.", "en") for expects in (Expects.YES_NO, Expects.SHORT, Expects.OPEN)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We moved to Kubernetes because"),
        ("en", "I worked there and, um"),
        ("en", "I worked there and, um."),
        ("en", "It was a"),
        ("en", "So we tried..."),
        ("en", "and the reason it is"),
        ("zh", "我负责的"),
        ("zh", "我们用了三个月,然后"),
        ("zh", "因为"),
        ("zh", "主要是嗯"),
    ],
)
def test_words_that_plainly_go_on_are_waited_for_beyond_two_seconds(language, text):
    for expects in Expects:
        assert patience_ms(expects, text, language) > 2000


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We cut the bill in half."),
        ("en", "Yes, it is."),
        ("en", "That's what I was looking for."),
        ("zh", "我们把成本降低了一半。"),
        ("zh", "是的。"),
        ("en", ""),
    ],
)
def test_finished_words_are_not_waited_for_as_if_they_went_on(language, text):
    assert patience_ms(Expects.OPEN, text, language) < 2000
