"""Whisper through CTranslate2, with an encoder window that fits the utterance.

Whisper is trained on windows of 30 s, and faster-whisper always encodes that much. Most turns on the phone last a few
seconds: a window of 10 s halves the cost of a turn, and the error rate is the same within noise. Where a short window
goes wrong, it shows (a loop, a sentence said twice, a low likelihood), and the utterance is decoded again on the full
window.
"""

import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.audio import AudioChunk
from models.errors import ModelCorrupt, ModelMissing, RecognitionFailed, UsageError
from models.speech import Utterance, Word
from voicebot.speech.chinese import simplified
from voicebot.speech.model_store import sha256
from voicebot.speech.no_speech import Evidence, made_up
from voicebot.speech.pcm import Samples, levels_db, speech_rms, to_samples
from voicebot.speech.pieces import pieces
from voicebot.speech.repetition import says_twice
from voicebot.speech.word_times import Spoken, settle

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

RATE_HZ = 16_000
MEL_FRAMES_PER_S = 100

FULL_WINDOW_S = 30.0
SHORTEST_WINDOW_S = 10.0
"""8, 10 and 12 s measure the same on telephone speech within noise; well below 8 s the decoder loops. On 10 s, 3 of 252
synthesised lines were heard twice, on 12 s none; decoding those again is still cheaper than 12 s for every line."""
PADDING_S = 1.0
"""Silence after the utterance, inside the window."""
LONGEST_PIECE_S = 25.0

LOUDNESS = 0.1
"""RMS that speech is brought to (-20 dBFS). Without it 7.6 instead of 6.2 % WER on 45 clean, faint and noisy clips of
telephone speech; -14 dBFS measures the same, -26 dBFS in between."""
MOST_GAIN = 20.0
SILENCE_DB = -55.0
"""Where no 20 ms are louder, nobody speaks: faint callers are at -40 dBFS, an idle digital line is below -70."""

TOKENS_PER_S = 8
"""Measured on people: up to 4.1 in English and 6.3 in Mandarin. A decoder that wants more on a short window is most
likely looping; the full window then tells."""
FEWEST_TOKENS = 16
MOST_TOKENS = 224
"""Whisper's own limit for a window of 30 s, half of its context."""
REPETITIVE = 2.4
"""Ratio of a text to its zlib size above which it is a loop; Whisper's own threshold."""
LOOP_NO_SPEECH = 0.3
"""A loop that the full window repeats is noise from this probability on; below it, people do repeat themselves."""
DOUBTFUL = -1.0
"""Mean log-probability below which Whisper's own pipeline decodes again."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What the model makes of one piece of audio in one window."""

    text: str
    tokens: tuple[int, ...]
    evidence: Evidence
    looping: bool
    encoded: Any
    """The encoder's output (ctranslate2.StorageView), from which word times are read."""

    @property
    def doubtful(self) -> bool:
        """Whether a short window may have misled the decoder: a full one then tells."""
        return self.looping or self.evidence.logprob < DOUBTFUL or says_twice(self.text)


class WhisperTranscriber:
    """A CTranslate2 Whisper model, shared by all threads of the process."""

    def __init__(
        self,
        model: Path,
        *,
        cpu_threads: int = 2,
        num_workers: int = 1,
        beam_size: int = 2,
        compute_type: str = "int8",
    ) -> None:
        """`model`: folder with model.bin and its JSON files; `cpu_threads` for one recognition, of which `num_workers`
        run at once on the same weights. A `beam_size` of 2 costs 5 to 15 % more CPU than 1 and
        had fewer errors on faint and noisy clips (18.1 -> 15.8 % in Mandarin, 354 characters); more brings nothing."""
        self._folder = model
        self._cpu_threads = cpu_threads
        self._num_workers = num_workers
        self._beam_size = beam_size
        self._compute_type = compute_type
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None
        self._tokenizers: dict[str, Tokenizer] = {}

    @cached_property
    def name(self) -> str:
        return f"{self._folder.name}@{sha256(self._folder / 'model.bin')[:12]}"

    def load(self) -> None:
        self._loaded()

    def transcribe(self, audio: AudioChunk, language: str) -> Utterance:
        tokenizer = self._tokenizer(language)
        samples = to_samples(audio, RATE_HZ)
        text, words = "", []
        for offset, piece in pieces(samples, RATE_HZ, longest_s=LONGEST_PIECE_S, limit_s=FULL_WINDOW_S - PADDING_S):
            piece_text, spoken = self._hear(piece, tokenizer)
            text += f" {piece_text}" if text and piece_text and language != "zh" else piece_text
            start_ms = audio.start_ms + offset * 1000 // RATE_HZ
            words += [Word(word.text, start_ms + word.start_ms, start_ms + word.end_ms) for word in spoken]
        return Utterance(text, audio.start_ms, audio.end_ms, tuple(words), language)

    def _loaded(self) -> "WhisperModel":
        with self._lock:
            if self._model is None:
                self._model = self._read()
            return self._model

    def _read(self) -> "WhisperModel":
        from faster_whisper import WhisperModel

        if not (self._folder / "model.bin").is_file():
            raise ModelMissing(f"{self._folder} holds no model.bin; name a folder with a CTranslate2 Whisper model")
        try:
            return WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type=self._compute_type,
                cpu_threads=self._cpu_threads,
                num_workers=self._num_workers,
                local_files_only=True,
            )
        except Exception as error:  # CTranslate2 and tokenizers raise bare exceptions for a file they cannot read
            raise ModelCorrupt(
                f"the Whisper model in {self._folder} cannot be read ({error}); delete the folder, or install it again"
            ) from error

    def _tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        model = self._loaded()
        if language not in self._tokenizers:
            if language not in model.supported_languages:
                raise UsageError(f"the recogniser does not know the language {language!r}; use one such as en or zh")
            self._tokenizers[language] = Tokenizer(
                model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _hear(self, piece: Samples, tokenizer: "Tokenizer") -> tuple[str, Sequence[Spoken]]:
        """Text and words of a piece that fits the window; "" when there are none in it."""
        levels = levels_db(piece, RATE_HZ)
        if not len(levels) or levels.max() < SILENCE_DB:
            return "", ()
        level = speech_rms(piece, RATE_HZ)
        piece = piece * min(LOUDNESS / level, 0.99 / float(np.abs(piece).max()), MOST_GAIN)
        try:
            decoding = self._decode_fitting(piece, tokenizer)
            if not decoding.tokens or (decoding.looping and decoding.evidence.no_speech >= LOOP_NO_SPEECH):
                return "", ()
            words = self._words(decoding, piece, tokenizer)
        except (RuntimeError, ValueError) as error:  # what CTranslate2 raises
            raise RecognitionFailed(f"the recogniser failed on an utterance: {error}") from error
        text = "".join(word.text for word in words).strip()
        if made_up(text, decoding.evidence):
            return "", ()
        stripped = [Spoken(word.text.strip(), word.start_ms, word.end_ms) for word in words if word.text.strip()]
        return text, settle(stripped, piece, RATE_HZ)

    def _decode_fitting(self, piece: Samples, tokenizer: "Tokenizer") -> Decoding:
        """On a window as short as the piece allows, and on the full one if the result is doubtful."""
        window_s = min(max(SHORTEST_WINDOW_S, len(piece) / RATE_HZ + PADDING_S), FULL_WINDOW_S)
        decoding = self._decode(piece, window_s, tokenizer)
        if window_s == FULL_WINDOW_S or not decoding.doubtful or made_up(decoding.text, decoding.evidence):
            return decoding
        return self._decode(piece, FULL_WINDOW_S, tokenizer)

    def _decode(self, piece: Samples, window_s: float, tokenizer: "Tokenizer") -> Decoding:
        from ctranslate2 import StorageView

        whisper = self._loaded()
        frames = int(window_s * MEL_FRAMES_PER_S) // 2 * 2  # the encoder halves them
        padded = np.pad(piece, (0, max(0, frames * RATE_HZ // MEL_FRAMES_PER_S - len(piece))))
        mel = whisper.feature_extractor(padded, padding=0)[:, :frames]
        encoded = whisper.model.encode(StorageView.from_array(np.ascontiguousarray(mel[None], np.float32)))
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        most_tokens = MOST_TOKENS
        if window_s < FULL_WINDOW_S:
            most_tokens = min(MOST_TOKENS, FEWEST_TOKENS + int(len(piece) / RATE_HZ * TOKENS_PER_S))
        result = whisper.model.generate(
            encoded,
            [prompt],
            beam_size=self._beam_size,
            max_length=2 * most_tokens,  # CTranslate2 stops at half of it, without a word
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = tuple(token for token in result.sequences_ids[0] if token < tokenizer.eot)
        text = tokenizer.decode(list(tokens)).strip()
        written = text.encode()
        # CTranslate2 leaves the end of text out of the mean's divisor, which makes one-word answers look unlikely.
        evidence = Evidence(result.no_speech_prob, result.scores[0] * len(tokens) / (len(tokens) + 1))
        looping = len(tokens) >= most_tokens or len(written) > REPETITIVE * len(zlib.compress(written))
        return Decoding(text, tokens, evidence, looping, encoded)

    def _words(self, decoding: Decoding, piece: Samples, tokenizer: "Tokenizer") -> Sequence[Spoken]:
        """The text cut into words (Chinese: characters), each with the separator before it and its rough times."""
        from faster_whisper.transcribe import merge_punctuations

        frames = len(piece) * MEL_FRAMES_PER_S // RATE_HZ
        aligned = self._loaded().find_alignment(tokenizer, [list(decoding.tokens)], decoding.encoded, frames)[0]
        merge_punctuations(aligned, "\"'“¿([{-《「", "\"'.。,，!！?？:：”)]}、》」…")
        words = [word for word in aligned if word["word"]]
        texts: Sequence[str] = [word["word"] for word in words]
        if tokenizer.language_code == "zh":
            texts = simplified(texts)
        return [
            Spoken(text, round(word["start"] * 1000), round(word["end"] * 1000))
            for text, word in zip(texts, words, strict=True)
        ]
