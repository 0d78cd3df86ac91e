"""What becomes of an interview on a bad line, on a line that never ends, and among many. Time leaps."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from person import Person, loud

from dialog_flows import loader
from models.call import CallEnded, Candidate, Disposition
from models.errors import NoFreeSlot, OptedOut
from telephony.loopback import LoopbackGateway, Press
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.conversation import Unobserved
from voicebot.live_calls import LiveCalls
from voicebot.rehearsal.persona import Persona
from voicebot.settings import Vad

FLOW = Path(__file__).parents[1] / "flows" / "brief.yaml"
SAYS = {
    "May I record?": "Yes, that's fine.",
    "Are you Joe?": "Yes, speaking.",
    "Good time?": "Yes, it is.",
    "What did you build?": "I built a billing service, and then I built a search engine for the shop.",
    "When could you start?": "In two weeks.",
    "Any questions?": "No, thank you.",
}
LOSSY_S = 30


@pytest.fixture
def parts(parts):
    """With the detector that costs least."""
    return replace(parts, settings=parts.settings.model_copy(update={"vad": Vad.WEBRTC}))


class Keys(Unobserved):
    """Presses these keys, one after each line of the interviewer, and says nothing."""

    def __init__(self, keys):
        self._keys = iter(keys)
        self._quiet_ms = 0

    def exchange(self, heard):
        self._quiet_ms = 0 if loud(heard) else self._quiet_ms + 20
        if self._quiet_ms == 1000 and (key := next(self._keys, None)):
            return Press(key)
        return bytes(320)


def filled(parts, name="Joe", **policies):
    flow = loader.load(FLOW)
    text = flow.published_text + "".join(f"  {key}: {value}\n" for key, value in policies.items())
    return demo.fill(parts, loader.parse(text, "brief.yaml"), Persona(id="p", name=name, flow="brief", answers={}))


async def call(parts, phone, flow, variables, number="+15555550144"):
    await dialler.prepare(parts, flow)
    interview_id = await dialler.schedule(parts, flow, Candidate(number, "Joe", number), variables)
    async with serving(create_app(parts, lambda _: phone), listen("127.0.0.1", 0)) as address:
        gateway = LoopbackGateway(f"ws://{address}/media", lambda _: phone, ringing_ms=0)
        await dialler.place_call(parts, gateway, interview_id, number)
        await parts.live_calls.ended()
    return parts.archive.interview(interview_id)


class BadLine(Person):
    """Loses every fifth packet of the first half minute, in no order."""

    def __init__(self, says):
        super().__init__(says)
        self._packets, self._chance = 0, random.Random(5)

    def exchange(self, heard):
        said = super().exchange(heard)
        self._packets += 1
        return None if self._packets <= LOSSY_S * 50 and self._chance.random() < 0.2 else said


async def test_half_a_minute_of_lost_packets_ends_no_interview(parts):
    flow, variables = filled(parts)
    joe = BadLine({line: (await parts.voice("en").speak(text)).pcm for line, text in SAYS.items()})
    record = await call(parts, joe, flow, variables, "+15555550145")
    assert record.disposition is Disposition.COMPLETED
    assert [answer.question_id for answer in record.answers] == ["project", "start"]
    assert "search" in record.answers[0].text
    assert record.call_facts["lost_audio_ms"] >= 0.1 * min(LOSSY_S * 1000, record.call_facts["duration_ms"])
    assert abs(record.recording.duration_ms - record.call_facts["duration_ms"]) <= 50


async def test_a_call_has_a_longest_time_and_a_polite_end(parts):
    flow, variables = filled(parts, max_call_minutes=1, max_repeats=10)
    record = await call(parts, Keys("111" + "*" * 100), flow, variables)
    assert record.disposition is Disposition.TOO_LONG
    assert record.transcript[-1].text == flow.lines.too_long
    assert record.transcript[-1].heard
    assert 60_000 <= record.call_facts["duration_ms"] <= 70_000
    assert len(parts.live_calls) == 0


async def test_key_nine_ends_the_call_and_the_number_is_never_dialled_again(parts):
    flow, variables = filled(parts)
    number = "+15555550146"
    record = await call(parts, Keys("19"), flow, variables, number)
    assert record.disposition is Disposition.OPTED_OUT
    assert record.transcript[-1].text == flow.lines.opt_out
    other = Candidate("another", "Ann", number)
    with pytest.raises(OptedOut):
        await dialler.schedule(parts, flow, other, variables)


async def test_twenty_calls_at_once_are_held_and_the_twenty_first_leaves_no_trace(parts):
    parts = replace(parts, live_calls=LiveCalls(most=20))
    flow, variables = filled(parts)
    await dialler.prepare(parts, flow)

    async def schedule(number):
        return await dialler.schedule(parts, flow, Candidate(number, "Joe", number), variables)

    numbers = [f"+155555502{n:02}" for n in range(21)]
    interviews = [await schedule(number) for number in numbers]
    async with serving(create_app(parts), listen("127.0.0.1", 0)) as address:
        gateway = LoopbackGateway(f"ws://{address}/media", lambda _: Keys("19"), ringing_ms=0)
        outcomes = await asyncio.gather(
            *(
                dialler.place_call(parts, gateway, interview_id, number)
                for interview_id, number in zip(interviews, numbers, strict=True)
            ),
            return_exceptions=True,
        )
        await parts.live_calls.ended()
    assert outcomes[:20] == [None] * 20
    assert isinstance(outcomes[20], NoFreeSlot)
    records = [parts.archive.interview(interview_id) for interview_id in interviews]
    assert [record.disposition for record in records] == [Disposition.OPTED_OUT] * 20 + [None]
    assert records[20].attempts == (), "it was never dialled, and counts for no quota"


async def test_a_thousand_dials_never_hold_more_legs_than_allowed(parts):
    parts = replace(parts, live_calls=LiveCalls(most=7))
    legs, most = 0, 0

    class Counting:
        rings_people = False

        async def dial(self, request):
            nonlocal legs, most
            legs += 1
            most = max(most, legs)
            return Leg()

    class Leg:
        async def events(self):
            nonlocal legs
            await asyncio.sleep(1)
            legs -= 1
            yield CallEnded(Disposition.BUSY)

    flow, variables = filled(parts)
    interview_id = await dialler.schedule(parts, flow, Candidate("m", "M", "+15555550147"), variables)

    async def dial(number):
        await asyncio.sleep(number % 100 / 50)
        return await dialler.place_call(parts, Counting(), interview_id, "+15555550147")

    outcomes = await asyncio.gather(*map(dial, range(1000)), return_exceptions=True)
    placed = outcomes.count(Disposition.BUSY)
    assert most == 7
    assert placed >= 7
    assert sum(isinstance(outcome, NoFreeSlot) for outcome in outcomes) == 1000 - placed
    assert len(parts.archive.interview(interview_id).attempts) == placed
    assert (legs, len(parts.live_calls)) == (0, 0)
