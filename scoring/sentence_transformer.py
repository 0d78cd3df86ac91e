"""Any sentence-transformers model as an embedder: bge-m3 and the like, on CPU or GPU. The extra `[torch]`."""

import hashlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from models.errors import ModelCorrupt, ModelMissing, UsageError
from scoring.embedder import Matrix, shortened

BATCH = 64


class SentenceTransformerEmbedder:
    """`model` is a folder with the model's files, or a name that is in the local Hugging Face cache.

    Nothing is downloaded: what a name stands for is fetched by the operator beforehand. Weights are read from
    safetensors alone, since a pickle can run code, and the model's own code is not run. The embedder's `name` carries
    the digest of the weights, so two models in the same folder never look the same.
    """

    def __init__(self, model: str, device: str = "cpu") -> None:
        self._model = model
        self._device = device
        self._encoder: Any = None
        self._loading = Lock()
        self._name = ""
        self._dims = 0

    def load(self) -> "SentenceTransformerEmbedder":
        """Raises ModelMissing, ModelCorrupt, or UsageError for a device that is not there."""
        with self._loading:
            if self._encoder is None:
                self._encoder = self._opened()
        return self

    @property
    def name(self) -> str:
        self.load()
        return self._name

    @property
    def dims(self) -> int:
        self.load()
        return self._dims

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.load()
        rows = np.zeros((len(texts), self._dims), dtype=np.float32)
        spoken = [index for index, text in enumerate(texts) if text.strip()]
        if spoken:
            said = [shortened(texts[index]) for index in spoken]
            found = self._encoder.encode(
                said, batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
            rows[spoken] = found.astype(np.float32)
        return rows

    def _opened(self) -> Any:
        try:
            torch = importlib.import_module("torch")
            library = importlib.import_module("sentence_transformers")
            importlib.import_module("transformers.utils.logging").disable_progress_bar()  # it would write to stderr
        except ImportError as error:
            raise ModelMissing(
                "VOICEBOT_EMBEDDER needs sentence-transformers: run `pip install 'voicebot[torch]'`."
            ) from error
        try:
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError) as error:
            raise UsageError(
                f"VOICEBOT_EMBEDDER_DEVICE={self._device!r} is not on this machine: set it to cpu, or to a GPU it has"
            ) from error
        folder = self._folder()
        try:
            encoder = library.SentenceTransformer(
                str(folder),
                device=self._device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
            probe = encoder.encode(["warm"], convert_to_numpy=True, show_progress_bar=False)
        except Exception as error:  # the library raises whatever its parts raise
            raise ModelCorrupt(
                f"{self._model} cannot be used as a sentence-transformers model with safetensors weights "
                f"({type(error).__name__}): fetch it again"
            ) from error
        self._dims = int(probe.shape[1])
        self._name = f"{folder.name if folder.is_dir() else self._model}/0.{_weights_digest(folder)[:12]}"
        return encoder

    def _folder(self) -> Path:
        given = Path(self._model).expanduser()
        if given.is_dir():
            return given.resolve()
        hub = importlib.import_module("huggingface_hub")
        try:
            return Path(hub.snapshot_download(self._model, local_files_only=True))
        except Exception as error:  # no such name, or not in the cache
            raise ModelMissing(
                f"VOICEBOT_EMBEDDER={self._model!r} is neither a folder nor a model in the local Hugging Face cache: "
                f"fetch it with `hf download {self._model}`, or give the folder"
            ) from error


def _weights_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
