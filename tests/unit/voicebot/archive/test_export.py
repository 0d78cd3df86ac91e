import json
from datetime import datetime, timedelta

from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Evidence, FlowRef, Score, Scorecard, SkillKind, SkillTag
from models.speech import Speaker, TranscriptLine, Utterance, Word
from voicebot.archive.export import record_to_json, summary_to_json
from voicebot.archive.store import Archive


def test_a_record_as_json(
    archive: Archive, candidate: Candidate, flow: FlowRef, interview_id: str, attempt_id: str, now: datetime
) -> None:
    parts = (AnswerPart(Utterance("我用过", 100, 900)), AnswerPart(Utterance("三年", 1000, 1500), "f1"))
    line = TranscriptLine(Speaker.CANDIDATE, "我用过", 100, 900, "q1", "answer", words=(Word("我", 100, 200),))
    archive.record(attempt_id, [line], DialogState(answers=(Answer("q1", "Kubernetes?", parts),)), now)
    writer = archive.recording_writer(attempt_id, now)
    writer.append(bytes(16_000), bytes(16_000))
    recording = writer.close()
    ended = now + timedelta(minutes=1)
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {"turns": 1}, recording, ended)
    score = Score("q1", "depth", "Depth", 1.0, 4.5, (Evidence("三年", 1000, 1500, "has years", 0.9),))
    unassessed = Score("q1", "breadth", "Breadth", 1.0, None)
    tag = SkillTag("Kubernetes", SkillKind.TOOL, "我用过", "q1", 100, 900, 3.0)
    archive.file_scorecard(interview_id, Scorecard((score, unassessed), 4.5, 0.5, (tag,), "points 1"))

    exported = record_to_json(archive.interview(interview_id))
    assert json.loads(json.dumps(exported)) == exported
    assert exported["id"] == interview_id
    assert exported["candidate"] == {"id": "c-1", "name": "Ann Lee", "phone": "+14155550123"}
    assert exported["flow"] == {"id": flow.id, "version": 3, "digest": flow.digest}
    assert exported["disposition"] == "completed"
    assert exported["started_at"] == "2026-03-31T23:59:59.123456Z"
    assert datetime.fromisoformat(exported["ended_at"]) == ended
    assert exported["transcript"][0]["speaker"] == "candidate"
    assert exported["transcript"][0]["words"] == [{"text": "我", "start_ms": 100, "end_ms": 200}]
    assert exported["answers"][0]["status"] == "answered"
    assert exported["answers"][0]["text"] == "我用过三年"
    assert [part["follow_up"] for part in exported["answers"][0]["parts"]] == [None, "f1"]
    assert [s["value"] for s in exported["scorecard"]["scores"]] == [4.5, None]
    assert exported["scorecard"]["skills"][0]["kind"] == "tool"
    assert exported["recording"] == {"path": recording.path, "sha256": recording.sha256, "duration_ms": 1000}
    assert exported["call_facts"] == {"turns": 1}
    assert [attempt["id"] for attempt in exported["attempts"]] == [attempt_id]


def test_an_interview_that_has_not_been_held_as_json(archive: Archive, interview_id: str) -> None:
    exported = record_to_json(archive.interview(interview_id))
    assert (exported["disposition"], exported["scorecard"], exported["recording"]) == (None, None, None)
    summary = summary_to_json(archive.interviews()[0])
    assert (summary["id"], summary["disposition"], summary["overall"]) == (interview_id, None, None)
    assert summary["created_at"] == "2026-03-31T23:59:59.123456Z"
