import numpy as np
import pytest

from models.audio import AudioChunk
from voicebot.speech.pcm import joined, levels_db, paced, speech_rms, to_pcm, to_samples, trimmed


def tone(ms: int, rate_hz: int = 8000, loudness: float = 0.1) -> np.ndarray:
    return (loudness * np.sin(2 * np.pi * 250 * np.arange(ms * rate_hz // 1000) / rate_hz)).astype(np.float32)


def test_samples_survive_the_way_to_pcm_and_back() -> None:
    samples = tone(100)

    assert to_samples(AudioChunk(to_pcm(samples), 8000), 8000) == pytest.approx(samples, abs=1e-4)


def test_what_is_too_loud_is_clipped_and_never_wraps() -> None:
    assert np.frombuffer(to_pcm(np.array([2.0, -2.0], np.float32)), "<i2").tolist() == [32767, -32767]


def test_resampling_keeps_the_duration() -> None:
    assert len(to_samples(AudioChunk(to_pcm(tone(500)), 8000), 16_000)) == 8000
    assert len(to_samples(AudioChunk(b"", 8000), 16_000)) == 0


def test_levels_are_in_dbfs() -> None:
    assert levels_db(tone(100), 8000) == pytest.approx(np.full(5, -23.0), abs=0.1)
    assert levels_db(np.zeros(800, np.float32), 8000) == pytest.approx(np.full(5, -100.0))


def test_loudness_is_that_of_the_speech_and_not_of_its_pauses() -> None:
    with_pause = np.concatenate([tone(200), np.zeros(16_000, np.float32)])

    assert speech_rms(with_pause, 8000) == pytest.approx(0.0707, abs=1e-3)
    assert speech_rms(np.zeros(0, np.float32), 8000) == 0


def test_silence_around_speech_is_cut_to_its_margins() -> None:
    audio = np.concatenate([np.zeros(8000, np.float32), tone(300), np.zeros(4000, np.float32)])
    cut = trimmed(audio, 8000, 20, 80)

    assert len(cut) == (20 + 300 + 80) * 8
    assert not cut[: 20 * 8].any()
    assert cut[20 * 8 : 40 * 8].any()
    assert len(trimmed(np.zeros(0, np.float32), 8000, 20, 80)) == 100 * 8


def test_sentences_are_joined_with_the_same_pause() -> None:
    ragged = [np.pad(tone(400), (silence, 0)).astype(np.float32) for silence in (0, 4000)]

    assert len(joined(ragged, 8000)) == (150 + 400 + 150 + 150 + 400 + 150) * 8
    assert len(joined([], 8000)) == 0


def test_pauses_are_cut_to_the_longest_and_sound_is_kept() -> None:
    spoken = np.concatenate([tone(200), np.zeros(8000, np.float32), tone(200), np.zeros(1600, np.float32), tone(200)])

    audio = paced(spoken, 8000, longest_ms=300)

    quiet = "".join("." if level < -60 else "#" for level in levels_db(audio, 8000))
    assert quiet == "#" * 10 + "." * 15 + "#" * 10 + "." * 10 + "#" * 10


def test_there_is_nothing_to_pace_in_no_audio() -> None:
    assert len(paced(np.zeros(0, np.float32), 8000, longest_ms=300)) == 0
