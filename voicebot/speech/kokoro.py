"""Kokoro: several natural voices in one model, two to four times faster than real time.

English is pronounced by espeak-ng's IPA, written in Kokoro's symbols, which are nearly the same. Its own notation
(misaki's, with diphthongs as one symbol) measured worse on these voices: 0.0 % -> 4.8 % WER for jm_kumo. Mandarin is
pronounced by `voicebot.speech.mandarin`.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.audio import AudioChunk
from models.errors import ModelCorrupt, ModelMissing, SynthesisFailed, UsageError
from voicebot.speech import espeak, mandarin, pcm
from voicebot.speech.model_store import sha256
from voicebot.speech.pcm import Samples
from voicebot.speech.spoken_form import spoken_form

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

RATE_HZ = 24_000
MOST_TOKENS = 508
"""The model takes 512, the marks at both ends included."""

LANGUAGES = ("en", "zh")
SHORTEST_STYLE = {"en": 1, "zh": 100}
"""A text is spoken in the style of texts that have at least so many symbols. Short lines in Mandarin are clearer so: of
20 of them 15 instead of 20 % of the characters are misheard, and of 20 mixed with English 30 instead of 47 %."""

MODEL_FILE = "kokoro-v1.0.int8.onnx"


@dataclass(frozen=True, slots=True)
class _Engine:
    session: "InferenceSession"
    tokens: Mapping[str, int]
    """Symbol to number."""
    styles: Samples
    """(510, 1, 256): the voice's style for each length of text in tokens, less one."""


class KokoroVoice:
    """One of Kokoro's voices, shared by all threads of the process."""

    def __init__(self, model: Path, voice: str = "jm_kumo", *, language: str = "en", threads: int = 2) -> None:
        """`model`: folder with the ONNX file, `vocab.json` and `voices_ja.npz`; `threads` for one line.

        Raises UsageError for a language that cannot be spoken yet.
        """
        if language not in LANGUAGES:
            raise UsageError(f"Kokoro voices speak {', '.join(LANGUAGES)} here, not {language!r}")
        self._folder = model
        self._voice = voice
        self._language = language
        self._threads = threads
        self._lock = threading.Lock()
        self._engine: _Engine | None = None

    @cached_property
    def name(self) -> str:
        return f"kokoro/{self._voice}/{self._language}@{sha256(self._folder / MODEL_FILE)[:12]}"

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    def load(self) -> None:
        self._loaded()

    def synthesize(self, text: str, length: float = 1.0) -> AudioChunk:
        engine = self._loaded()
        try:
            spoken = [
                _speak(engine, numbers, SHORTEST_STYLE[self._language], 1 / length)
                for sentence in _pronounced(text, self._language)
                for part in fitting(unicodedata.normalize("NFC", sentence))
                if (numbers := [engine.tokens[symbol] for symbol in part if symbol in engine.tokens])
            ]
        except Exception as error:  # espeak and ONNX Runtime raise bare exceptions
            raise SynthesisFailed(f"the voice {self._voice} failed on a line: {error}") from error
        if not spoken:
            raise SynthesisFailed(f"the voice {self._voice} was given a line without a word to speak")
        audio = pcm.joined(spoken, RATE_HZ)
        if self._language == "zh":  # in one piece: Kokoro pauses for 1.2 s between sentences
            audio = pcm.paced(audio, RATE_HZ, pcm.SENTENCE_PAUSE_MS)
        return AudioChunk(pcm.to_pcm(audio), RATE_HZ)

    def _loaded(self) -> _Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._read()
            return self._engine

    def _read(self) -> _Engine:
        from onnxruntime import InferenceSession, SessionOptions

        model, vocabulary, voices = (self._folder / name for name in (MODEL_FILE, "vocab.json", "voices_ja.npz"))
        for file in (model, vocabulary, voices):
            if not file.is_file():
                raise ModelMissing(f"{file} is missing; delete {self._folder}, and the next start makes it anew")
        options = SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        try:
            with np.load(voices) as styles:
                known = tuple(styles.files)
                style = styles[self._voice] if self._voice in known else None
            if style is not None:
                tokens = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
                return _Engine(InferenceSession(str(model), options, providers=["CPUExecutionProvider"]), tokens, style)
        except Exception as error:  # ONNX Runtime's exceptions share no base
            raise ModelCorrupt(f"the voices in {self._folder} cannot be read ({error}); delete the folder") from error
        raise UsageError(f"there is no Kokoro voice {self._voice!r}; choose one of {', '.join(known)}")


def _pronounced(text: str, language: str) -> list[str]:
    """Kokoro's symbols for `text`, in sentences; Mandarin is clearer in one piece."""
    return [mandarin.pronounced(text)] if language == "zh" else espeak.phonemize(spoken_form(text), "en-us")


def _speak(engine: _Engine, tokens: list[int], shortest_style: int, speed: float) -> Samples:
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": engine.styles[max(len(tokens), shortest_style) - 1],
        "speed": np.array([speed], np.float32),
    }
    return np.asarray(engine.session.run(None, inputs)[0], np.float32).ravel()


def fitting(sentence: str) -> Iterator[str]:
    """A sentence in parts that fit the model, cut after a mark of punctuation if there is one, else between words."""
    while len(sentence) > MOST_TOKENS:
        head = sentence[:MOST_TOKENS]
        cuts = [match.end() for match in re.finditer(r"[.,;:!?—] ?", head)] or [head.rfind(" ") + 1 or MOST_TOKENS]
        yield sentence[: cuts[-1]]
        sentence = sentence[cuts[-1] :]
    yield sentence
