import numpy as np
import pytest

from models.audio import AudioChunk, bytes_to_ms
from models.dialog import Say
from voicebot.pipeline.lines import Lines

QUESTION, THANKS = Say("line-2", "How did it end?"), Say("line-1", "Thank you.")


def speech(*phrases_ms, pause_ms=200):
    """Loud phrases with pauses between them, 8 kHz."""
    phrases = [np.full(ms * 8, 8000, np.int16).tobytes() for ms in phrases_ms]
    return AudioChunk(bytes(pause_ms * 16).join(phrases), 8000)


@pytest.fixture
def lines():
    return Lines()


def test_a_line_is_heard_when_its_mark_comes_back(lines):
    mark = lines.add(QUESTION, speech(1000))
    assert lines
    assert lines.begin(500) == QUESTION
    (ended,) = lines.played(mark, 1520)
    assert (ended.say, ended.start_ms, ended.end_ms, ended.heard_share) == (QUESTION, 500, 1520, 1.0)
    assert not lines


def test_lines_begin_and_end_in_the_order_they_are_said(lines):
    marks = [lines.add(THANKS, speech(500)), lines.add(QUESTION, speech(1000))]
    assert [lines.begin(0), lines.begin(500)] == [THANKS, QUESTION]
    heard = [lines.played(mark, at) for mark, at in zip(marks, (500, 1500), strict=True)]
    assert [[ended.say for ended in each] for each in heard] == [[THANKS], [QUESTION]]


def test_nothing_begins_when_nothing_is_to_be_said(lines):
    assert lines.begin(0) is None


def test_a_line_that_was_cut_says_how_much_of_it_was_heard(lines):
    lines.add(THANKS, speech(1000))
    lines.add(QUESTION, speech(1000))
    lines.begin(100)
    lines.hold(350)
    (thanks, ended), (question, never) = lines.cut(900)
    assert (thanks, question, never) == (THANKS, QUESTION, None)
    assert (ended.start_ms, ended.end_ms, ended.heard_share) == (100, 350, 0.25)
    assert not lines


def test_the_marks_of_what_was_thrown_away_mean_nothing(lines):
    mark = lines.add(QUESTION, speech(1000))
    lines.begin(0)
    lines.hold(300)
    assert lines.played(mark, 310) == ()
    ((_, again),) = lines.resume()
    assert lines.played(mark, 320) == ()
    assert [ended.say for ended in lines.played(again, 1500)] == [QUESTION]


def test_the_interviewer_is_not_speaking_while_it_waits_whether_it_was_interrupted(lines):
    lines.add(QUESTION, speech(1000))
    lines.begin(0)
    lines.hold(300)
    assert not lines
    lines.resume()
    assert lines


def test_a_line_is_taken_up_again_at_the_beginning_of_the_phrase(lines):
    lines.add(QUESTION, speech(1000, 1000, 1000))
    lines.begin(0)
    lines.hold(1900)  # 700 ms into the second phrase, which began at 1200
    ((rest, _),) = lines.resume()
    assert 3400 - bytes_to_ms(len(rest.pcm), 8000) == pytest.approx(1190, abs=20)
    assert lines.begin(2500) is None, "the line began long ago"
    lines.hold(2600)
    ((_, ended),) = lines.cut(2600)
    assert ended.start_ms == 0
    assert ended.heard_share == pytest.approx(1300 / 3400, abs=0.02)


def test_a_short_line_is_said_again_from_its_beginning(lines):
    lines.add(THANKS, speech(800))
    lines.begin(0)
    lines.hold(400)
    ((rest, _),) = lines.resume()
    assert rest.duration_ms == 800


def test_lines_that_had_not_begun_are_said_whole(lines):
    lines.add(THANKS, speech(800))
    lines.add(QUESTION, speech(1000))
    lines.begin(0)
    lines.hold(400)
    assert [audio.duration_ms for audio, _ in lines.resume()] == [800, 1000]


def test_one_line_that_must_be_heard_makes_all_of_them_uninterruptible(lines):
    lines.add(THANKS, speech(100))
    assert lines.interruptible
    lines.add(Say("line-3", "Goodbye.", interruptible=False), speech(100))
    assert not lines.interruptible


def test_a_mark_that_was_lost_is_made_good_by_the_next(lines):
    lines.add(THANKS, speech(500))
    mark = lines.add(QUESTION, speech(1000))
    assert [ended.say for ended in lines.played(mark, 1500)] == [THANKS, QUESTION]


def test_a_last_mark_that_was_lost_is_not_waited_for_for_ever(lines):
    lines.add(QUESTION, speech(1000))
    assert lines.overdue(100_000) == (), "it has not begun"
    lines.begin(500)
    assert lines.overdue(1500) == ()
    (ended,) = lines.overdue(1500 + 5000)
    assert (ended.say, ended.heard_share) == (QUESTION, 1.0)
    assert not lines


def test_what_is_to_be_said_while_the_candidate_speaks_waits_its_turn(lines):
    lines.add(THANKS, speech(800))
    lines.begin(0)
    lines.hold(400)
    assert lines.add(QUESTION, speech(1000)) is None
    assert [audio.duration_ms for audio, _ in lines.resume()] == [800, 1000]
