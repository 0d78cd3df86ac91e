"""Sounds that mean "go on": a hum while the interviewer speaks, an "okay". They are no reason to stop speaking.

A hum ("mm-hm", "嗯") is told by its sound, before any word could be recognised: the mouth is closed, so hardly
anything lies above the first formant. Whatever opens the mouth has the interviewer stop at once, and go on if it turns
out to have been no more than an "okay", or a cough.
"""

import re

import numpy as np

from voicebot.speech.pcm import Samples

HUM_BELOW_HZ = 450
"""The first formant of a hum lies at 250-300 Hz, that of open vowels at 500 Hz and more."""
HUM_SHARE = 0.3
"""Least share of the energy above HUM_BELOW_HZ in open speech. Of 41 people and voices at telephone quality 36 were
above it within 500 ms of their first sound; of ten synthetic hums three, two of which a poor voice had spelled out."""
WINDOW_MS = 240
LONGEST_HUM_MS = 900
"""Nobody hums to another for longer: what lasts is speech."""

WORDS = {
    "en": frozenset("mm mhm mmhmm mm-hm mm-hmm hmm hm uh-huh ah oh ok okay yeah yep yes right sure alright".split()),
    "zh": frozenset("嗯呃啊哦噢喔好的对是行"),
}
"""Words; in Chinese, characters."""


def hums(samples: Samples, rate_hz: int) -> bool:
    """Whether the last WINDOW_MS of `samples` may be a hum."""
    window = samples[-WINDOW_MS * rate_hz // 1000 :]
    energy = np.square(np.abs(np.fft.rfft(window * np.hanning(len(window)))))
    hz = np.fft.rfftfreq(len(window), 1 / rate_hz)
    voice = float(energy[hz > 80].sum())
    return voice <= 0 or float(energy[hz > HUM_BELOW_HZ].sum()) / voice < HUM_SHARE


def is_backchannel(text: str, language: str) -> bool:
    """Whether words said over the interviewer ask it to go on. No words at all were a cough or a noise."""
    words = re.findall(r"\w" if language == "zh" else r"[\w-]+", text.lower())
    return all(word in WORDS[language] for word in words)
