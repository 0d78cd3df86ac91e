"""Piper: a fast voice, six to ten times faster than real time on one core.

piper-tts is GPL-3.0-or-later, voicebot is Apache-2.0: nothing but `voicebot.wiring` imports this module, and only when
the voice is wanted, so that whoever must do without it can leave package and module out.
"""

import json
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.audio import AudioChunk
from models.errors import ModelCorrupt, ModelMissing, SynthesisFailed
from voicebot.speech import espeak, pcm
from voicebot.speech.model_store import sha256
from voicebot.speech.spoken_chinese import spoken_chinese
from voicebot.speech.spoken_form import spoken_form

if TYPE_CHECKING:
    from piper import PiperVoice as Engine

SCALE_BY_LENGTH = 1.55
"""By how much Piper's length scale must grow for a line to grow by one, since it rounds each sound up to a whole frame:
measured on nine lines of the voice joe, 1.39 takes 1.23 times as long and 1.78 takes 1.52 times as long."""

SPOKEN_FORMS = {"en": spoken_form, "cm": spoken_chinese, "zh": spoken_chinese}
"""How a line is to be spoken, by the first letters of espeak-ng's voice: Mandarin is `cmn`."""


class PiperVoice:
    """A Piper voice of any language, shared by all threads of the process."""

    def __init__(self, model: Path) -> None:
        """`model`: the voice's .onnx file, with its .onnx.json beside it."""
        self._model = model
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @cached_property
    def name(self) -> str:
        return f"piper/{self._model.stem}@{sha256(self._model)[:12]}"

    @property
    def rate_hz(self) -> int:
        return self._loaded().config.sample_rate

    def load(self) -> None:
        self._loaded()

    def synthesize(self, text: str, length: float = 1.0) -> AudioChunk:
        from piper import SynthesisConfig

        engine = self._loaded()
        pace = SynthesisConfig(length_scale=engine.config.length_scale * (1 + SCALE_BY_LENGTH * (length - 1)))
        spoken_in = SPOKEN_FORMS.get(engine.config.espeak_voice[:2], str)
        try:
            with espeak.LOCK:
                sentences = engine.phonemize(spoken_in(text))
            spoken = [
                np.asarray(engine.phoneme_ids_to_audio(engine.phonemes_to_ids(phonemes), pace), np.float32)
                for phonemes in sentences
                if phonemes
            ]
        except Exception as error:  # espeak and ONNX Runtime raise bare exceptions
            raise SynthesisFailed(f"the voice {self._model.stem} failed on a line: {error}") from error
        if not spoken:
            raise SynthesisFailed(f"the voice {self._model.stem} was given a line without a word to speak")
        return AudioChunk(pcm.to_pcm(pcm.joined(spoken, self.rate_hz)), self.rate_hz)

    def _loaded(self) -> "Engine":
        with self._lock:
            if self._engine is None:
                self._engine = self._read()
            return self._engine

    def _read(self) -> "Engine":
        from onnxruntime import InferenceSession, SessionOptions
        from piper import PiperConfig
        from piper import PiperVoice as Engine

        config = self._model.with_name(f"{self._model.name}.json")
        for file in (self._model, config):
            if not file.is_file():
                raise ModelMissing(f"{file} is missing; a Piper voice is an .onnx file with its .onnx.json beside it")
        options = SessionOptions()
        options.intra_op_num_threads = 1  # with more, lines queue behind the recogniser on a busy machine
        options.inter_op_num_threads = 1
        try:
            return Engine(
                session=InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"]),
                config=PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8"))),
            )
        except Exception as error:  # ONNX Runtime's exceptions share no base
            raise ModelCorrupt(
                f"the voice {self._model} cannot be read ({error}); install its package or file again"
            ) from error
