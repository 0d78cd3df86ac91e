"""Tells what was said from what a recogniser made up where nobody spoke."""

import re
from dataclasses import dataclass

PHANTOMS = frozenset(
    {
        *("you", "oh", "so", "the", "bye", "bye bye", "thank you", "thank you very much", "thank you so much"),
        *("thanks for watching", "thank you for watching", "thanks for listening", "please subscribe", "i'm sorry"),
        *("你", "好", "嗯", "驾驶", "谢谢", "谢谢大家", "谢谢观看", "感谢观看", "下期再见", "我们下期再见"),
    }
)
"""What Whisper, which learned from subtitles, writes most often where nobody spoke."""

PHANTOM_BEGINNINGS = ("字幕", "请不吝点赞", "subtitles by", "transcription by")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the recogniser itself thinks of a text."""

    no_speech: float
    """Probability that nobody spoke, 0 to 1."""
    logprob: float
    """Mean log-probability of the text's tokens, the end of text included."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Nobody spoke where the evidence crosses both."""

    no_speech: float
    """From this probability up."""
    logprob: float
    """Below this mean."""


BOUNDS = (
    Bound(no_speech=0.75, logprob=0.0),
    Bound(no_speech=0.6, logprob=-0.6),
    Bound(no_speech=0.3, logprob=-1.2),
    Bound(no_speech=0.0, logprob=-2.0),
)
"""Read off 44 stretches of silence, noise, hum, tones, music and coughs (1-20 s), each in two languages, against 42 of
human speech and 54 of one-word answers, all at telephone quality. Speech that was recognised stays below 0.4 and above
-1.25, save an "um" in noise; made-up text lies beyond. The bounds were chosen on these: they are a fit, not a proof."""

PHANTOM_NO_SPEECH = 0.4
"""A phantom text is believed below this probability; a true "thank you" on the telephone measures 0.01 to 0.13."""

CHANT = re.compile(r"(.+?)\1{3,}")
"""The same words four times or more and nothing else: what ring-back tones are heard as."""
CHANT_NO_SPEECH = 0.15
"""A chant is believed below this probability."""

SOUND = re.compile(r"(呜|嘟|嗡|哔|嘀|滴|叮|铃|(beep|boop|buzz|ring|woo)s?)+")
"""A sound written down, and nothing else: a ring-back tone in noise was heard as 呜呜. Nobody answers so."""

SAID_AGAIN = "对好是嗯哦噢喔啊呃额哎唉行成可要有没不懂会能来等停慢快听喂哈呵嘿谢零〇幺一二两三四五六七八九十百"
DRONE = re.compile(rf"([一-鿿])(?<![{SAID_AGAIN}])\1{{2,}}")
"""One Han character three times or more, and none that people say so (对对对, 八八八): the tone was 鼓鼓鼓 once."""


def made_up(text: str, evidence: Evidence) -> bool:
    """True when `text` (simplified characters, if Chinese) is not what anybody said."""
    if any(evidence.no_speech >= bound.no_speech and evidence.logprob < bound.logprob for bound in BOUNDS):
        return True
    bare = text.strip(" .,!?。，！？…").lower()
    if bare in PHANTOMS or bare.startswith(PHANTOM_BEGINNINGS):
        return evidence.no_speech >= PHANTOM_NO_SPEECH
    letters = re.sub(r"\W", "", bare)
    if SOUND.fullmatch(letters) or DRONE.fullmatch(letters):
        return True
    return bool(CHANT.fullmatch(letters)) and evidence.no_speech >= CHANT_NO_SPEECH
