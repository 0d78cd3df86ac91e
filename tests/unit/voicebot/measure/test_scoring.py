import csv
import json

import pytest

from models.errors import InvalidFile, UsageError
from scoring.calibration import VERSION, shipped
from scoring.embedder import CharacterNgrams
from voicebot import cli
from voicebot.measure import scoring

HEAD = "question_id,question,reference,answer,score"
WORDS = "the stack removes last element pushed first queue tree node value memory list array head tail".split()


def rows(questions: int = 4, answers: int = 8, high: float = 5.0) -> list[list[object]]:
    """Answers that have more and more of their reference, marked accordingly."""
    return [
        [f"q{q}", f"Question number {q}?", " ".join(WORDS[q : q + 8]), " ".join(WORDS[q : q + n]), high * n / answers]
        for q in range(questions)
        for n in range(answers + 1)
    ]


@pytest.fixture
def write(tmp_path):
    def write(lines: list[list[object]], head: str = HEAD):
        path = tmp_path / "marked.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(head + "\n")
            csv.writer(file).writerows(lines)
        return path

    return write


def measured(path, **options):
    return scoring.measure(scoring.load(path, **options), CharacterNgrams(), None).to_json()


def test_four_scorers_side_by_side(write):
    report = measured(write(rows()))
    assert set(report["scorers"]) == {"as_shipped", "cross_validated", "cosine", "character_ngrams"}
    fitted = report["scorers"]["cross_validated"]
    assert (report["pearson"], report["rmse"]) == (fitted["pearson"], fitted["rmse"])
    assert report["pearson"] > 0.8
    assert set(fitted["bands"]) == {"low", "middle", "high"}
    assert sum(band["count"] for band in fitted["bands"].values()) == fitted["count"] == report["answers"] == 36
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize(("high", "scale"), [(1, 1.0), (2, 2.0), (5, 5.0), (100, 100.0), (37, 50.0), (250, 250.0)])
def test_the_scale_is_found(write, high, scale):
    report = measured(write(rows(high=high)))
    assert report["scale"] == [0.0, scale]
    assert report["pearson"] > 0.8
    assert report["rmse_of_5"] == pytest.approx(5 * report["rmse"] / scale, abs=1e-3)


def test_the_scale_can_be_said(write):
    report = measured(write(rows(high=4)), lowest=-1.0, highest=9.0)
    assert report["scale"] == [-1.0, 9.0]
    with pytest.raises(UsageError, match="--highest"):
        scoring.load(write(rows(high=4)), highest=3)
    with pytest.raises(UsageError, match="--lowest must be below"):
        scoring.load(write(rows(high=4)), lowest=6, highest=6)


@pytest.mark.parametrize(
    "lines",
    [
        rows(questions=1),
        rows(questions=2, answers=1),
        [["a", "Q?", "ref", "ans", 3]],
        [[str(n), f"Q{n}?", "ref", f"ans {n}", 3] for n in range(5)],
        [[str(n), f"Q{n}?", "ref", f"ans {n}", 0] for n in range(5)],
        [[str(n), f"Q{n}?", "ref", "", n] for n in range(5)],
        [[str(n), "", "ref", "😀 我 \x0b", n] for n in range(5)],
        [["a", "Q?", "ref", "word " * 10_000, 1], ["b", "R?", "推 pop", "我" * 10_000, 2]],
    ],
    ids=["one question", "few", "one row", "constant", "zeros", "empty answers", "odd", "long"],
)
def test_odd_data_get_a_sane_report(write, lines):
    report = measured(write(lines))
    json.dumps(report, allow_nan=False)
    assert report["answers"] == len(lines)
    if report["questions"] == 1:
        assert report["pearson"] is None and "two questions" in report["scorers"]["cross_validated"]["note"]


def test_rows_without_a_score_are_left_out_and_counted(write):
    report = measured(write([*rows(), ["x", "Q?", "ref", "ans", ""], ["x", "Q?", "ref", "ans", "NaN"]]))
    assert (report["answers"], report["unmarked"]) == (36, 2)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["a", "Q?", "ref", "ans", "good"], "'good' is no number"),
        (["a", "Q?", "ref", "ans", "inf"], "'inf' is no number"),
        (["a", "Q?", " ", "ans", "3"], "reference is empty"),
        (["a", "Q?", "ref"], "not as many fields"),
        (["a", "Q?", "ref", "ans", "3", "more"], "not as many fields"),
    ],
)
def test_every_bad_line_is_named(write, line, says):
    with pytest.raises(InvalidFile, match=says) as refused:
        scoring.load(write([*rows(1, 1), line]))
    assert ":4:1:" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "lacks the columns"),
        (b"question,answer\na,b\n", "question_id, reference, score"),
        (HEAD.encode() + b"\n", "no marked answer"),
        (HEAD.encode() + b"\na,Q?,ref,ans,\n", "no marked answer"),
        (HEAD.encode() + b"\na,Q?,\xff\xfe,ans,3\n", "UTF-8"),
        (b"\x00\x01\x02", "lacks the columns|is no CSV"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, content, says):
    path = tmp_path / "marked.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        scoring.load(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        scoring.load(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        scoring.load(tmp_path)


def test_questions_are_told_apart_by_the_column_that_is_named(write):
    path = write([[*row, row[0] in ("q0", "q1")] for row in rows()], HEAD + ",topic")
    assert scoring.measure(scoring.load(path, by="topic"), CharacterNgrams(), None).questions == 2
    with pytest.raises(UsageError, match="lacks the column theme"):
        scoring.load(path, by="theme")


def test_what_is_shipped_is_not_tried_on_what_it_was_fitted_on(write):
    embedder = CharacterNgrams()
    marked = scoring.load(write(rows()))
    fitted = scoring.calibrate(marked, embedder)
    report = scoring.measure(marked, embedder, fitted).to_json()["scorers"]
    assert "set by hand" in report["as_shipped"]["what"]
    assert "fitted on every question" in report["as_shipped"]["note"]
    assert "note" not in report["cross_validated"]
    more = write([*rows(), ["new", "Something else?", "a heap of sand", "sand in a heap", 4]])
    found = scoring.measure(scoring.load(more), embedder, fitted).to_json()["scorers"]
    assert found["as_shipped"]["count"] == 1 and "36 answers" in found["as_shipped"]["note"]
    assert "note" not in found["cross_validated"], "one question that it has seen, and it is not gone on from"


def test_on_questions_never_seen_the_fit_may_go_on_from_what_ships(write):
    embedder = CharacterNgrams()
    fitted = scoring.calibrate(scoring.load(write(rows())), embedder)
    others = [[f"other {row[0]}", f"Other {row[1]}", *row[2:]] for row in rows()]
    report = scoring.measure(scoring.load(write(others)), embedder, fitted).to_json()["scorers"]
    assert fitted.name in report["cross_validated"]["note"]
    assert report["as_shipped"]["what"].startswith(fitted.name)


def test_without_a_calibration_for_the_embedder_it_is_the_formula_set_by_hand(write):
    assert shipped(CharacterNgrams.name) is None
    assert "no calibration ships" in measured(write(rows()))["scorers"]["as_shipped"]["note"]


def test_the_command_prints_json_and_saves_a_calibration(write, tmp_path, monkeypatch, capsys):
    saved = tmp_path / "calibration.json"
    monkeypatch.setattr("sys.argv", ["voicebot", "eval", "scoring", str(write(rows())), "--json", "--save", str(saved)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    report = json.loads(capsys.readouterr().out)
    assert report["scorers"]["as_shipped"]["what"].startswith(f"{VERSION}-")
    stored = json.loads(saved.read_text())
    assert stored["data_sha256"] == report["data_sha256"]
    assert not any(word in saved.read_text() for word in WORDS[4:7])
