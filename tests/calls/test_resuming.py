"""A line that drops is a dropped call, never a finished interview: the next call goes on at the same question."""

import asyncio
import wave
from datetime import UTC, datetime

import numpy as np
from person import Person

from dialog_flows import loader
from models.call import Candidate, Disposition
from models.speech import Speaker
from telephony.loopback import LoopbackGateway
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.call import run_call
from voicebot.conversation import Unobserved
from voicebot.rehearsal.persona import Persona

FLOW = """\
id: twice
version: 1
title: Cut off
language: en
disclosure: This is an AI from {company}, recording you.
consent: {ask: 'May I record?'}
identity: {ask: 'Are you {candidate.name}?'}
good_time: {ask: 'Good time?'}
questions:
  - id: project
    ask: What did you build?
    expects: short
    criteria:
      - {id: thing, name: What it was, points: [names what was built]}
  - id: repair
    ask: What did you repair?
    expects: open
    criteria:
      - {id: repair, name: Repair, points: [names what was repaired]}
candidate_questions: {ask: 'Any questions?', reply: Noted.}
closing: Goodbye.
lines: {acknowledgements: [Thanks.], begin: Great.}
policies: {callback_number: '555 01 00', silence_seconds: 2.5}
"""
OPENING = {
    "May I record?": "Yes, that's fine.",
    "Are you Joe?": "Yes, speaking.",
    "Good time?": "Yes, it is.",
}
JOE = Candidate("joe", "Joe", "+15555550155")
CUT_AFTER_S = 2.0
"""In the middle of the answer."""


class Network(LoopbackGateway):
    """Keeps the call, to lose it."""

    async def dial(self, request):
        self.leg = await super().dial(request)
        return self.leg


class CutOff(Person):
    """The network loses them while they answer one of the questions."""

    def __init__(self, says, network, at):
        super().__init__(says)
        self.network = network
        self.at = at

    def answers(self, line):
        if line == self.at:
            asyncio.get_running_loop().call_later(CUT_AFTER_S, lambda: self.network[0].leg.go_dead())


class Unplugged:
    """A line that breaks at the first touch."""

    def __getattr__(self, name):
        raise OSError("there is no line")


async def test_the_next_call_goes_on_at_the_question_where_the_line_dropped(parts):
    flow, variables = demo.fill(
        parts, loader.parse(FLOW, "twice.yaml"), Persona(id="joe", name="Joe", flow="twice", answers={})
    )
    await dialler.prepare(parts, flow)

    async def spoken(texts):
        return {line: (await parts.voice("en").speak(text)).pcm for line, text in texts.items()}

    repaired = "I repaired the payment service, and then I repaired the search engine of the shop."
    first_says = OPENING | {"What did you build?": "I built a billing service.", flow.questions[1].ask: repaired}
    network = []
    first = CutOff(await spoken(first_says), network, flow.questions[1].ask)
    second = Person(await spoken(OPENING | {flow.questions[1].ask: repaired, "Any questions?": "No, thank you."}))
    interview_id = await dialler.schedule(parts, flow, JOE, variables)
    phones = iter([first, second])
    observers = {}

    async def call(url):
        phone = observers["now"] = next(phones)
        network[:] = [Network(url, lambda _: phone, ringing_ms=0)]
        await dialler.place_call(parts, network[0], interview_id, JOE.phone)
        await parts.live_calls.ended()
        return parts.archive.interview(interview_id)

    async with serving(create_app(parts, lambda _: observers["now"]), listen("127.0.0.1", 0)) as address:
        url = f"ws://{address}/media"
        dropped = await call(url)
        assert dropped.disposition is Disposition.DROPPED
        project, repair = dropped.answers
        assert "billing" in project.text
        assert "payment" in repair.text, "what was being said is kept"

        # a call that fails before a word was said takes no score away
        attempt_id = parts.archive.begin_attempt(interview_id, datetime.now(UTC))
        ticket = parts.archive.redeem_attempt(attempt_id, datetime.now(UTC))
        await run_call(parts, Unplugged(), ticket, Unobserved())
        failed = parts.archive.interview(interview_id)
        assert parts.archive.interview(interview_id).attempts[-1].disposition is Disposition.FAILED
        assert failed.scorecard == dropped.scorecard
        assert failed.scorecard is not None
        record = await call(url)

    # the second call discloses, asks for consent, and goes on where the first stopped
    assert record.disposition is Disposition.COMPLETED
    assert second.lines[0] == flow.disclosure
    assert "May I record?" in second.lines
    at = second.lines.index(flow.lines.resume)
    assert second.lines[at + 1] == flow.questions[1].ask
    assert "What did you build?" not in second.lines
    ended = [attempt.disposition for attempt in record.attempts]
    assert ended == [Disposition.DROPPED, Disposition.FAILED, Disposition.COMPLETED]

    # each word is heard in the recording of its own call
    one, _, two = (attempt.id for attempt in record.attempts)
    project, repair = record.answers
    assert [part.utterance.attempt_id for part in project.parts] == [one]
    assert [part.utterance.attempt_id for part in repair.parts] == [one, two]
    thing, number = record.scorecard.scores
    assert {evidence.attempt_id for evidence in thing.evidence} == {one}
    assert {evidence.attempt_id for evidence in number.evidence} <= {one, two}
    assert number.evidence
    assert (record.call_number(one), record.call_number(two)) == (1, 3)
    for evidence in (*thing.evidence, *number.evidence):
        assert loud_at(parts, evidence), evidence
        (call,) = (attempt for attempt in record.attempts if attempt.id == evidence.attempt_id)
        said = [line for line in call.transcript if line.speaker is Speaker.CANDIDATE]
        assert any(evidence.quote in line.text for line in said)
    assert parts.archive.verify().sound


def loud_at(parts, evidence):
    """Whether the candidate is heard there, in the recording of that call."""
    with parts.archive.open_recording(evidence.attempt_id) as reader, wave.open(reader) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)[:, 0]
    return np.abs(samples[evidence.start_ms * 8 : evidence.end_ms * 8].astype(int)).max() > 1000
