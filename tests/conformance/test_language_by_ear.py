"""A candidate who asks for their own language in it is understood, and nobody else is taken for one. Real audio."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dialog_flows.switch import asked_for
from models.audio import TELEPHONE_RATE_HZ, AudioChunk
from models.speech import Utterance
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.speech.kokoro import KokoroVoice
from voicebot.speech.model_store import ModelStore
from voicebot.speech.piper import PiperVoice
from voicebot.speech.recognition import Ear, Expected
from voicebot.speech.speech_cache import for_telephone
from voicebot.speech.whisper import WhisperTranscriber

OTHER = {"en": "zh", "zh": "en"}

REQUESTS = {
    "zh": ("可以用中文吗？", "能不能说中文？", "请说中文。", "我听不懂英语。", "您会说中文吗？", "我想用中文面试。"),
    "en": (
        "Can we do this in English?",
        "I don't speak Chinese.",
        "Could we speak English, please?",
        "Sorry, I don't understand Chinese.",
        "Do you speak English?",
    ),
}
"""By the language they ask for."""

REPLIES = {
    "en": (
        *("Okay.", "Yes, it is.", "Yes.", "No.", "Sure, go ahead.", "Hello?", "Who is this?", "No, thank you."),
        *("Speaking.", "One moment, please.", "I don't know.", "About six years.", "Python and Go, mostly."),
    ),
    "zh": (
        *("可以，没问题。", "对，我就是。", "方便，您请说。", "好的。", "不行。", "是的。", "喂，你好？", "等一下。"),
        *("请再说一遍。", "三年多。", "Java 和 Python。", "我用过 Redis。", "没有了，谢谢。"),
    ),
}

Hear = Callable[[str, str, str], Utterance]


@pytest.fixture(scope="module")
def hear() -> Iterator[Hear]:
    """What a call held in one language hears when a text is said in another."""
    with tempfile.TemporaryDirectory() as folder:
        store = ModelStore(Path(folder))
        voices = {
            "en": PiperVoice(store.piper_joe()),
            "zh": KokoroVoice(store.kokoro(), "jm_kumo", language="zh"),
        }
        ear = Ear(WhisperTranscriber(store.whisper_base()), asks=asked_for)

        def hear(text: str, spoken: str, listening: str) -> Utterance:
            audio = for_telephone(voices[spoken].synthesize(text))
            on_the_line = AudioChunk(mulaw_to_pcm(pcm_to_mulaw(audio.pcm)), TELEPHONE_RATE_HZ)
            return ear.hear(on_the_line, Expected(listening, others=(OTHER[listening],))).utterance

        yield hear


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language in REQUESTS for text in REQUESTS[language]]
)
def test_a_request_for_a_language_is_understood_in_it(hear: Hear, language: str, text: str) -> None:
    heard = hear(text, language, OTHER[language])

    assert asked_for(heard.text, OTHER[language]) == language, heard.text


@pytest.mark.parametrize(("language", "text"), [(language, text) for language in REPLIES for text in REPLIES[language]])
def test_an_ordinary_reply_asks_for_nothing(hear: Hear, language: str, text: str) -> None:
    heard = hear(text, language, language)

    assert (asked_for(heard.text, language), heard.language) == (None, language), heard.text


@pytest.mark.parametrize(("language", "text"), [(language, text) for language in REPLIES for text in REPLIES[language]])
def test_a_reply_in_the_other_language_is_no_request_for_it(hear: Hear, language: str, text: str) -> None:
    heard = hear(text, language, OTHER[language])

    assert (asked_for(heard.text, OTHER[language]), heard.language) == (None, OTHER[language]), heard.text
