import pytest

from models.dialog import Expects
from models.speech import Utterance
from voicebot.speech.endpointing import PATIENCE_MS, SHORTEST_MS, UNFINISHED_MS, Turn, patience_ms


def turn(expects=Expects.OPEN, language="en"):
    return Turn(expects, language, started_ms=1000, settled_ms=700, voiced_until_ms=1000)


def words(text):
    return Utterance(text, 1000, 3000)


def test_a_turn_is_not_over_while_the_candidate_speaks():
    assert not turn().is_over(now_ms=600_000)


def test_a_turn_is_not_over_before_its_words_are_known():
    assert not turn().paused(3000).is_over(now_ms=60_000)


def test_a_turn_ends_after_the_patience_its_question_deserves():
    paused = turn(Expects.YES_NO).paused(3000).recognised(words("Yes, that's me."), 700, 3000)
    assert not paused.is_over(3000 + PATIENCE_MS[Expects.YES_NO] - 20)
    assert paused.is_over(3000 + PATIENCE_MS[Expects.YES_NO])


def test_speech_that_resumes_makes_what_was_recognised_stale():
    resumed = turn().paused(3000).recognised(words("I built a"), 700, 3000).resumed().paused(5000)
    assert resumed.heard is None
    assert not resumed.is_over(60_000)
    assert resumed.recognised(words("I built a"), 700, 3000) == resumed, "words of the pause before"


def test_noise_without_words_is_no_turn_and_is_over_at_once():
    assert turn().paused(3000).recognised(words(""), 700, 3000).is_over(3000)


def test_a_long_answer_is_settled_piece_by_piece_at_its_pauses():
    talking = turn()
    for number in range(12):
        pause_ms = 15_000 * (number + 1)
        talking = talking.paused(pause_ms).recognised(words(f"part {number}"), talking.settled_ms, pause_ms)
        assert pause_ms - talking.settled_ms < 30_000, "never more than the recogniser's window is open"
        talking = talking.resumed()
    ended = talking.paused(181_000).recognised(words("the end."), talking.settled_ms, 181_000)
    assert ended.words.text == " ".join([*(f"part {number}" for number in range(12)), "the end."])
    assert (ended.words.start_ms, ended.words.end_ms) == (1000, 181_000)


def test_words_that_arrive_after_speech_has_gone_on_are_settled_when_they_are_long():
    late = turn().paused(20_000).resumed().recognised(words("a long beginning"), 700, 20_000)
    assert late.settled_ms == 20_000
    assert late.words.text == "a long beginning"


def test_words_are_settled_once():
    settled = turn().paused(20_000).resumed().recognised(words("a long beginning"), 700, 20_000)
    assert settled.recognised(words("a long beginning"), 700, 20_000) == settled


def test_chinese_pieces_are_joined_without_a_space():
    talking = turn(language="zh").paused(20_000).recognised(words("我们先查了日志"), 700, 20_000).resumed()
    assert (
        talking.paused(25_000).recognised(words("然后加了索引"), 20_000, 25_000).words.text
        == "我们先查了日志然后加了索引"
    )


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


@pytest.mark.parametrize("expects", list(Expects))
def test_the_less_finished_it_sounds_the_longer_the_patience_within_bounds(expects):
    waits = [patience_ms(expects, "We moved it to the cloud.", "en", sound) for sound in (0.95, 0.6, 0.3, 0.02)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert waits[0] >= SHORTEST_MS
    assert waits[-1] <= UNFINISHED_MS


def test_words_that_go_on_outvote_a_sound_that_does_not():
    assert patience_ms(Expects.YES_NO, "Yes, because", "en", 0.99) == UNFINISHED_MS


@pytest.mark.parametrize(("language", "text"), [("en", "Could you repeat that?"), ("zh", "可以再说一遍吗？")])
def test_who_asks_is_answered_quickly_whatever_it_sounds_like(language, text):
    assert patience_ms(Expects.OPEN, text, language, 0.02) <= patience_ms(Expects.OPEN, text, language, 0.99)


@pytest.mark.parametrize(("language", "text"), [("en", "Sure."), ("en", "Okay, well."), ("zh", "好的，嗯。")])
def test_a_mere_sure_is_the_run_up_to_an_open_answer_and_a_whole_short_one(language, text):
    assert patience_ms(Expects.OPEN, text, language, 0.97) >= 1600
    assert patience_ms(Expects.YES_NO, text.replace("嗯", ""), language, 0.97) < 1000
