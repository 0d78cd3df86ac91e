"""A whole interview through Twilio: an emulator that others wrote takes the call and sends its signed callbacks, and a
media stream written from Twilio's documentation brings the candidate's voice over a bad network. Real time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from media_streams import MediaStream
from person import Person
from softphone import free_port
from tap import tapped
from twilio.request_validator import RequestValidator

from dialog_flows import loader
from models.archive import CALL_CONSENT
from models.call import Candidate, Disposition
from telephony.twilio import TwilioAccount, TwilioGateway
from voicebot import demo, dialler, outbound
from voicebot.archive.recordings import verify
from voicebot.live_calls import LiveCalls
from voicebot.rehearsal.persona import Persona

SID, AUTH_TOKEN, CALLER_ID = "AC" + "0" * 32, "twilio_test_auth_token", "+15551234567"
FLOW = Path(__file__).parents[1] / "flows" / "brief.yaml"
SIMULATE = "https://api.twilio.com/_twilio/simulate/call-status"
JOE = Candidate("joe", "Joe", "+14155550166")
SAYS = {
    "May I record?": "Yes, that's fine.",
    "Are you Joe?": "Yes, speaking.",
    "Good time?": "Yes, it is.",
    "What did you build?": "I built a billing service.",
    "When could you start?": "In two weeks.",
    "Any questions?": "No, thank you.",
}


def bad_network(number):
    """Every second or so a packet is lost, comes twice, or comes six packets late."""
    match number % 60:
        case 20:
            return 0, 0
        case 40:
            return 2, 0
        case 59:
            return 1, 6
    return 1, 0


async def test_an_interview_through_twilio_from_dial_to_archive(emulate, parts):
    port = free_port()
    parts = replace(
        parts,
        live_calls=LiveCalls(most=1),
        settings=parts.settings.model_copy(update={"host": "127.0.0.1", "port": port}),
    )
    flow, variables = demo.fill(parts, loader.load(FLOW), Persona(id="joe", name=JOE.name, flow="brief", answers={}))
    await dialler.prepare(parts, flow)
    joe = Person({line: (await parts.voice("en").speak(text)).pcm for line, text in SAYS.items()})
    now = datetime.now(UTC)
    parts.archive.people.consent(parts.archive.people.file(JOE, now).id, CALL_CONSENT, "We may call.", "form", now)
    async with tapped(emulate) as (api_url, forms), asyncio.timeout(100):
        account = TwilioAccount(SID, AUTH_TOKEN, CALLER_ID, f"http://127.0.0.1:{port}", api_url=api_url)
        gateway = TwilioGateway(account)
        holding = asyncio.create_task(outbound.hold(parts, gateway, flow, variables, JOE, joe, None))
        while not forms:
            await asyncio.sleep(0.05)
            assert not holding.done(), holding.result()
        (asked,) = forms
        stream = ElementTree.fromstring(asked["Twiml"][0]).find("./Connect/Stream")
        parameters = {each.get("name"): each.get("value") for each in stream.findall("Parameter")}
        (placed,) = await gateway.ask(lambda client: client.calls.list(to=JOE.phone))

        async def happens(status):
            form = {"CallSid": placed.sid, "Status": status}
            await gateway.ask(lambda client: client.request("POST", SIMULATE, data=form, auth=(SID, AUTH_TOKEN)))

        await happens("in-progress")
        url = stream.get("url").replace("wss:", "ws:")
        signature = RequestValidator(AUTH_TOKEN).compute_signature(stream.get("url"), {})
        media = MediaStream(joe, parameters, bad_network)
        await media.run(url, signature)
        again = MediaStream(joe, parameters)
        await again.run(url, signature)
        await happens("completed")
        interview_id = await holding

    record = parts.archive.interview(interview_id)
    assert record.disposition is Disposition.COMPLETED
    assert [answer.question_id for answer in record.answers] == ["project", "start"]
    assert "billing" in record.answers[0].text
    (score,) = record.scorecard.scores
    assert score.value is not None
    assert {evidence.attempt_id for evidence in score.evidence} == {record.attempts[0].id}
    assert verify(record.recording, parts.archive.folder)
    assert abs(record.recording.duration_ms - record.call_facts["duration_ms"]) <= 50
    assert record.call_facts["malformed_messages"] == 0
    assert record.call_facts["late_audio_ms"] > 0
    assert record.call_facts["lost_audio_ms"] > 0
    assert media.played_marks, "what was said has been heard before the call ended"
    assert not record.transcript[-1].text.endswith("…")
    assert again.close_code == 1008, "a stream that comes back with a used token is not let in"
    assert len(parts.live_calls) == 0
