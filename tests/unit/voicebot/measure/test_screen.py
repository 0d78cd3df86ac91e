"""What people read in the terminal: the same figures as in JSON, in words."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from models.dialog import Expects
from voicebot.measure import screen
from voicebot.measure.asr import AsrReport, Clip, Hearing, Line
from voicebot.measure.caller import SaidTurn, Speech
from voicebot.measure.capacity import CapacityReport
from voicebot.measure.labels import LabelledTurn
from voicebot.measure.latency import LatencyReport, MeasuredCall, Wait
from voicebot.measure.memory import MemoryReport, Round
from voicebot.measure.turns import Pause, ReplayedTurn, TurnsReport


@pytest.fixture
def printed():
    """Prints with one of the functions and returns the words, with single spaces between them."""

    def show(print_report, report):
        console = Console(file=io.StringIO(), width=120)
        print_report(console, report)
        return " ".join(console.file.getvalue().split())

    return show


def latency_report(calls=2, wait_s=0.75):
    answered = SaidTurn(Speech(b"", 900), 9.1, 10.0, answered_s=10.0 + wait_s)
    cut = SaidTurn(Speech(b"", 900), 19.1, 20.0, cut_s=19.6)
    call = MeasuredCall((answered, cut), ("", "", ""), (Wait(250, 200, 220, 80), None), 0, 12.0)
    return LatencyReport((call,) * calls, 30.0, 60.0, 500.0, 530.0)


def test_latency_says_how_long_what_it_was_spent_on_and_who_was_talked_into(printed):
    text = printed(screen.print_latency, latency_report())
    assert "to the first voiced sample heard 0.75 s" in text
    assert "recognition 0.20 s" in text
    assert "2 calls at once, 4 turns; talked into: 2 (50.0 %); unanswered: 0" in text
    assert "15.0 CPU seconds a call" in text
    assert "memory 500 MB and 15.0 MB a call" in text


def test_capacity_says_how_many_calls_and_what_every_try_gave(printed):
    text = printed(screen.print_capacity, CapacityReport((latency_report(1), latency_report(2, wait_s=1.6))))
    assert "1 call at once with a p95 of at most 1.50 s" in text
    assert "1.60 s" in text


def test_turns_say_delay_and_cut_ins_by_patience(printed):
    label = LabelledTurn(((1000, 3000), (4000, 6000)), Expects.OPEN)
    turn = ReplayedTurn("call", label, (Pause(3000, 3200, 4200, 1000), Pause(6000, 6200, None, 1000)))
    text = printed(screen.print_turns, TurnsReport((turn,)))
    assert "as it is 100 % -" in text
    assert "at 5 % cut-ins: times 1.3 0 % 1.30 s" in text


def test_hearing_says_the_error_rate_of_each_language_and_line(printed):
    clip = Clip("a.wav", Path("a.wav"), "zh", "是的")
    report = AsrReport("whisper", (Hearing(clip, Line.TELEPHONE, "是", 1000, 250),), 3)
    text = printed(screen.print_asr, report)
    assert "CER zh telephone 50.0 % 2 1 0.25 s 25 %" in text
    assert "3 rows without a transcript were left out" in text


def test_memory_says_what_a_call_needs_and_whether_it_is_given_back(printed):
    rounds = tuple(Round(10 * number, 700.0, 500.0 + number) for number in range(1, 8))
    text = printed(screen.print_memory, MemoryReport(600.0, 10, rounds))
    assert "600 MB before the first call, 10.0 MB for each of 10 at once, 700 MB at the highest" in text
    assert "+10.0 MB in 100 calls" in text
    assert "too few calls to tell" in printed(screen.print_memory, MemoryReport(600.0, 10, rounds[:2]))
