"""Calls share Silero's weights and nothing else."""

import numpy as np
from pipecat.audio.vad.silero import SileroVADAnalyzer

from models.audio import TELEPHONE_RATE_HZ
from voicebot.pipeline.vad import SileroAnalyzer

WINDOW = 256
WINDOWS = 300


def windows(seed: int) -> list[bytes]:
    """Ten seconds that rise and fall in loudness and pitch, so that the model's state matters."""
    at_s = np.arange(WINDOW * WINDOWS) / TELEPHONE_RATE_HZ
    noise = np.random.default_rng(seed).normal(0, 0.1, at_s.size)
    voiced = np.sign(np.sin(2 * np.pi * (110 + 40 * np.sin(3 * at_s)) * at_s)) * np.clip(np.sin(2 * at_s + seed), 0, 1)
    pcm = (8000 * (voiced * 0.5 + noise)).astype(np.int16)
    return [part.tobytes() for part in np.split(pcm, WINDOWS)]


def confidence(analyzer: SileroVADAnalyzer, window: bytes) -> float:
    return float(np.asarray(analyzer.voice_confidence(window)).item())


def confidences(analyzer: SileroVADAnalyzer, heard: list[bytes]) -> list[float]:
    return [confidence(analyzer, window) for window in heard]


def ready(analyzer: SileroVADAnalyzer) -> SileroVADAnalyzer:
    analyzer.set_sample_rate(TELEPHONE_RATE_HZ)
    return analyzer


def test_calls_at_once_hear_what_each_would_alone() -> None:
    """Pipecat's own analyzer, with weights of its own, is the measure; resets every two seconds included."""
    alone = [confidences(ready(SileroVADAnalyzer()), windows(seed)) for seed in (1, 2)]
    first, second = ready(SileroAnalyzer()), ready(SileroAnalyzer())
    together = [
        (confidence(first, one), confidence(second, other)) for one, other in zip(windows(1), windows(2), strict=True)
    ]
    assert [list(each) for each in zip(*together, strict=True)] == alone
    assert max(alone[0]) - min(alone[0]) > 0.1
