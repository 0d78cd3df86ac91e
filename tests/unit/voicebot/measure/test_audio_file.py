import numpy as np
import pytest

from models.errors import UsageError
from voicebot.measure import audio_file


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (16_000, 1), (44_100, 2)])
def test_audio_is_read_as_mono_at_its_own_rate(write_wav, rate_hz, channels):
    samples = 0.5 * np.sin(np.arange(rate_hz) / 20)
    audio = audio_file.read(write_wav("a.wav", samples, rate_hz, channels))
    assert (audio.rate_hz, audio.duration_ms) == (rate_hz, 1000)
    assert np.allclose(np.frombuffer(audio.pcm, "<i2") / 32767, samples, atol=1e-3)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"nobody\.wav: there is no such audio file"):
        audio_file.read(tmp_path / "nobody.wav")


@pytest.mark.parametrize("content", [b"", b"This is no audio. " * 100, b"RIFF\x24\x00\x00\x00WAVEfmt "])
def test_a_file_that_is_no_audio(tmp_path, content):
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"broken\.wav .*audio"):
        audio_file.read(path)


def test_a_folder_is_no_audio(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as audio"):
        audio_file.read(tmp_path)


def test_too_few_samples_a_second(write_wav):
    with pytest.raises(UsageError, match="4000 samples a second; speech needs 8000"):
        audio_file.read(write_wav("low.wav", np.ones(4000), 4000))


def test_too_short_to_speak_in(write_wav):
    with pytest.raises(UsageError, match="less than a tenth of a second"):
        audio_file.read(write_wav("short.wav", np.ones(100)))


def test_a_telephone_track_at_another_rate_names_the_mend(write_wav):
    with pytest.raises(UsageError, match=r"16000 samples a second.*ffmpeg -i wide\.wav -ar 8000"):
        audio_file.read_telephone(write_wav("wide.wav", np.ones(16_000), 16_000))
