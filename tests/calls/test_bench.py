"""Measuring with everything real: models, gateway, socket and time. Slow by nature, so each call is a short one."""

import importlib.util
import json
import wave
from pathlib import Path

import pytest

from models.audio import ms_to_bytes
from voicebot import wiring
from voicebot.measure import asr, interviews, labels, latency, turns
from voicebot.measure.caller import Speech
from voicebot.measure.level import first_voiced_ms, last_voiced_ms
from voicebot.pipeline.activity import activity
from voicebot.pipeline.vad import START_MS, STOP_MS
from voicebot.rehearsal.persona import Persona
from voicebot.settings import Vad

PAUSE_MS = 700
SHORT_FLOW = Path(__file__).parents[1] / "flows" / "short.yaml"


@pytest.fixture(scope="module")
def parts(loaded):
    return loaded


@pytest.fixture
async def recording(parts, tmp_path):
    """A labelled call of two turns in the interviewer's own voice, the first with a pause in it. Returns its labels."""
    said = [
        await parts.voice("en").speak(text)
        for text in ("I wrote our billing service because", "the old one lost orders.", "It took me two weeks.")
    ]
    silences_ms = (1000, PAUSE_MS, 4000)
    track, segments = b"", []
    for silence_ms, audio in zip(silences_ms, said, strict=True):
        track += bytes(ms_to_bytes(silence_ms, 8000))
        began_ms = len(track) // 16
        segments.append([(began_ms + first_voiced_ms(audio.pcm)) / 1000, (began_ms + last_voiced_ms(audio.pcm)) / 1000])
        track += audio.pcm
    with wave.open(str(tmp_path / "caller.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(track + bytes(ms_to_bytes(4000, 8000)))
    path = tmp_path / "two.turns.json"
    turn_ends = [{"end": segments[1][1]}, {"end": segments[2][1], "expects": "short"}]
    path.write_text(json.dumps({"caller": "caller.wav", "caller_segments": segments, "turn_ends": turn_ends}))
    return path


@pytest.mark.parametrize("vad", list(Vad))
async def test_a_recording_is_listened_to_as_a_call_is_but_faster(recording, vad):
    call = labels.load(recording)
    noticed = await activity(call.caller, vad)
    assert [each.speaking for each in noticed] == [True, False, True, False, True, False]
    segments = [segment for turn in call.turns for segment in turn.segments_ms]
    for (start_ms, end_ms), began, ended in zip(segments, noticed[::2], noticed[1::2], strict=True):
        assert START_MS <= began.at_ms - start_ms <= START_MS + 250
        assert STOP_MS - 100 <= ended.at_ms - end_ms <= STOP_MS + 250


def test_turns_of_a_recording_are_taken_after_they_have_ended(parts, recording):
    call = labels.load(recording)
    report = turns.measure([call], wiring.ear(parts.settings), parts.settings.vad)
    first, second = report.turns
    assert len(first.pauses_within) == 1
    assert first.pauses[0].patience_ms > PAUSE_MS, "the sentence is open"
    assert not first.cut_in()
    assert 0 < second.delay_ms() < 2000
    assert report.at(0.1).cut_in_rate == 0.5


def test_clear_speech_is_recognised_over_the_telephone(parts, recording, tmp_path):
    manifest = tmp_path / "manifest.csv"
    text = "I wrote our billing service because the old one lost orders. It took me two weeks."
    manifest.write_text(f'file,lang,transcript\ncaller.wav,en,"{text}"\n')
    figures = asr.measure(asr.load(manifest), wiring.transcriber(parts.settings), list(asr.Line)).to_json()
    assert figures["languages"]["en"]["telephone"]["rate"] <= 0.2
    assert figures["languages"]["en"]["clean"]["words"] == 16


async def test_a_recorded_caller_is_answered_and_every_wait_is_accounted_for(parts, recording):
    interview = await interviews.of_recording(parts, labels.load(recording), SHORT_FLOW)
    report = await latency.measure(parts, [interview])
    figures = report.to_json()
    assert (figures["calls"], figures["turns"], figures["unsaid"], figures["unanswered"]) == (1, 2, 0, 0)
    assert figures["cut_in_rate"] == 0
    assert 200 < figures["p50_ms"] <= figures["p95_ms"] <= figures["max_ms"] < 6000
    (call,) = report.calls
    for turn, wait in zip(call.turns, call.waits, strict=True):
        parts_ms = (wait.pause_noticed_ms, wait.recognition_ms, wait.patience_ms, wait.first_audio_ms)
        assert sum(parts_ms) == pytest.approx(turn.latency_ms)
    assert figures["cpu_s_per_call"] > 0
    assert figures["rss_mb"]["peak"] >= figures["rss_mb"]["before"] > 100


async def test_simulated_candidates_are_measured_several_at_a_time(parts):
    persona = Persona(id="brief", name="Pat", flow="backend_engineer", answers={"consent": "Yes.", "identity": "Yes."})
    interview = await interviews.of_persona(parts, persona)
    report = await latency.measure(parts, [interview] * 2, most_turns=2)
    figures = report.to_json()
    assert (figures["calls"], figures["turns"], figures["answered"]) == (2, 4, 4)
    for call in report.calls:
        assert "this is an AI" in call.prompts[0]
        assert len(call.prompts) == len(call.said) + 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pipecat's own, while it is imported
async def test_stock_pipecat_is_measured_by_the_same_phone(parts):
    stock = _benchmark("stock_pipecat")
    answer = Speech.of(await parts.voice("en").speak("I wrote our billing service in Python."))
    (turn,) = await stock.hold_with_stock(parts, ["What did you build?", "Thank you. Goodbye."], [answer])
    assert not turn.cut_in
    assert 200 < turn.latency_ms < 8000


def _benchmark(name):
    path = Path(__file__).parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
