"""The carrier says that a machine has picked up, while the interviewer is speaking."""

from dataclasses import replace

from dialog_flows.loader import parse_published
from models.call import Candidate, Disposition
from telephony.answered_by import AnsweredBy
from telephony.loopback import FRAME_BYTES, LoopbackGateway
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.live_calls import LiveCalls
from voicebot.rehearsal.persona import Persona

REPORT_AT_FRAME = 75
"""A second and a half into the disclosure."""


class Machine:
    """Is silent; after a while its carrier tells what it is."""

    def __init__(self, tell):
        self.tell = tell
        self.frames = 0

    def exchange(self, heard):
        self.frames += 1
        if self.frames == REPORT_AT_FRAME:
            self.tell()
        return bytes(FRAME_BYTES)


async def call(parts, flow, who):
    """The filed interview with a phone that `who` has picked up."""
    parts = replace(parts, live_calls=LiveCalls(most=1))
    filled, variables = demo.fill(parts, flow, Persona(id="p", name="Maya", flow="short", answers={}))
    await parts.voice("en").prepare([filled.disclosure, filled.lines.voicemail])
    interview_id = await dialler.schedule(parts, filled, Candidate("maya", "Maya", "+15555550177"), variables)

    def pick_up(request):
        return Machine(lambda: parts.live_calls.answered(request.attempt_id, who))

    async with serving(create_app(parts), listen("127.0.0.1", 0)) as address:
        await dialler.place_call(parts, LoopbackGateway(f"ws://{address}/media", pick_up), interview_id, "+15555550177")
        await parts.live_calls.ended()
    return filled, parts.archive.interview(interview_id)


async def test_a_machine_hears_no_more_of_what_was_meant_for_the_candidate(parts, short_flow):
    filled, record = await call(parts, short_flow, AnsweredBy.MACHINE_READY)
    assert record.disposition is Disposition.VOICEMAIL
    assert [line.heard for line in record.transcript] == [False]
    assert filled.disclosure.startswith(record.transcript[0].text.rstrip("…"))


async def test_a_message_is_left_to_its_end_where_the_flow_wants_one(parts, short_flow):
    text = short_flow.published_text.replace("policies:\n", "policies:\n  voicemail: leave_message\n", 1)
    filled, record = await call(parts, parse_published(text), AnsweredBy.MACHINE_READY)
    assert record.disposition is Disposition.VOICEMAIL
    assert [(line.text, line.heard) for line in record.transcript[-1:]] == [(filled.lines.voicemail, True)]


async def test_a_person_is_talked_to(parts, short_flow):
    _, record = await call(parts, short_flow, AnsweredBy.HUMAN)
    assert record.disposition is Disposition.UNRESPONSIVE
