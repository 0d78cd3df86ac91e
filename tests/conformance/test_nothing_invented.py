"""Ten minutes of a line on which nobody speaks: the product hears no word in it, and so no answer and no score.

Not in either language, and not when it has been told which names to expect or may be asked for another language.
"""

import asyncio

import numpy as np
import pytest

from models.audio import AudioChunk, ms_to_bytes
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from voicebot.pipeline.activity import activity
from voicebot.pipeline.turns import PREROLL_MS
from voicebot.pipeline.vad import START_MS
from voicebot.settings import Vad
from voicebot.speech.recognition import Expected, Priority

RATE_HZ = 8000
SECONDS = 120
TIME = np.arange(SECONDS * RATE_HZ) / RATE_HZ
RANDOM = np.random.default_rng(2026)


def tones(*frequencies_hz):
    return sum(np.sin(2 * np.pi * hz * TIME) for hz in frequencies_hz) / len(frequencies_hz)


def cadence(on_s, off_s):
    return (TIME % (on_s + off_s)) < on_s


def music():
    """Four chords, a beat, a melody: hold music of the plainest kind."""
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    melody = RANDOM.choice([523, 587, 659, 784, 880], SECONDS * 4)
    bars = sum(tones(*chord) * (number == (TIME // 2) % 4) for number, chord in enumerate(chords))
    notes = np.sin(2 * np.pi * np.cumsum(np.repeat(melody, RATE_HZ // 4)) / RATE_HZ)
    beat = RANDOM.normal(0, 1, len(TIME)) * np.exp(-20 * (TIME % 0.5))
    return bars + 0.6 * notes * np.exp(-3 * (TIME % 0.25)) + 0.3 * beat


LINES = {
    "silence": lambda: np.zeros(len(TIME)),
    "line noise": lambda: 0.02 * RANDOM.normal(0, 1, len(TIME)),
    "loud noise and hum": lambda: 0.1 * RANDOM.normal(0, 1, len(TIME)) + 0.1 * tones(50, 150),
    "ring-back tone": lambda: 0.2 * tones(440, 480) * cadence(2, 4) + 0.003 * RANDOM.normal(0, 1, len(TIME)),
    "music": lambda: 0.15 * music(),
}


EXPECTED = (
    Expected("en", ("Python", "Kubernetes", "Redis", "backend engineer", "Northwind Labs", "Alex"), ("zh",)),
    Expected("zh", ("Python", "数据库", "支付", "后端工程师", "北风软件", "小安"), ("en",)),
)


@pytest.mark.timeout(300)  # forty bursts of ringing, each heard in two languages
@pytest.mark.parametrize("vad", list(Vad))
@pytest.mark.parametrize("line", LINES)
async def test_no_word_is_heard_where_nobody_speaks(parts, line, vad):
    pcm = (np.clip(LINES[line](), -1, 1) * 32767).astype(np.int16).tobytes()
    heard = AudioChunk(mulaw_to_pcm(pcm_to_mulaw(pcm)), RATE_HZ)
    began_ms, invented = None, []
    for noticed in await activity(heard, vad):
        if noticed.speaking:
            began_ms = max(0, noticed.at_ms - START_MS - PREROLL_MS)
        elif began_ms is not None:
            turn = heard.pcm[ms_to_bytes(began_ms, RATE_HZ) : ms_to_bytes(noticed.at_ms, RATE_HZ)]
            jobs = [
                parts.recognition.submit(AudioChunk(turn, RATE_HZ, began_ms), expected, Priority.FINAL)
                for expected in EXPECTED
            ]
            invented += [(await asyncio.wrap_future(job.result)).utterance.text for job in jobs]
    assert not any(invented), [w for w in invented if w]
