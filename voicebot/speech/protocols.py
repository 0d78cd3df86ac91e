"""What a recogniser and a voice promise; every implementation passes the same conformance suite.

Both are the shared, heavy half of speech: one object a process, used by all calls at once from a pool of threads.
Whatever belongs to one call (its turns, its pauses) lives elsewhere.
"""

from collections.abc import Sequence
from typing import Protocol

from models.audio import AudioChunk
from models.speech import Utterance


class Transcriber(Protocol):
    """Speech to text for one whole turn."""

    @property
    def name(self) -> str:
        """Model and version; the same name and audio give the same text."""

    def load(self) -> None:
        """Read the weights into memory. Idempotent; done on first use where nobody did it before.

        Raises ModelMissing or ModelCorrupt.
        """

    def transcribe(
        self, audio: AudioChunk, language: str, *, hot_words: Sequence[str] = (), others: Sequence[str] = ()
    ) -> Utterance:
        """What was said in `audio` (any rate, a whole turn, any length), in `language` (ISO 639-1: `en`, `zh`).

        `hot_words`: names that may be said, the most likely first; they are never heard where nobody speaks. `others`:
        languages that may be spoken instead; an utterance in one of them is written in it, and `language` of the result
        tells. One that the recogniser does not know is never spoken.

        Synchronous, heavy and thread-safe. The utterance spans the audio; word times are on the call's clock, that is
        `audio.start_ms` plus the offset, in order and inside the audio. Text is "" when nothing intelligible was said:
        silence, noise and tones are never words.

        Raises UsageError for a language that the recogniser does not know, RecognitionFailed.
        """


class Voice(Protocol):
    """Text to speech, one line at a time."""

    @property
    def name(self) -> str:
        """Engine, voice and the digest of its weights; part of the key under which rendered lines are kept."""

    @property
    def rate_hz(self) -> int:
        """Rate of the audio that `synthesize` returns."""

    def load(self) -> None:
        """Read the weights into memory. Idempotent; done on first use where nobody did it before.

        Raises ModelMissing or ModelCorrupt.
        """

    def synthesize(self, text: str, length: float = 1.0) -> AudioChunk:
        """`text` spoken, starting at 0 ms, `length` times as long as usual and as high.

        Synchronous, heavy and thread-safe. Raises SynthesisFailed.
        """
