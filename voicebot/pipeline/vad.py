"""Voice activity detection as pipecat wants it, one choice in the settings."""

import copy
from functools import cache

from pipecat.audio.vad.silero import SileroOnnxModel, SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState

from voicebot.settings import Vad
from voicebot.speech.vad import WebRtcVad

START_MS = 200
"""Speech must last this long to count: clicks and breaths do not."""
STOP_MS = 200
"""A gap this long is a pause; shorter ones lie inside words."""

_PARAMS = VADParams(
    confidence=0.7,
    start_secs=START_MS / 1000,
    stop_secs=STOP_MS / 1000,
    min_volume=0.3,  # pipecat's default of 0.6 never hears callers at -34 dBFS
)


class SileroAnalyzer(SileroVADAnalyzer):
    """Pipecat's, on weights that all calls share: its own constructor reads them anew, 10 MB for each call."""

    def __init__(self) -> None:
        VADAnalyzer.__init__(self, params=_PARAMS)
        self._model = copy.copy(_silero())
        self._model.reset_states()
        self._windows_since_reset = 0
        self._low_confidence_windows = 0


@cache
def _silero() -> SileroOnnxModel:
    return SileroVADAnalyzer()._model


class WebRtcAnalyzer(VADAnalyzer):
    def __init__(self) -> None:
        super().__init__(params=_PARAMS)
        self._vad = WebRtcVad()

    def num_frames_required(self) -> int:
        return WebRtcVad.FRAME_BYTES // 2

    def voice_confidence(self, buffer: bytes) -> float:
        return self._vad.confidence(buffer)


def vad_analyzer(choice: Vad) -> VADAnalyzer:
    return WebRtcAnalyzer() if choice is Vad.WEBRTC else SileroAnalyzer()


def perhaps_speaks(analyzer: VADAnalyzer) -> bool:
    """Whether the last 30 ms sound like speech that has not lasted for START_MS yet."""
    return analyzer._vad_state is VADState.STARTING
