import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from models.audio import AudioChunk
from models.errors import SynthesisFailed
from voicebot.measure.level import first_voiced_ms
from voicebot.speech.pcm import LEVEL_FRAME_MS, speech_rms, to_pcm, to_samples
from voicebot.speech.speech_cache import LEAD_MS, TAIL_MS, SpeechCache, louder


class ToneVoice:
    """Hums 100 ms a letter between silences; counts how often it is asked."""

    rate_hz = 24_000

    def __init__(self, name: str = "tone@1", loudness: float = 0.02) -> None:
        self.name = name
        self.lines = 0
        self._loudness = loudness

    def load(self) -> None:
        pass

    def synthesize(self, text: str, length: float = 1.0) -> AudioChunk:
        if not text:
            raise SynthesisFailed("nothing to hum")
        self.lines += 1
        time = np.arange(round(length * len(text) * self.rate_hz / 10)) / self.rate_hz
        silence = np.zeros(self.rate_hz // 2)
        tone = self._loudness * np.sin(2 * np.pi * 300 * time)
        return AudioChunk(to_pcm(np.concatenate([silence, tone, silence])), self.rate_hz)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_line_is_telephone_audio_without_the_silence_around_it(tmp_path: Path) -> None:
    audio = SpeechCache(tmp_path).render(ToneVoice(), "ten letter")

    assert (audio.rate_hz, audio.start_ms) == (8000, 0)
    assert abs(audio.duration_ms - (LEAD_MS + 1000 + TAIL_MS)) <= 40


def test_nobody_waits_for_silence_before_the_first_sound(tmp_path: Path) -> None:
    audio = SpeechCache(tmp_path).render(ToneVoice(), "ten letter")

    assert first_voiced_ms(audio.pcm) <= 2 * LEVEL_FRAME_MS


@pytest.mark.parametrize("loudness", [0.005, 0.1, 0.9])
def test_faint_and_loud_voices_sound_alike(tmp_path: Path, loudness: float) -> None:
    audio = SpeechCache(tmp_path).render(ToneVoice(loudness=loudness), "hello")
    samples = to_samples(audio, 8000)

    assert abs(20 * np.log10(speech_rms(samples, 8000)) - -20) < 1
    assert np.abs(samples).max() < 1


def test_a_line_is_synthesised_once(tmp_path: Path) -> None:
    voice, cache = ToneVoice(), SpeechCache(tmp_path)

    assert cache.render(voice, "hello") == cache.render(voice, "hello") == SpeechCache(tmp_path).render(voice, "hello")
    assert voice.lines == 1


def test_another_text_or_voice_is_another_line(tmp_path: Path) -> None:
    one, two, cache = ToneVoice("tone@1"), ToneVoice("tone@2"), SpeechCache(tmp_path)
    cache.render(one, "hello")
    cache.render(one, "hello!")
    cache.render(two, "hello")

    assert (one.lines, two.lines) == (2, 1)
    assert len(files(tmp_path)) == 3


def test_kept_lines_are_plain_wav_files(tmp_path: Path) -> None:
    audio = SpeechCache(tmp_path).render(ToneVoice(), "hello")

    (path,) = files(tmp_path)
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.readframes(file.getnframes()) == audio.pcm


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"no audio at all" * 100, None])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    voice = ToneVoice()
    audio = SpeechCache(tmp_path).render(voice, "hello")
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)

    assert SpeechCache(tmp_path).render(voice, "hello") == audio
    assert path.read_bytes() == whole
    assert voice.lines == 2


def test_least_recently_used_lines_leave_memory(tmp_path: Path) -> None:
    voice, cache = ToneVoice(), SpeechCache(tmp_path, memory_bytes=25_000)
    for text in ("aaaaa", "bbbbb", "aaaaa", "ccccc"):  # 600 ms, 9.6 kB each: two fit
        cache.render(voice, text)
    for path in files(tmp_path):
        path.unlink()

    cache.render(voice, "aaaaa")
    assert voice.lines == 3
    cache.render(voice, "bbbbb")
    assert voice.lines == 4


def test_a_folder_that_cannot_be_written_costs_only_speed(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")

    assert SpeechCache(blocked / "speech").render(ToneVoice(), "hello").duration_ms > 500


def test_a_line_that_fails_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(SynthesisFailed):
        SpeechCache(tmp_path).render(ToneVoice(), "")
    assert not files(tmp_path)


def test_threads_get_the_same_audio(tmp_path: Path) -> None:
    voice, cache, heard = ToneVoice(), SpeechCache(tmp_path), []
    threads = [threading.Thread(target=lambda: heard.append(cache.render(voice, "hello"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(heard)) == 1
    assert len(files(tmp_path)) == 1


def test_a_slower_line_is_kept_beside_the_usual_one(tmp_path: Path) -> None:
    cache, voice = SpeechCache(tmp_path), ToneVoice()
    usual, slower = cache.render(voice, "hello"), cache.render(voice, "hello", 1.25)
    assert slower.duration_ms - usual.duration_ms == pytest.approx(125, abs=20)
    assert cache.recall(voice.name, "hello") == usual
    assert SpeechCache(tmp_path).fetch(voice.name, "hello", 1.25) == slower


def test_a_louder_line_is_louder_and_not_clipped(tmp_path: Path) -> None:
    usual = SpeechCache(tmp_path).render(ToneVoice(), "hello")
    by_4, by_8 = (to_samples(louder(usual, gain_db), usual.rate_hz) for gain_db in (4.0, 8.0))
    plain = to_samples(usual, usual.rate_hz)
    assert speech_rms(by_4, 8000) / speech_rms(plain, 8000) == pytest.approx(10 ** (4 / 20), rel=0.02)
    shouted = to_samples(louder(louder(usual, 20.0), 20.0), usual.rate_hz)
    assert max(abs(by_8).max(), abs(shouted).max()) < 1
    assert louder(usual, 0.0) is usual
