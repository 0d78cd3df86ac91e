import numpy as np
import pytest

from voicebot.speech.backchannel import hums, is_backchannel

RATE_HZ = 8000
SECONDS = np.arange(RATE_HZ // 2) / RATE_HZ


def voice(pitch_hz, formants_hz):
    """Harmonics of a pitch under the given formants, as in a vowel or a hum."""
    harmonics = np.arange(pitch_hz, 3400, pitch_hz)
    loudness = sum(1 / (1 + ((harmonics - formant) / 80) ** 2) for formant in formants_hz)
    waves = loudness[:, None] * np.sin(2 * np.pi * harmonics[:, None] * SECONDS)
    return (waves.sum(axis=0) / 10).astype(np.float32)


@pytest.mark.parametrize("pitch_hz", [110, 200])
def test_a_closed_mouth_hums(pitch_hz):
    assert hums(voice(pitch_hz, [260]), RATE_HZ)


@pytest.mark.parametrize("pitch_hz", [110, 200])
@pytest.mark.parametrize("vowel", [[700, 1200], [500, 1500], [600, 900]], ids=["ah", "eh", "oh"])
def test_an_open_mouth_does_not(pitch_hz, vowel):
    assert not hums(voice(pitch_hz, vowel), RATE_HZ)


def test_a_hiss_is_no_hum():
    assert not hums(np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32), RATE_HZ)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mm-hmm."),
        ("en", "Okay."),
        ("en", "Yeah, okay."),
        ("en", ""),
        ("zh", "嗯。"),
        ("zh", "好的，好的。"),
        ("zh", ""),
    ],
)
def test_words_that_ask_to_go_on(language, text):
    assert is_backchannel(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Okay, but wait."), ("en", "No."), ("en", "Sorry?"), ("zh", "不是。"), ("zh", "好的，等一下。")],
)
def test_words_that_want_to_be_heard(language, text):
    assert not is_backchannel(text, language)
