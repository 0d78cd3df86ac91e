import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialog_flows import loader
from models.call import Candidate
from models.dialog import CallStarted, CandidateSpoke, Say
from models.speech import Utterance
from voicebot.archive.store import open_archive
from voicebot.conversation import Conversation, Unobserved
from voicebot.pipeline.lines import Ended

FLOW = Path(__file__).parents[2] / "flows" / "brief.yaml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Held:
    """An archive whose writing waits for leave."""

    def __init__(self, archive):
        self.leave = threading.Event()
        self.entered = threading.Event()
        self._archive = archive

    def record(self, *what):
        self.entered.set()
        assert self.leave.wait(10)
        self._archive.record(*what)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive") as archive:
        yield archive


async def test_a_filing_that_nobody_waits_for_any_more_is_finished_before_the_next_and_files_no_line_twice(archive):
    flow = loader.load(FLOW).fill({"candidate.name": "Joe"})
    archive.flows.file(flow.ref, flow.title, flow.language, flow.published_text)
    interview_id = archive.schedule_interview(Candidate("joe", "Joe", "+15555550123"), flow.ref, {}, NOW)
    held = Held(archive)
    attempt_id = archive.begin_attempt(interview_id, NOW)
    conversation = Conversation(flow, held, attempt_id, lambda question, answer: (), Unobserved())
    for action in await conversation.hear(CallStarted(0)):
        if isinstance(action, Say):
            conversation.line_ended(Ended(action, 0, 1000, 1.0))

    first = asyncio.create_task(conversation.file())
    assert await asyncio.to_thread(held.entered.wait, 10)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    conversation.overheard(Utterance("okay", 1000, 1200), "backchannel")
    second = asyncio.create_task(conversation.file())
    held.leave.set()
    await second

    said = [line.text for line in archive.interview(interview_id).transcript]
    assert said == [flow.disclosure, "okay"]


async def test_tomorrow_is_counted_where_the_candidate_is(archive):
    """Kiritimati is 26 hours ahead of Baker Island: whatever the time, it is another day there."""
    flow = loader.load(FLOW).fill({"candidate.name": "Joe"})
    archive.flows.file(flow.ref, flow.title, flow.language, flow.published_text)
    for name in ("Pacific/Kiritimati", "Etc/GMT+12"):
        interview_id = archive.schedule_interview(Candidate("joe", "Joe", "+15555550123"), flow.ref, {}, NOW)
        attempt_id = archive.begin_attempt(interview_id, NOW)
        here = ZoneInfo(name)
        conversation = Conversation(flow, archive, attempt_id, lambda question, answer: (), Unobserved(), zone=here)
        await conversation.hear(CallStarted(0))
        await conversation.hear(CandidateSpoke(Utterance("I'm driving, call me tomorrow at three pm.", 0, 1000)))
        window, today = conversation.state.call_back.window, datetime.now(here).date()
        assert conversation.state.today == today
        assert window.earliest.date() == today + timedelta(days=1)
        assert window.earliest.utcoffset() == datetime.now(here).utcoffset()
