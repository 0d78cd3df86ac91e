"""Endpointing over labelled pauses, in audio time: detector and recogniser are stood for by what they would say."""

import pytest

from models.dialog import Expects
from models.speech import Utterance
from voicebot.measure.labels import LabelledTurn
from voicebot.measure.turns import DOUBT_AFTER_MS, TurnsReport, replay
from voicebot.pipeline.activity import SpeechNoticed
from voicebot.speech.endpointing import Turn
from voicebot.speech.recognition import Heard

TURN = LabelledTurn(((1000, 3000), (4000, 6000)), Expects.OPEN)
"""Two seconds, a pause of one second, two seconds."""
NOTICED = [
    SpeechNoticed(1200, speaking=True),
    SpeechNoticed(3200, speaking=False),
    SpeechNoticed(4200, speaking=True),
    SpeechNoticed(6200, speaking=False),
]


def hear(text):
    return lambda from_ms, until_ms: Heard(Utterance(text, from_ms, until_ms), None)


def replayed(text="I wrote it.", noticed=NOTICED, until_ms=20_000):
    return replay("call", TURN, until_ms, "en", noticed, hear(text))


def test_each_pause_gets_the_patience_that_its_words_deserve():
    turn = replayed()
    within, after = turn.pauses
    assert (within.voiced_until_ms, within.noticed_ms, within.resumed_ms) == (3000, 3200, 4000 + DOUBT_AFTER_MS)
    assert (after.voiced_until_ms, after.resumed_ms) == (6000, None)
    state = Turn(Expects.OPEN, "en", 1000, settled_ms=700, voiced_until_ms=1000).paused(6000)
    state = state.recognised(Utterance("I wrote it.", 700, 6000), 700, 6000)
    assert state.is_over(6000 + after.patience_ms)
    assert not state.is_over(6000 + after.patience_ms - 20)


def test_patience_that_outlasts_the_pause_within_ends_the_turn_after_its_end():
    turn = replayed()
    scale = 1.3 * 1200 / turn.pauses[0].patience_ms
    assert not turn.cut_in(scale)
    assert turn.delay_ms(scale) == pytest.approx(1560, abs=20)


def test_too_little_patience_talks_into_the_pause():
    turn = replayed()
    scale = 500 / turn.pauses[0].patience_ms
    assert turn.cut_in(scale)
    assert turn.ended_ms(scale) == pytest.approx(3500, abs=5)
    assert turn.delay_ms(scale) is None


def test_no_turn_ends_before_its_pause_was_noticed():
    assert replayed().ended_ms(0.01) == 3200


def test_noise_without_words_ends_nothing():
    turn = replayed(text="")
    assert turn.ended_ms() is None
    assert not turn.cut_in()


def test_what_is_noticed_in_the_next_turn_belongs_to_that():
    later = [*NOTICED, SpeechNoticed(6400, speaking=True), SpeechNoticed(9000, speaking=False)]
    assert len(replayed(noticed=later, until_ms=6300).pauses) == 2
    assert replayed(noticed=later, until_ms=6300).pauses[-1].resumed_ms is None
    assert replayed(noticed=later).pauses[1].resumed_ms == 6200 + DOUBT_AFTER_MS


def test_speech_that_began_before_the_label_belongs_to_the_turn():
    assert len(replayed(noticed=NOTICED[1:]).pauses) == 2


def test_a_report_counts_turns_and_sweeps_patience():
    report = TurnsReport((replayed(),) * 3)
    figures = report.to_json()
    assert figures["turns"] == 3
    assert figures["pauses_within_turns"] == 3
    assert {outcome["scale"] for outcome in figures["sweep"]} >= {0.1, 1.0, 3.0}
    rates = [outcome["cut_in_rate"] for outcome in figures["sweep"]]
    assert rates == sorted(rates, reverse=True)
    assert (rates[0], rates[-1]) == (1, 0)


def test_the_delay_at_5_percent_cut_ins_takes_the_least_patience_that_keeps_to_it():
    report = TurnsReport((replayed(),) * 3)
    allowed = report.at_allowed_cut_ins
    assert allowed.cut_in_rate == 0
    assert report.at(round(allowed.scale - 0.1, 1)).cut_in_rate == 1
    assert allowed.delay.p50_ms == replayed().delay_ms(allowed.scale)


def test_where_no_patience_is_enough_there_is_no_such_delay():
    endless = [*NOTICED[:2], SpeechNoticed(14_000, speaking=True), SpeechNoticed(16_000, speaking=False)]
    turn = LabelledTurn(((1000, 3000), (13_800, 15_800)), Expects.YES_NO)
    report = TurnsReport((replay("call", turn, 30_000, "en", endless, hear("Yes.")),))
    assert report.at_allowed_cut_ins is None
    assert report.to_json()["at_5_percent_cut_ins"] is None
