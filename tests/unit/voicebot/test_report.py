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


def file(tmp_path, scored=True):
    """An interview's id, and the scorecard on file."""
    path = find("backend_engineer")
    flow = load(path)
    question = flow.fill(VARIABLES).rubric().questions[0]
    answer = Answer(question.question_id, question.question, (AnswerPart(Utterance(SAID, 0, 9000, language="en")),))
    with open_archive(tmp_path) as archive:
        archive.file_flow(flow.ref, flow.title, flow.language, flow.published_text)
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
    assert "same score" in voicebot("archive", "rescore", interview_id)[1]
    with open_archive(tmp_path) as archive:
        assert archive.interview(interview_id).scorecard == card


def test_another_version_shows_what_changed(voicebot, tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.rubric.FULL_CREDIT", 2.0)
    interview_id, card = file(tmp_path)
    monkeypatch.undo()
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path))
    again = json.loads(voicebot("archive", "rescore", interview_id, "--json")[1])
    assert again["on_file"]["overall"] == card.overall < again["now"]["overall"]
    assert again["changed"]


@pytest.mark.parametrize("command", ["report", "rescore"])
def test_without_a_scorecard_one_line_says_so(voicebot, tmp_path, capsys, command):
    interview_id, _ = file(tmp_path, scored=False)
    capsys.readouterr()  # the word about the new archive's key
    code, out, err = voicebot("archive", command, interview_id)
    assert (code, out) == (2, "")
    assert "has no scorecard" in err and len(err.strip().splitlines()) == 1
