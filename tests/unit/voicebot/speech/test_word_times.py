import numpy as np

from voicebot.speech.pcm import Samples
from voicebot.speech.word_times import Spoken, settle

RATE_HZ = 8000


def sound(*stretches_ms: tuple[int, int], length_ms: int, noise: float = 0.0) -> Samples:
    """Noise-like speech in the given stretches, over a background."""
    random = np.random.default_rng(0)
    samples = noise * random.standard_normal(length_ms * RATE_HZ // 1000)
    for start_ms, end_ms in stretches_ms:
        first, last = start_ms * RATE_HZ // 1000, end_ms * RATE_HZ // 1000
        samples[first:last] += 0.1 * random.standard_normal(last - first)
    return samples.astype(np.float32)


def test_a_pause_belongs_to_no_word() -> None:
    audio = sound((200, 600), (1600, 2000), length_ms=2500, noise=0.002)

    for boundary_ms in (700, 1100, 1500):
        words = settle([Spoken("one", 0, boundary_ms), Spoken("two", boundary_ms, 2500)], audio, RATE_HZ)
        assert words == (Spoken("one", 200, 600), Spoken("two", 1600, 2000))


def test_a_word_that_took_the_beginning_of_the_next_gives_it_back() -> None:
    audio = sound((200, 600), (1600, 2000), length_ms=2500)

    words = settle([Spoken("one", 200, 1700), Spoken("two", 1700, 2000)], audio, RATE_HZ)

    assert words == (Spoken("one", 200, 600), Spoken("two", 1600, 2000))


def test_a_word_left_too_early_is_heard_to_its_end() -> None:
    audio = sound((200, 1000), (1800, 2200), length_ms=2500)

    words = settle([Spoken("one", 200, 500), Spoken("two", 500, 700), Spoken("three", 1900, 2000)], audio, RATE_HZ)

    assert words == (Spoken("one", 200, 500), Spoken("two", 500, 1000), Spoken("three", 1800, 2200))


def test_other_sounds_do_not_stretch_a_word() -> None:
    audio = sound((0, 3000), length_ms=3000)

    assert settle([Spoken("one", 1400, 1600)], audio, RATE_HZ) == (Spoken("one", 1000, 2000),)


def test_closures_inside_a_word_do_not_shorten_it() -> None:
    audio = sound((200, 400), (500, 800), length_ms=1000)

    assert settle([Spoken("kapitel", 100, 900)], audio, RATE_HZ) == (Spoken("kapitel", 200, 800),)


def test_words_are_in_order_and_inside_the_audio() -> None:
    audio = sound((0, 1000), length_ms=1000)
    words = settle([Spoken("a", 0, 500), Spoken("b", 300, 400), Spoken("c", 900, 1500)], audio, RATE_HZ)

    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] <= 1000


def test_nothing_is_settled_in_nothing() -> None:
    assert settle([], np.zeros(0, np.float32), RATE_HZ) == ()
