import json
from dataclasses import fields
from importlib.resources import files

import numpy as np
import pytest

from models.errors import UsageError
from scoring import calibration
from scoring.calibration import (
    Calibration,
    Model,
    cross_validated,
    data_digest,
    fit,
    load_calibration,
    question_groups,
    question_key,
    untaught,
)
from scoring.features import COLUMNS, Item

RNG = np.random.default_rng(7)
ROWS = 240
GROUPS = np.repeat(np.arange(12), ROWS // 12)


@pytest.fixture(scope="module")
def data():
    """Marks that follow two columns, one of them in a bend, and questions that were marked more or less leniently."""
    columns = RNG.normal(size=(ROWS, len(COLUMNS)))
    columns[:, [COLUMNS.index(name) for name in ("close", "in_context")]] = 0.2
    columns[:, [COLUMNS.index(name) for name in ("nothing", "other_quantity")]] = 0
    truth = 0.5 + 0.12 * columns[:, 0] + 0.12 * np.maximum(columns[:, 1], 0)
    leniency = RNG.normal(scale=0.1, size=12)[GROUPS]
    return columns, np.clip(truth + leniency + RNG.normal(scale=0.05, size=ROWS), 0, 1), truth


def r(a, b):
    return np.corrcoef(a, b)[0, 1]


def test_it_learns_what_the_marks_follow(data):
    columns, marks, truth = data
    predicted = cross_validated(columns, marks, GROUPS)
    assert r(predicted, truth) > 0.9


def test_marks_stay_on_the_scale_far_from_anything_seen(data):
    columns, marks, _ = data
    wild = fit(columns, marks, GROUPS).marks(np.vstack([columns * 1e6, -columns * 1e6]))
    assert wild.min() >= 0 and wild.max() <= 1


def test_the_same_data_give_the_same_numbers(data):
    columns, marks, _ = data
    first, second = fit(columns, marks, GROUPS), fit(columns, marks, GROUPS)
    assert all(np.array_equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(Model))


def test_no_question_is_in_both_fit_and_test(data, monkeypatch):
    columns, marks, _ = data
    seen = []

    def watched(columns, marks, groups, begun=None):
        seen.append(set(groups.tolist()))
        return fit(columns, marks, groups, begun)

    monkeypatch.setattr(calibration, "fit", watched)
    cross_validated(columns, marks, GROUPS)
    assert sorted(next(iter(set(range(12)) - fitted)) for fitted in seen) == list(range(12))
    assert all(len(fitted) == 11 for fitted in seen)


def test_marks_of_a_question_do_not_reach_its_own_predictions(data):
    columns, marks, _ = data
    changed = marks.copy()
    changed[GROUPS == 3] = 0.0
    before, after = (cross_validated(columns, m, GROUPS) for m in (marks, changed))
    assert np.array_equal(before[GROUPS == 3], after[GROUPS == 3])
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("marks", [np.full(ROWS, 0.7), np.zeros(ROWS), np.r_[np.ones(1), np.zeros(ROWS - 1)]])
def test_marks_that_teach_nothing_do_no_harm(data, marks):
    predicted = cross_validated(data[0], marks, GROUPS)
    assert np.abs(predicted - marks.mean()).max() < 0.3


def test_few_rows_and_columns_that_never_change():
    columns = np.ones((3, len(COLUMNS)))
    predicted = cross_validated(columns, np.array([0.2, 0.4, 0.6]), np.array([0, 1, 2]))
    assert np.isfinite(predicted).all()
    assert cross_validated(columns, np.array([0.2, 0.4, 0.6]), np.zeros(3, dtype=int)) is None


def test_rows_are_of_one_question_by_label_or_by_words():
    items = [Item(q, "r", "a") for q in ("What is it?", "what is it", "Why?", "How?", "Who?")]
    groups = question_groups(items, ["1", "2", "2", "3", "4"]).tolist()
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 3


def test_a_question_is_known_by_its_words_alone():
    assert question_key("What is a  QUEUE?") == question_key("what is a queue")
    assert question_key("什么是队列？") != question_key("什么是栈？")


def test_the_digest_tells_data_apart():
    items = [Item("q", "r", "a"), Item("q", "r", "b")]
    digests = {data_digest(items, [1, 2]), data_digest(items, [2, 1]), data_digest(items[::-1], [1, 2])}
    assert len(digests) == 3


def test_what_is_saved_marks_the_same(data, tmp_path, monkeypatch):
    columns, marks, _ = data
    model = fit(columns, marks, GROUPS)
    made = Calibration(model, "some/1", "d" * 64, ROWS, frozenset({question_key("Why?")}))
    calibration.save(made, tmp_path / "calibration.json")
    monkeypatch.setattr(calibration, "files", lambda _package: tmp_path)
    calibration.shipped.cache_clear()
    try:
        read = calibration.shipped("some/1")
        assert read is not None and calibration.shipped("another/1") is None
        assert read.model.marks(columns) == pytest.approx(model.marks(columns), abs=1e-4)
        assert (read.name, read.rows, read.questions) == (made.name, made.rows, made.questions)
    finally:
        calibration.shipped.cache_clear()


def test_a_folder_that_is_not_there_is_named(data, tmp_path):
    columns, marks, _ = data
    made = Calibration(fit(columns, marks, GROUPS), "some/1", "d" * 64, ROWS, frozenset())
    with pytest.raises(UsageError, match="nowhere"):
        calibration.save(made, tmp_path / "nowhere" / "c.json")


def test_the_calibration_that_ships_fits_the_default_embedder_and_holds_no_text():
    found = calibration.shipped("use-multilingual-3/0.2.1")
    assert found is not None and found.rows > 1000
    assert found.digest == json.loads((files("scoring") / "calibration.json").read_text())["sha256"]
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in found.questions)
    assert calibration.shipped("character-ngrams/1") is None


OTHERS = GROUPS < 9
"""Nine questions to begin from; the other three are a small file."""


def test_a_small_file_goes_on_from_what_other_questions_taught(data):
    columns, marks, truth = data
    begun = fit(columns[OTHERS], marks[OTHERS], GROUPS[OTHERS])
    few = (columns[~OTHERS], marks[~OTHERS], GROUPS[~OTHERS])
    assert r(cross_validated(*few, begun), truth[~OTHERS]) > r(cross_validated(*few), truth[~OTHERS]) + 0.02


def test_going_on_is_the_same_as_fitting_all_at_once(data):
    columns, marks, _ = data
    begun = fit(columns[OTHERS], marks[OTHERS], GROUPS[OTHERS])
    gone_on = fit(columns[~OTHERS], marks[~OTHERS], GROUPS[~OTHERS], begun)
    whole = fit(columns, marks, GROUPS)
    assert gone_on.marks(columns) == pytest.approx(whole.marks(columns), abs=0.1)
    assert gone_on.gram[-1, -1] == pytest.approx(whole.gram[-1, -1])


def test_what_was_taught_elsewhere_is_left_alone_where_it_misleads(data):
    columns, marks, _ = data
    half = GROUPS < 6
    misleading = fit(columns[~half], 1 - marks[~half], GROUPS[~half])
    assert np.array_equal(
        cross_validated(columns[half], marks[half], GROUPS[half], misleading),
        cross_validated(columns[half], marks[half], GROUPS[half]),
    )


def test_untaught_marks_follow_how_near_the_answer_is():
    columns = np.zeros((5, len(COLUMNS)))
    columns[:, COLUMNS.index("close")] = (0.0, 0.25, 0.25, 1.0, 1.0)
    columns[:, COLUMNS.index("in_context")] = (-0.2, -0.2, 0.25, 1.0, 1.0)
    columns[4, COLUMNS.index("nothing")] = 1
    none, terms, both, all_of_it, refused = untaught(columns).tolist()
    assert (none, all_of_it, refused) == (0.0, 1.0, 0.0)
    assert 0 < terms < both == pytest.approx(0.25**0.4)


@pytest.fixture
def saved(data, tmp_path):
    columns, marks, _ = data
    path = tmp_path / "calibration.json"
    calibration.save(Calibration(fit(columns, marks, GROUPS), "some/1", "d" * 64, ROWS, frozenset()), path)
    return path


def test_a_saved_calibration_is_loaded_by_its_embedder(saved):
    found = load_calibration(saved, "some/1")
    assert found.name == f"{calibration.VERSION}-{json.loads(saved.read_text())['sha256'][:12]}"
    with pytest.raises(UsageError, match="fitted with the embedder some/1, this is another/1"):
        load_calibration(saved, "another/1")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: stored | {"offset": stored["offset"] + 0.1},
        lambda stored: stored | {"slopes": [0.0, *stored["slopes"][1:]]},
        lambda stored: stored | {"columns": stored["columns"][::-1]},
        lambda stored: stored | {"version": "calibration/1"},
        lambda stored: stored | {"gram": stored["gram"][1:]},
        lambda stored: stored | {"moment": "many"},
        lambda stored: {name: value for name, value in stored.items() if name != "sha256"},
        lambda stored: [stored],
        lambda stored: None,
    ],
)
def test_a_calibration_that_was_changed_is_refused(saved, spoil):
    saved.write_text(json.dumps(spoil(json.loads(saved.read_text()))))
    with pytest.raises(UsageError, match="VOICEBOT_CALIBRATION.* or was changed"):
        load_calibration(saved, "some/1")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_calibration_is_refused(tmp_path, content):
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="eval scoring"):
        load_calibration(path, "some/1")
    with pytest.raises(UsageError, match="cannot be read"):
        load_calibration(tmp_path / "none.json", "some/1")
