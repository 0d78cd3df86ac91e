import numpy as np
import pytest

from voicebot.measure.level import first_voiced_ms, last_voiced_ms, loudness


def pcm(samples):
    return (np.asarray(samples) * 32767).astype("<i2").tobytes()


def test_where_a_voice_begins_and_ends():
    line = np.zeros(8000)
    line[800:4000] = 0.1
    line[6000:] = 0.005  # the line's own noise
    assert (first_voiced_ms(pcm(line)), last_voiced_ms(pcm(line))) == (100, 499)


def test_silence_has_no_voice():
    assert first_voiced_ms(bytes(320)) is None
    assert last_voiced_ms(bytes(320)) == 0


@pytest.mark.parametrize(("level", "meter"), [(0, 0), (0.0005, 0), (0.1, 2 / 3), (1, 1)])
def test_a_meter_goes_from_60_db_below_full_scale_to_full_scale(level, meter):
    assert loudness(pcm(np.full(160, level))) == pytest.approx(meter, abs=0.01)
