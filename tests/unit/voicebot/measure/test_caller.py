"""The measuring phone, in audio time: its clock is the number of packets exchanged."""

import numpy as np
import pytest

from telephony.loopback import FRAME_BYTES, Hook
from voicebot.measure.caller import CUT_MS, FINISHED_MS, GIVEN_UP_MS, Caller, Speech

VOICE = np.full(FRAME_BYTES // 2, 3000, "<i2").tobytes()
QUIET = bytes(FRAME_BYTES)
TURN = Speech(VOICE * 50 + QUIET * 5, voiced_until_ms=999)
"""A second of speech and 100 ms of silence."""


class Line:
    """Carries packets to a caller who says the same turn again and again."""

    def __init__(self, *replies, late_ms=0):
        self.now_s = 0.0
        self.choices = 0
        self.late_ms = late_ms
        self.replies = list(replies)
        self.caller = Caller(self.choose, lambda: self.now_s + self.late_ms / 1000)

    def choose(self):
        self.choices += 1
        return self.replies.pop(0) if self.replies else TURN

    def bring(self, packet, ms):
        """Packets for so long. Returns what the caller said in that time."""
        said = []
        for _ in range(ms // 20):
            said.append(self.caller.exchange(packet))
            self.now_s += 0.02
        return said


def test_nothing_is_said_before_the_other_side_has_spoken_and_finished():
    line = Line()
    assert set(line.bring(QUIET, 5000)) == {QUIET}
    assert set(line.bring(VOICE, 2000)) == {QUIET}
    assert set(line.bring(QUIET, FINISHED_MS - 20)) == {QUIET}
    assert VOICE in line.bring(QUIET, 40)


def after_a_turn(**how):
    line = Line(**how)
    line.bring(VOICE, 400)
    line.bring(QUIET, FINISHED_MS - 20)
    line.bring(QUIET, 1000)  # the turn's fifty voiced packets
    return line


@pytest.mark.parametrize("wait_ms", [200, 780, 2400])
def test_the_wait_is_from_the_last_voiced_packet_to_the_first_voiced_sample(wait_ms):
    line = after_a_turn()
    line.bring(QUIET, wait_ms - 20)
    late = bytearray(QUIET)
    late[160:] = VOICE[160:]  # a voice that begins 10 ms into its packet
    line.bring(bytes(late), 20)
    (turn,) = line.caller.said
    assert turn.latency_ms == pytest.approx(wait_ms + 10)
    assert not turn.cut_in


def test_only_the_first_sound_of_an_answer_counts():
    line = after_a_turn()
    for _ in range(3):
        line.bring(QUIET, 480)
        line.bring(VOICE, 20)
    assert line.caller.said[0].latency_ms == pytest.approx(500)


def test_a_machine_that_is_late_gets_no_credit_for_it():
    line = after_a_turn()
    line.late_ms = 300  # the loop stands still, then catches up packet by packet
    line.bring(QUIET, 480)
    line.bring(VOICE, 20)
    assert line.caller.said[0].latency_ms == pytest.approx(800)
    assert line.caller.lag_ms == pytest.approx(300)


def test_a_voice_inside_a_turn_is_a_cut_in_and_no_answer():
    line = Line()
    line.bring(VOICE, 400)
    line.bring(QUIET, FINISHED_MS + 400)
    line.bring(VOICE, 200)
    (turn,) = line.caller.said
    assert turn.cut_in
    assert turn.cut_s - turn.began_s == pytest.approx(0.42, abs=0.03)
    line.bring(QUIET, 1000)
    line.bring(VOICE, 200)
    assert turn.latency_ms is None


def test_what_is_left_of_a_cut_turn_may_be_answered_before_the_next():
    line = Line()
    line.bring(VOICE, 400)
    line.bring(QUIET, FINISHED_MS + 400)
    line.bring(VOICE, 200)
    line.bring(QUIET, 480 + 60 + CUT_MS - 200)
    assert len(line.caller.said) == 1
    line.bring(QUIET, 400)
    assert len(line.caller.said) == 2


def test_a_caller_may_listen_on_and_hang_up():
    line = Line(None, Hook.DOWN)
    line.bring(VOICE, 400)
    assert set(line.bring(QUIET, 3000)) == {QUIET}
    assert line.choices == 1, "asked once for each time that the other side has finished"
    line.bring(VOICE, 400)
    assert Hook.DOWN in line.bring(QUIET, FINISHED_MS + 20)


def test_a_dead_line_is_given_up():
    line = Line(None)
    assert Hook.DOWN in line.bring(QUIET, GIVEN_UP_MS + 40)


def test_a_long_turn_is_not_given_up_while_it_is_spoken():
    long = Speech(VOICE * (GIVEN_UP_MS // 20 * 2), voiced_until_ms=2 * GIVEN_UP_MS - 1)
    line = Line(long)
    line.bring(VOICE, 400)
    line.bring(QUIET, FINISHED_MS + 2 * GIVEN_UP_MS + 480)
    line.bring(VOICE, 20)
    assert line.choices == 1
    assert line.caller.said[0].latency_ms == pytest.approx(520)
