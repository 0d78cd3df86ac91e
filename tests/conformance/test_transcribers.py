"""What every recogniser promises, with its real weights. A new one is one more entry in TRANSCRIBERS."""

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jiwer
import numpy as np
import pytest

from models.audio import TELEPHONE_RATE_HZ, AudioChunk
from models.errors import UsageError
from telephony.g711 import mulaw_to_pcm
from voicebot.speech.model_store import ModelStore
from voicebot.speech.pcm import Samples, resample, to_pcm, to_samples
from voicebot.speech.piper import PiperVoice
from voicebot.speech.protocols import Transcriber
from voicebot.speech.speech_cache import SpeechCache
from voicebot.speech.whisper import WhisperTranscriber

TRANSCRIBERS: dict[str, Callable[[ModelStore], Transcriber]] = {
    "whisper": lambda store: WhisperTranscriber(store.whisper_base(), cpu_threads=2, num_workers=2),
}

SENTENCES = (
    "I have worked as a backend engineer for about six years.",
    "We moved the billing system from one large database to several small services.",
    "The hardest part was keeping the old interface running while customers migrated.",
    "I wrote a load test first, and it showed that the queue was the bottleneck.",
    "I would ask the product manager which of the two problems hurts more people.",
)

Speak = Callable[[str], Samples]


@pytest.fixture(scope="module")
def store() -> Iterator[ModelStore]:
    with tempfile.TemporaryDirectory() as folder:
        yield ModelStore(Path(folder))


@pytest.fixture(scope="module", params=TRANSCRIBERS.values(), ids=TRANSCRIBERS)
def transcriber(request: pytest.FixtureRequest, store: ModelStore) -> Transcriber:
    transcriber: Transcriber = request.param(store)
    transcriber.load()
    return transcriber


@pytest.fixture(scope="module")
def speak(store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Speak:
    """A line of clear speech at telephone rate, without silence around it."""
    voice, cache = PiperVoice(store.piper_joe()), SpeechCache(tmp_path_factory.mktemp("speech"))
    return lambda text: to_samples(cache.render(voice, text), TELEPHONE_RATE_HZ)[400:-400]


def chunk(samples: Samples, start_ms: int = 0) -> AudioChunk:
    return AudioChunk(to_pcm(samples), TELEPHONE_RATE_HZ, start_ms)


def silence(ms: int) -> Samples:
    return np.zeros(ms * TELEPHONE_RATE_HZ // 1000, np.float32)


def error_rate(said: str, heard: str) -> float:
    said, heard = (re.sub(r"[^\w ]", "", text.lower()) for text in (said, heard))
    return float(jiwer.wer(said, heard))


def test_it_hears_what_was_said(transcriber: Transcriber, speak: Speak) -> None:
    heard = [transcriber.transcribe(chunk(speak(sentence)), "en") for sentence in SENTENCES]

    assert error_rate(" ".join(SENTENCES), " ".join(utterance.text for utterance in heard)) <= 0.15
    assert {utterance.language for utterance in heard} == {"en"}


@pytest.mark.parametrize("gain", [0.05, 1.5])
def test_it_hears_faint_and_loud_callers(transcriber: Transcriber, speak: Speak, gain: float) -> None:
    heard = transcriber.transcribe(chunk(speak(SENTENCES[1]) * np.float32(gain)), "en")

    assert error_rate(SENTENCES[1], heard.text) <= 0.15


def test_it_hears_long_answers_to_their_end(transcriber: Transcriber, speak: Speak) -> None:
    parts = [part for sentence in SENTENCES * 3 for part in (speak(sentence), silence(500))]
    audio = chunk(np.concatenate(parts))
    assert audio.duration_ms > 50_000

    heard = transcriber.transcribe(audio, "en")

    assert error_rate(" ".join(SENTENCES * 3), heard.text) <= 0.15
    times = [time for word in heard.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] > audio.duration_ms - 2_000


@pytest.mark.parametrize("speed", [1.25, 1.5])
def test_fast_talkers_are_heard_to_their_end(transcriber: Transcriber, speak: Speak, speed: float) -> None:
    """A limit on the length of the text must never cut it: CTranslate2 would do so in silence."""
    slow = np.concatenate([part for sentence in SENTENCES for part in (speak(sentence), silence(60))])
    fast = resample(slow, int(TELEPHONE_RATE_HZ * speed), TELEPHONE_RATE_HZ)

    heard = transcriber.transcribe(chunk(fast), "en")

    assert error_rate(" ".join(SENTENCES), heard.text) <= 0.15


def test_times_are_on_the_calls_clock(transcriber: Transcriber, speak: Speak) -> None:
    audio = chunk(np.concatenate([silence(300), speak(SENTENCES[0]), silence(500)]), start_ms=61_000)

    heard = transcriber.transcribe(audio, "en")

    assert (heard.start_ms, heard.end_ms) == (audio.start_ms, audio.end_ms)
    assert "".join(word.text for word in heard.words) == heard.text.replace(" ", "")
    times = [time for word in heard.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert audio.start_ms <= times[0]
    assert times[-1] <= audio.end_ms


@pytest.mark.parametrize("pause_ms", [800, 2500])
def test_words_are_placed_within_300_ms(transcriber: Transcriber, speak: Speak, pause_ms: int) -> None:
    """Each stretch of speech begins and ends where it was put."""
    stretches = [
        speak(text) for text in ("I used Python.", "Then we deployed to Kubernetes.", "It took about six months.")
    ]
    audio, bounds_ms = silence(400), []
    for stretch in stretches:
        start_ms = len(audio) // 8
        audio = np.concatenate([audio, stretch, silence(pause_ms)])
        bounds_ms += [start_ms, start_ms + len(stretch) // 8]

    words = transcriber.transcribe(chunk(audio), "en").words

    gaps = sorted(range(1, len(words)), key=lambda i: words[i - 1].end_ms - words[i].start_ms)[:2]
    times = [words[0].start_ms, words[-1].end_ms]
    times += [time for i in gaps for time in (words[i - 1].end_ms, words[i].start_ms)]
    assert sorted(times) == pytest.approx(bounds_ms, abs=300)


def _ring_back(ms: int) -> Samples:
    """The North American one: 440 and 480 Hz, two seconds in six."""
    time = np.arange(ms * TELEPHONE_RATE_HZ // 1000) / TELEPHONE_RATE_HZ
    tone = np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)
    return (0.2 * tone * (time % 6 < 2)).astype(np.float32)


def _noise(ms: int, loudness: float) -> Samples:
    random = np.random.default_rng(ms)
    return (loudness * random.standard_normal(ms * TELEPHONE_RATE_HZ // 1000)).astype(np.float32)


NOT_SPEECH: dict[str, Callable[[int], Samples]] = {
    "silence": silence,
    "line noise": lambda ms: _noise(ms, 0.002),
    "white noise": lambda ms: _noise(ms, 0.1),
    "ring-back tone": _ring_back,
}


@pytest.mark.parametrize("hot_words", [(), ("Python", "Kubernetes", "数据库", "Northwind Labs")], ids=["", "hot words"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ms", [20, 1_500, 9_000, 35_000])
@pytest.mark.parametrize("source", NOT_SPEECH.values(), ids=NOT_SPEECH)
def test_it_invents_nothing(
    transcriber: Transcriber, source: Callable[[int], Samples], ms: int, language: str, hot_words: tuple[str, ...]
) -> None:
    heard = transcriber.transcribe(chunk(source(ms), start_ms=1000), language, hot_words=hot_words)

    assert (heard.text, heard.words) == ("", ())
    assert (heard.start_ms, heard.end_ms) == (1000, 1000 + ms)


def test_hot_words_help_where_they_are_said_and_change_nothing_where_they_are_not(
    transcriber: Transcriber, speak: Speak
) -> None:
    """And are never read out instead of what was said."""
    names = ("Grafana", "Prometheus", "Terraform", "Ansible", "Cassandra", "Kafka")
    said = ("I have used Terraform and Ansible.", "Our dashboards were in Grafana, with Prometheus behind them.")
    plain = [transcriber.transcribe(chunk(speak(sentence)), "en") for sentence in SENTENCES]

    hinted = [transcriber.transcribe(chunk(speak(sentence)), "en", hot_words=names) for sentence in said]

    assert error_rate(" ".join(said), " ".join(each.text for each in hinted)) <= 0.15
    assert [transcriber.transcribe(chunk(speak(each)), "en", hot_words=names) for each in SENTENCES] == plain
    assert transcriber.transcribe(chunk(speak("Yes.")), "en", hot_words=names * 100).text == "Yes."


def test_another_language_that_may_be_spoken_is_told_only_where_it_is(transcriber: Transcriber, speak: Speak) -> None:
    audio = chunk(speak(SENTENCES[0]))

    for others in (("zh",), ("zh", "tlh"), ("en",)):
        assert transcriber.transcribe(audio, "en", others=others) == transcriber.transcribe(audio, "en")
    assert transcriber.transcribe(audio, "zh", others=("en",)) == transcriber.transcribe(audio, "en")


def test_no_audio_is_no_words(transcriber: Transcriber) -> None:
    assert transcriber.transcribe(AudioChunk(b"", TELEPHONE_RATE_HZ, 500), "en").text == ""


def test_short_answers_are_heard(transcriber: Transcriber, speak: Speak) -> None:
    for said in ("No.", "Okay.", "Hello?", "I don't know.", "Thank you.", "Yes, go ahead."):
        heard = transcriber.transcribe(chunk(np.concatenate([silence(300), speak(said), silence(300)])), "en")
        assert error_rate(said, heard.text) == 0, f"{said!r} was heard as {heard.text!r}"


def test_what_is_said_once_is_heard_once(transcriber: Transcriber) -> None:
    """A line by Piper, of which Whisper on a window of 10 s made the same sentence twice."""
    line = Path(__file__).with_name("from_the_beginning.ulaw").read_bytes()

    heard = transcriber.transcribe(AudioChunk(mulaw_to_pcm(line), TELEPHONE_RATE_HZ), "en").text

    assert heard == "Could you tell me about a service that you designed from the beginning?"


def test_threads_at_once_hear_what_one_alone_hears(transcriber: Transcriber, speak: Speak) -> None:
    audio = [chunk(speak(sentence)) for sentence in SENTENCES]
    alone = [transcriber.transcribe(each, "en") for each in audio]

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda each: transcriber.transcribe(each, "en"), audio))

    assert together == alone


def test_an_unknown_language_is_refused(transcriber: Transcriber) -> None:
    with pytest.raises(UsageError, match="'tlh'"):
        transcriber.transcribe(AudioChunk(b"", TELEPHONE_RATE_HZ), "tlh")


def test_the_name_tells_one_model_from_another(transcriber: Transcriber) -> None:
    assert re.search(r"@[0-9a-f]{12}$", transcriber.name)
