"""Whisper through CTranslate2, with an encoder window that fits the utterance.

Whisper is trained on windows of 30 s, and faster-whisper always encodes that much. Most turns on the phone last a few
seconds: a window of 10 s halves the cost of a turn, and the error rate is the same within noise. Where a short window
goes wrong, it shows (a loop, a sentence said twice, a low likelihood), and the utterance is decoded again on the full
window.

Encoding takes half of the time, and what it makes of a sound belongs to no language yet: the language is told from it,
and a second decoding, with hot words, starts where the first did.
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
from voicebot.speech import hot_words as hot
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

BEAM_SIZE, BEAM_SIZES = 2, {"zh": 5}
"""Hypotheses that decoding follows. In English 2 had fewer errors than 1 on faint and noisy clips, and more brought
nothing. In Mandarin 5, Whisper's own default, had 409 instead of 428 of 2,107 characters of human speech wrong (clean,
telephone, noise at 20 and 12 dB, 7 % faster and slower), 45 instead of 49 of 301 on the telephone; of synthesised
speech as many, and of the same in noise, where a third is misheard, 199 instead of 191 of 573. It costs a recognition
16 to 18 % more CPU."""
TOKENS_PER_S = 8
"""Measured on people: up to 4.1 in English and 6.3 in Mandarin. A decoder that wants more on a short window is most
likely looping; the full window then tells."""
FEWEST_TOKENS = 16
MOST_TOKENS = 224
"""Whisper's own limit for a window of 30 s, half of its context."""
MOST_PROMPT_TOKENS = 150
"""About forty names; half of the context is the text's."""
REPETITIVE = 2.4
"""Ratio of a text to its zlib size above which it is a loop; Whisper's own threshold."""
LOOP_NO_SPEECH = 0.3
"""A loop that the full window repeats is noise from this probability on; below it, people do repeat themselves."""
DOUBTFUL = -1.0
"""Mean log-probability below which Whisper's own pipeline decodes again."""


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of audio, as loud as speech should be, and what the encoder makes of it in a window."""

    piece: Samples
    seconds: float
    """Length of the window; the piece may be shorter."""
    encoded: Any
    """The encoder's output (ctranslate2.StorageView), from which text, word times and language are read."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What the model makes of a window."""

    text: str
    tokens: tuple[int, ...]
    evidence: Evidence
    looping: bool
    window: Window

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
        compute_type: str = "int8",
    ) -> None:
        """`model`: folder with model.bin and its JSON files; `cpu_threads` for one recognition, of which `num_workers`
        run at once on the same weights."""
        self._folder = model
        self._cpu_threads = cpu_threads
        self._num_workers = num_workers
        self._compute_type = compute_type
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None
        self._tokenizers: dict[str, Tokenizer] = {}

    @cached_property
    def name(self) -> str:
        return f"{self._folder.name}@{sha256(self._folder / 'model.bin')[:12]}"

    def load(self) -> None:
        self._loaded()

    def transcribe(
        self, audio: AudioChunk, language: str, *, hot_words: Sequence[str] = (), others: Sequence[str] = ()
    ) -> Utterance:
        tokenizer = self._tokenizer(language)
        samples = to_samples(audio, RATE_HZ)
        text, words = "", []
        for offset, piece in pieces(samples, RATE_HZ, longest_s=LONGEST_PIECE_S, limit_s=FULL_WINDOW_S - PADDING_S):
            piece_text, spoken, tokenizer = self._hear(piece, tokenizer, hot_words, () if offset else others)
            language = tokenizer.language_code
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

    def _hear(
        self, piece: Samples, tokenizer: "Tokenizer", hot_words: Sequence[str], others: Sequence[str]
    ) -> tuple[str, Sequence[Spoken], "Tokenizer"]:
        """Text and words of a piece that fits the window, "" when there are none in it, and the tokenizer of the
        language they are in."""
        levels = levels_db(piece, RATE_HZ)
        if not len(levels) or levels.max() < SILENCE_DB:
            return "", (), tokenizer
        level = speech_rms(piece, RATE_HZ)
        piece = piece * min(LOUDNESS / level, 0.99 / float(np.abs(piece).max()), MOST_GAIN)
        try:
            window = self._encode(piece, min(max(SHORTEST_WINDOW_S, len(piece) / RATE_HZ + PADDING_S), FULL_WINDOW_S))
            spoken_in = self._spoken_in(window, tokenizer, others)
            decoding = self._decode_fitting(window, spoken_in, hot_words if spoken_in is tokenizer else ())
            if not decoding.tokens or (decoding.looping and decoding.evidence.no_speech >= LOOP_NO_SPEECH):
                return "", (), spoken_in
            words = self._words(decoding, spoken_in)
        except (RuntimeError, ValueError) as error:  # what CTranslate2 raises
            raise RecognitionFailed(f"the recogniser failed on an utterance: {error}") from error
        text = "".join(word.text for word in words).strip()
        if made_up(text, decoding.evidence):
            return "", (), spoken_in
        stripped = [Spoken(word.text.strip(), word.start_ms, word.end_ms) for word in words if word.text.strip()]
        return text, settle(stripped, piece, RATE_HZ), spoken_in

    def _encode(self, piece: Samples, window_s: float) -> Window:
        from ctranslate2 import StorageView

        whisper = self._loaded()
        frames = int(window_s * MEL_FRAMES_PER_S) // 2 * 2  # the encoder halves them
        padded = np.pad(piece, (0, max(0, frames * RATE_HZ // MEL_FRAMES_PER_S - len(piece))))
        mel = whisper.feature_extractor(padded, padding=0)[:, :frames]
        encoded = whisper.model.encode(StorageView.from_array(np.ascontiguousarray(mel[None], np.float32)))
        return Window(piece, window_s, encoded)

    def _spoken_in(self, window: Window, tokenizer: "Tokenizer", others: Sequence[str]) -> "Tokenizer":
        """The tokenizer of the language that is spoken, of the expected one and `others`: whatever else a short "okay"
        may sound like does not matter."""
        whisper = self._loaded()
        languages = (tokenizer.language_code, *(each for each in others if each in whisper.supported_languages))
        if len(languages) == 1:
            return tokenizer
        likely = dict(whisper.model.detect_language(window.encoded)[0])
        return self._tokenizer(max(languages, key=lambda language: likely[f"<|{language}|>"]))

    def _decode_fitting(self, window: Window, tokenizer: "Tokenizer", hot_words: Sequence[str]) -> Decoding:
        """On a window as short as the piece allows, on the full one if the result is doubtful, and once more with the
        hot words if it is not certain."""
        decoding = self._decode(window, tokenizer)
        if made_up(decoding.text, decoding.evidence):
            return decoding
        if window.seconds < FULL_WINDOW_S and decoding.doubtful:
            decoding = self._decode(self._encode(window.piece, FULL_WINDOW_S), tokenizer)
        sure = decoding.evidence.logprob >= hot.CERTAIN
        if not hot_words or sure or decoding.looping or made_up(decoding.text, decoding.evidence):
            return decoding
        hinted = self._decode(decoding.window, tokenizer, hot_words)
        as_likely = hinted.evidence.logprob >= decoding.evidence.logprob and not hinted.doubtful
        return hinted if as_likely and hot.brings_in(hot_words, hinted.text, decoding.text) else decoding

    def _decode(self, window: Window, tokenizer: "Tokenizer", hot_words: Sequence[str] = ()) -> Decoding:
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        if hot_words:
            said_before = tokenizer.encode(hot.prompt(hot_words))[:MOST_PROMPT_TOKENS]
            prompt = [tokenizer.sot_prev, *said_before, *prompt]
        most_tokens = MOST_TOKENS
        if window.seconds < FULL_WINDOW_S:
            most_tokens = min(MOST_TOKENS, FEWEST_TOKENS + int(len(window.piece) / RATE_HZ * TOKENS_PER_S))
        result = self._loaded().model.generate(
            window.encoded,
            [prompt],
            beam_size=BEAM_SIZES.get(tokenizer.language_code, BEAM_SIZE),
            # CTranslate2 stops, without a word, at half of it, and where prompt and text together reach it.
            max_length=max(2 * most_tokens, most_tokens + len(prompt)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = tuple(token for token in result.sequences_ids[0] if token < tokenizer.eot)
        text = tokenizer.decode(list(tokens)).strip()
        written = text.encode()
        # CTranslate2 leaves the end of text out of the mean's divisor, which makes one-word answers look unlikely.
        evidence = Evidence(result.no_speech_prob, result.scores[0] * len(tokens) / (len(tokens) + 1))
        looping = len(tokens) >= most_tokens or len(written) > REPETITIVE * len(zlib.compress(written))
        return Decoding(text, tokens, evidence, looping, window)

    def _words(self, decoding: Decoding, tokenizer: "Tokenizer") -> Sequence[Spoken]:
        """The text cut into words (Chinese: characters), each with the separator before it and its rough times."""
        from faster_whisper.transcribe import merge_punctuations

        window = decoding.window
        frames = len(window.piece) * MEL_FRAMES_PER_S // RATE_HZ
        aligned = self._loaded().find_alignment(tokenizer, [list(decoding.tokens)], window.encoded, frames)[0]
        merge_punctuations(aligned, "\"'“¿([{-《「", "\"'.。,，!！?？:：”)]}、》」…")
        words = [word for word in aligned if word["word"]]
        texts: Sequence[str] = [word["word"] for word in words]
        if tokenizer.language_code == "zh":
            texts = simplified(texts)
        return [
            Spoken(text, round(word["start"] * 1000), round(word["end"] * 1000))
            for text, word in zip(texts, words, strict=True)
        ]
