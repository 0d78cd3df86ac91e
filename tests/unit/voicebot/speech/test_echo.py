import numpy as np
import pytest

from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.speech.echo import LONGEST_DELAY_MS, WINDOW_MS, is_echo

RATE_HZ = 8000
SECONDS = 2


def voice(seed):
    """Noise in syllables: as broad and as uneven as speech."""
    random = np.random.default_rng(seed)
    syllables = np.repeat(random.uniform(0.1, 1, SECONDS * 8), RATE_HZ // 8)
    return (np.convolve(random.normal(0, 0.2, SECONDS * RATE_HZ), np.ones(3) / 3, "same") * syllables).astype(
        np.float32
    )


def over_the_phone(samples):
    pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
    return np.frombuffer(mulaw_to_pcm(pcm_to_mulaw(pcm)), np.int16).astype(np.float32) / 32768


def delayed(samples, ms):
    return np.concatenate([np.zeros(ms * RATE_HZ // 1000, np.float32), samples])[: len(samples)]


@pytest.mark.parametrize("delay_ms", [0, 40, 250, LONGEST_DELAY_MS])
@pytest.mark.parametrize("gain", [0.5, 0.1, 0.03])
def test_a_quieter_later_copy_is_an_echo(delay_ms, gain):
    assert is_echo(over_the_phone(gain * delayed(voice(1), delay_ms)), voice(1), RATE_HZ)


def test_another_voice_is_no_echo():
    assert not any(is_echo(over_the_phone(voice(seed)), voice(1), RATE_HZ) for seed in range(2, 22))


def test_a_candidate_who_speaks_over_the_echo_is_heard():
    assert not is_echo(over_the_phone(voice(2) + 0.1 * delayed(voice(1), 100)), voice(1), RATE_HZ)


def test_without_anything_sent_there_is_no_echo():
    silence = np.zeros((WINDOW_MS + LONGEST_DELAY_MS) * RATE_HZ // 1000, np.float32)
    assert not is_echo(voice(1), silence, RATE_HZ)


@pytest.mark.parametrize("noise", [0.0, 0.001])
def test_a_pause_in_the_echo_is_not_the_candidate(noise):
    quiet = np.random.default_rng(3).normal(0, noise, RATE_HZ).astype(np.float32)
    assert is_echo(quiet, voice(1), RATE_HZ)
    assert not is_echo(over_the_phone(0.03 * voice(2)), voice(1), RATE_HZ), "a faint caller is"
