"""Voice activity detection as pipecat wants it, one choice in the settings."""

from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams
from pipecat.processors.audio.vad_processor import VADProcessor

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


class WebRtcAnalyzer(VADAnalyzer):
    def __init__(self) -> None:
        super().__init__(params=_PARAMS)
        self._vad = WebRtcVad()

    def num_frames_required(self) -> int:
        return WebRtcVad.FRAME_BYTES // 2

    def voice_confidence(self, buffer: bytes) -> float:
        return self._vad.confidence(buffer)


def vad_processor(choice: Vad) -> VADProcessor:
    analyzer = WebRtcAnalyzer() if choice is Vad.WEBRTC else SileroVADAnalyzer(params=_PARAMS)
    return VADProcessor(vad_analyzer=analyzer)
