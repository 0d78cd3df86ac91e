"""`archive report` and `archive rescore`, on an interview that was filed like any other."""

import json
import sys
from datetime import UTC, datetime

import pytest

from dialog_flows.loader import find, load
from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Interview
from models.speech import Utterance
from scoring.calibration import VERSION
from scoring.embedder import UniversalSentenceEncoder
from scoring.report import scorecard
from voicebot import cli
from voicebot.archive.store import open_archive

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
VARIABLES = {"candidate": "Ann", "company": "Acme", "callback_number": "555 01 00"}
SAID = (
    "Our checkout was timing out. I looked at the traces and the logs and found that the connection pool was full. "
    "I moved the batch job, and the error rate fell from four percent to zero."
)


@pytest.fixture
def voicebot(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["voicebot", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    return run


def file(tmp_path, scored=True, said=SAID):
    """An interview's id, and the scorecard on file."""
    path = find("backend_engineer")
    flow = load(path)
    question = flow.fill(VARIABLES).rubric().questions[0]
    answer = Answer(question.question_id, question.question, (AnswerPart(Utterance(said, 0, 9000, language="en")),))
    with open_archive(tmp_path) as archive:
        archive.flows.file(flow.ref, flow.title, flow.language, flow.published_text)
        interview_id = archive.schedule_interview(Candidate("c", "Ann", "+15550100"), flow.ref, VARIABLES, NOW)
        attempt = archive.begin_attempt(interview_id, NOW)
        archive.redeem_attempt(attempt, NOW)
        archive.record(attempt, [], DialogState(answers=(answer,)), NOW)
        archive.end_attempt(attempt, Disposition.COMPLETED, {}, None, NOW)
        if not scored:
            return interview_id, None
        card = scorecard(Interview(interview_id, flow.fill(VARIABLES).rubric(), (answer,)), UniversalSentenceEncoder())
        archive.file_scorecard(interview_id, card)
    return interview_id, card


def test_the_report_says_what_is_strong_and_what_to_ask(voicebot, tmp_path):
    interview_id, card = file(tmp_path)
    code, out, _ = voicebot("archive", "report", interview_id[:8])
    assert code == 0
    assert "Gaps" in out and "Still to ask" in out and "a person decides" in out
    code, out, _ = voicebot("archive", "report", interview_id[:8], "--json")
    found = json.loads(out)
    assert found["overall"] == card.overall
    assert found["strengths"] or found["gaps"]
    assert sum(dimension["share"] for dimension in found["dimensions"]) == pytest.approx(1, abs=0.01)


def test_the_same_version_scores_the_same_again_and_files_nothing(voicebot, tmp_path):
    interview_id, card = file(tmp_path)
    code, out, _ = voicebot("archive", "rescore", interview_id, "--json")
    again = json.loads(out)
    assert code == 0 and again["changed"] == []
    assert (again["now"]["overall"], again["now"]["scorer"]) == (card.overall, card.scorer)
    assert not again["filed"]
    assert "nothing is filed" in voicebot("archive", "rescore", interview_id)[1]
    with open_archive(tmp_path) as archive:
        record = archive.interview(interview_id)
    assert (record.scorecard, record.past_scorecards) == (card, ())


def test_another_version_shows_what_changed(voicebot, tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.rubric.FULL_CREDIT", 2.0)
    interview_id, card = file(tmp_path)
    monkeypatch.undo()
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    again = json.loads(voicebot("archive", "rescore", interview_id, "--dry-run", "--json")[1])
    assert again["on_file"]["overall"] == card.overall < again["now"]["overall"]
    assert again["changed"] and not again["filed"]


def test_the_new_scorecard_is_filed_and_the_old_one_stays(voicebot, tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.rubric.FULL_CREDIT", 2.0)
    interview_id, card = file(tmp_path)
    monkeypatch.undo()
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    assert "is filed" in voicebot("archive", "rescore", interview_id)[1]
    assert json.loads(voicebot("archive", "rescore", interview_id, "--json")[1])["filed"] is False
    with open_archive(tmp_path) as archive:
        record = archive.interview(interview_id)
        assert archive.verify().sound
        last = archive.audit.entries(interview_id, limit=1)[0]
    assert [past.scorecard for past in record.past_scorecards] == [card]
    assert record.scorecard and record.scorecard.overall > card.overall
    assert (last.action, last.actor[:4]) == ("score", "cli:")
    assert f"overall {card.overall} of 5, by {card.scorer}" in voicebot("archive", "show", interview_id)[1]
    shown = json.loads(voicebot("archive", "show", interview_id, "--json")[1])
    assert shown["past_scorecards"][0]["scorecard"]["scorer"] == card.scorer


def test_a_calibration_of_our_own_is_named_on_the_scorecard(voicebot, tmp_path, monkeypatch):
    interview_id, _ = file(tmp_path)
    marked = tmp_path / "marked.csv"
    marked.write_text(
        "question_id,question,reference,answer,score\n"
        + "".join(f"{n},What is {n}?,the number {n},{'the number' if n % 2 else 'no'},{n % 2}\n" for n in range(8))
    )
    own = tmp_path / "own.json"
    assert voicebot("eval", "scoring", str(marked), "--save", str(own))[0] == 0
    monkeypatch.setenv("VOICEBOT_CALIBRATION", str(own))
    name = f"{VERSION}-{json.loads(own.read_text())['sha256'][:12]}"
    again = json.loads(voicebot("archive", "rescore", interview_id, "--json")[1])
    assert name in again["now"]["scorer"] and again["filed"]
    own.write_text(own.read_text().replace('"offset":', '"offset":1'))
    code, out, err = voicebot("archive", "rescore", interview_id)
    assert (code, out) == (2, "") and "VOICEBOT_CALIBRATION" in err and "--save" in err


def test_years_since_a_date_count_up_to_the_day_of_the_call(voicebot, tmp_path):
    interview_id, _ = file(tmp_path, said="I have worked with Kubernetes since 2019 and ran our cluster.")
    again = json.loads(voicebot("archive", "rescore", interview_id, "--json")[1])
    assert [(tag["name"], tag["years"]) for tag in again["now"]["skills"]] == [("Kubernetes", 7.0)]


@pytest.mark.parametrize("command", ["report", "rescore"])
def test_without_a_scorecard_one_line_says_so(voicebot, tmp_path, capsys, command):
    interview_id, _ = file(tmp_path, scored=False)
    capsys.readouterr()  # the word about the new archive's key
    code, out, err = voicebot("archive", command, interview_id)
    assert (code, out) == (2, "")
    assert "has no scorecard" in err and len(err.strip().splitlines()) == 1
