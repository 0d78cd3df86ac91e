"""Who picks up, found out by ear in whole calls: what a carrier without detection of its own would leave to us."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dialog_flows import loader
from models.call import Candidate, Disposition
from models.speech import Speaker
from telephony.loopback import FRAME_BYTES, Hook, LoopbackGateway
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.live_calls import LiveCalls
from voicebot.pipeline.media_stream import MediaStreamTransport
from voicebot.rehearsal.persona import Persona

FLOWS = Path(__file__).parents[1] / "flows"
GREETING = "Hi, you've reached Dave. I can't come to the phone right now. Please leave a message after the tone."
NO_WORDING = "Hi, this is Dave and Lucy's house. You know what to do, and we'll see."
SCREENER = (
    "Hi, the person you're calling is using a screening service, and will get a copy of this conversation. "
    "Go ahead and say your name, and why you're calling."
)
BUSINESS = "Good morning, Acme Corporation, Ann speaking, how can I help you?"
ZH_GREETING = "您好，我现在不方便接电话，请在提示音后留言。"


@pytest.fixture(autouse=True)
def carrier_that_does_not_tell(monkeypatch):
    monkeypatch.setattr(MediaStreamTransport, "tells_who_answered", False)


def beep(hz=1000, ms=500):
    sound = 6000 * np.sin(2 * np.pi * hz * np.arange(ms * 8) / 8000)
    return sound.astype(np.int16).tobytes()


def silence(ms):
    return bytes(ms * 16)


class Phone:
    """Plays this from the moment it is picked up, and hangs up in the end; keeps what it hears."""

    def __init__(self, *parts):
        said = b"".join(parts)
        self.frames = [said[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for at in range(0, len(said), FRAME_BYTES)]
        self.heard = bytearray()

    def exchange(self, heard):
        self.heard += heard
        return self.frames.pop(0) if self.frames else Hook.DOWN


async def call(parts, flow, phone, voicemail="hang_up"):
    """The filed interview, and what the interviewer said."""
    parts = replace(parts, live_calls=LiveCalls(most=1))
    text = flow.published_text.replace("policies:\n", f"policies:\n  voicemail: {voicemail}\n", 1)
    persona = Persona(id="p", name="Maya", flow="short", language=flow.language, answers={})
    filled, variables = demo.fill(parts, loader.parse_published(text), persona)
    await parts.voice(flow.language).prepare([filled.disclosure, filled.consent.ask])
    interview_id = await dialler.schedule(parts, filled, Candidate("maya", "Maya", "+15555550177"), variables)
    async with serving(create_app(parts), listen("127.0.0.1", 0)) as address:
        gateway = LoopbackGateway(f"ws://{address}/media", lambda request: phone)
        await dialler.place_call(parts, gateway, interview_id, "+15555550177")
        await parts.live_calls.ended()
    record = parts.archive.interview(interview_id)
    said = [line.text for line in record.transcript if line.speaker is Speaker.INTERVIEWER and line.heard]
    return filled, record, said


@pytest.fixture
def flows(short_flow):
    return {"en": short_flow, "zh": loader.load(FLOWS / "short.zh.yaml")}


@pytest.fixture
def speak(parts):
    async def speech(text):
        return (await parts.voice("en" if text.isascii() else "zh").speak(text)).pcm

    return speech


@pytest.mark.parametrize("text", [GREETING, ZH_GREETING])
async def test_a_machine_is_hung_up_on(parts, flows, speak, text):
    greeting = await speak(text)
    phone = Phone(greeting, silence(400), beep(), silence(60_000))
    _, record, _ = await call(parts, flows["en" if text.isascii() else "zh"], phone)
    assert record.disposition is Disposition.VOICEMAIL
    assert record.call_facts["answered_by"] in ("machine", "machine_ready")
    assert record.call_facts["duration_ms"] < len(greeting) / 16 + 5000
    assert record.answers == ()


@pytest.mark.parametrize(("text", "hz"), [(GREETING, 440), (NO_WORDING, 1400)])
async def test_a_message_is_left_after_the_beep(parts, flows, speak, text, hz):
    """A greeting that no wording gives away is known for a machine's when it does not reply."""
    phone = Phone(await speak(text), silence(700), beep(hz), silence(60_000))
    filled, record, said = await call(parts, flows["en"], phone, voicemail="leave_message")
    assert record.disposition is Disposition.VOICEMAIL
    assert said[-1] == filled.lines.voicemail
    assert phone.frames, "it was we who hung up"


async def test_an_assistant_is_told_who_calls_and_the_candidate_hears_the_disclosure(parts, flows, speak):
    phone = Phone(await speak(SCREENER), silence(14_000), await speak("Hello? This is Maya."), silence(12_000))
    filled, record, said = await call(parts, flows["en"], phone)
    told = said.index(filled.lines.screening)
    assert said[told + 1 : told + 3] == [filled.disclosure, filled.consent.ask]
    heard = {line.meaning: line.text for line in record.transcript if line.speaker is Speaker.CANDIDATE}
    assert "screening service" in heard["screening"]
    assert "Maya" not in heard["screening"]


async def test_an_assistant_that_puts_nobody_through(parts, flows, speak):
    phone = Phone(await speak(SCREENER), silence(20_000))
    _, record, _ = await call(parts, flows["en"], phone)
    assert record.disposition is Disposition.NO_ANSWER


async def test_a_fax(parts, flows):
    phone = Phone(silence(1500), beep(2100, 3000), silence(30_000))
    _, record, _ = await call(parts, flows["en"], phone)
    assert record.disposition is Disposition.FAX
    assert record.call_facts["duration_ms"] < 5000


async def test_nobody(parts, flows):
    phone = Phone(silence(90_000))
    _, record, _ = await call(parts, flows["en"], phone)
    assert record.disposition is Disposition.UNRESPONSIVE
    assert record.call_facts["answered_by"] == "none"


@pytest.mark.parametrize("text", ["Hello?", BUSINESS])
async def test_a_person_is_talked_to(parts, flows, speak, text):
    phone = Phone(silence(500), await speak(text), silence(16_000))
    filled, record, said = await call(parts, flows["en"], phone, voicemail="leave_message")
    assert said[:2] == [filled.disclosure, filled.consent.ask]
    assert record.call_facts["answered_by"] == "human"
