"""Records as JSON: times in ISO 8601 (UTC), enumerations as their text."""

from typing import Any

from pydantic import TypeAdapter

from models.interview import InterviewRecord
from voicebot.archive.records import InterviewSummary

_RECORD = TypeAdapter(InterviewRecord)
_SUMMARY = TypeAdapter(InterviewSummary)


def record_to_json(record: InterviewRecord) -> dict[str, Any]:
    """The fields of InterviewRecord under their own names; each answer also has its whole `text`, and each line of the
    candidate `reply_ms`: how long they waited for the interviewer's voice."""
    exported: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    for entry, answer in zip(exported["answers"], record.answers, strict=True):
        entry["text"] = answer.text
    for index, entry in enumerate(exported["transcript"]):
        entry["reply_ms"] = record.reply_ms(index)
    return exported


def summary_to_json(summary: InterviewSummary) -> dict[str, Any]:
    """The fields of InterviewSummary under their own names."""
    exported: dict[str, Any] = _SUMMARY.dump_python(summary, mode="json")
    return exported
