"""What a voice that speaks Mandarin promises, with its real weights; the rest is in test_voices.py."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.audio import TELEPHONE_RATE_HZ, AudioChunk
from models.errors import SynthesisFailed
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.speech.error_rate import error_rate
from voicebot.speech.kokoro import KokoroVoice
from voicebot.speech.model_store import ModelStore
from voicebot.speech.pcm import levels_db, to_samples
from voicebot.speech.protocols import Transcriber, Voice
from voicebot.speech.speech_cache import for_telephone
from voicebot.speech.whisper import WhisperTranscriber

VOICES = ("jm_kumo", "jf_gongitsune")

LINES = (
    "您好，我是人工智能面试官，代表北风软件公司给您打电话。",
    "如果您同意，本次通话会录音，请问可以吗？",
    "请介绍一个您亲自设计或者改造过的后端服务，您具体负责哪一部分？",
    "请回想一次线上出故障的经历，您是怎么找到原因的？",
    "假如流量翻倍之后，一个接口变得很慢，您会先做什么，再做什么？",
    "请讲一次您和同事在技术方案上意见不一致的经历，最后是怎么解决的？",
    "好的，我已经记下来了，招聘团队的同事会回复您。",
    "我的问题问完了，感谢您抽出时间，祝您生活愉快，再见。",
)


@pytest.fixture(scope="module")
def store() -> Iterator[ModelStore]:
    with tempfile.TemporaryDirectory() as folder:
        yield ModelStore(Path(folder))


@pytest.fixture(scope="module", params=VOICES)
def voice(request: pytest.FixtureRequest, store: ModelStore) -> Voice:
    voice = KokoroVoice(store.kokoro(), request.param, language="zh")
    voice.load()
    return voice


@pytest.fixture(scope="module")
def transcriber(store: ModelStore) -> Transcriber:
    return WhisperTranscriber(store.whisper_base())


def on_the_telephone(voice: Voice, line: str) -> AudioChunk:
    audio = for_telephone(voice.synthesize(line))
    return AudioChunk(mulaw_to_pcm(pcm_to_mulaw(audio.pcm)), TELEPHONE_RATE_HZ)


def test_what_it_says_is_understood_on_the_telephone(voice: Voice, transcriber: Transcriber) -> None:
    heard = [transcriber.transcribe(on_the_telephone(voice, line), "zh").text for line in LINES]

    assert error_rate("".join(LINES), "".join(heard), "zh") <= 0.15, heard


def test_numbers_are_understood(voice: Voice, transcriber: Transcriber) -> None:
    heard = transcriber.transcribe(on_the_telephone(voice, "2026年，错误率从4%降到了百分之一。"), "zh").text

    assert error_rate("二零二六年，错误率从百分之四降到了百分之一", heard, "zh") <= 0.2, heard


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("您会用 Redis 做缓存吗？", ["redis"]),
        ("您写的 SQL 查询为什么会变慢？", ["sql"]),
        ("我先用 Redis 缓存热点数据，再用 MySQL 的索引优化查询。", ["redis", "mysql"]),
    ],
)
def test_english_names_inside_a_sentence_are_understood(
    voice: Voice, transcriber: Transcriber, line: str, names: list[str]
) -> None:
    heard = transcriber.transcribe(on_the_telephone(voice, line), "zh").text

    assert all(name in heard.lower().replace(" ", "") for name in names), heard


def test_the_interviewer_can_ask_for_python_and_kubernetes(store: ModelStore, transcriber: Transcriber) -> None:
    interviewer = KokoroVoice(store.kokoro(), VOICES[0], language="zh")

    audio = on_the_telephone(interviewer, "您在工作中是怎么使用 Python 和 Kubernetes 的？")

    heard = transcriber.transcribe(audio, "zh").text
    assert "python" in heard.lower()
    assert "kubernetes" in heard.lower()


def test_no_pause_inside_a_line_is_long_enough_to_end_a_turn(voice: Voice) -> None:
    audio = for_telephone(voice.synthesize("可以。没问题。您请说，我有时间。我在听。"))

    levels = levels_db(to_samples(audio, audio.rate_hz), audio.rate_hz)
    quiet = "".join("." if level < levels.max() - 30 else "#" for level in levels).strip(".")
    assert max(map(len, re.findall(r"\.+", quiet))) * 20 <= 600


def test_long_lines_are_spoken_to_their_end(voice: Voice, transcriber: Transcriber) -> None:
    steps = ("我们测量了数据", "找到了慢查询", "加了新的索引", "看了日志和监控", "问了别的同事")

    audio = voice.synthesize("，然后".join(steps * 4) + "，最后就足够快了。")

    assert audio.duration_ms > 25_000
    assert "足够快" in transcriber.transcribe(for_telephone(audio), "zh").text


@pytest.mark.parametrize("line", ["", "   ", "……", "。"])
def test_a_line_without_words_is_refused(voice: Voice, line: str) -> None:
    with pytest.raises(SynthesisFailed, match="without a word"):
        voice.synthesize(line)


def test_its_name_is_not_that_of_the_same_voice_in_english(voice: Voice, store: ModelStore) -> None:
    assert voice.name not in {KokoroVoice(store.kokoro(), name).name for name in VOICES}
