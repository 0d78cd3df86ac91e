"""Whether a turn sounds finished: the smart-turn model that pipecat brings, one vote among others in endpointing."""

from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3

from models.audio import AudioChunk
from voicebot.speech.pcm import to_samples

RATE_HZ = 16_000
HEARS_MS = 8000
"""How much of the end of a turn the model looks at."""


class SmartTurn(LocalSmartTurnAnalyzerV3):
    """Shared by all calls of the process; about 45 ms of one core for each answer."""

    def completeness(self, audio: AudioChunk) -> float:
        """Probability, 0 to 1, that a turn which pauses where `audio` ends is over. Thread-safe."""
        samples = to_samples(audio, RATE_HZ)[-HEARS_MS * RATE_HZ // 1000 :]
        return float(self._predict_endpoint(samples)["probability"])
