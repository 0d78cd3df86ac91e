"""A whole interview over SIP: Debian's baresip is the candidate's phone, from the dial to the archive. In real time."""

import asyncio
import secrets
import wave
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from carriers import sip_gateway
from softphone import Softphone

from dialog_flows import loader
from models.archive import CALL_CONSENT
from models.call import Candidate, Disposition
from models.speech import Speaker
from voicebot import demo, outbound
from voicebot.conversation import Unobserved
from voicebot.live_calls import LiveCalls
from voicebot.rehearsal.persona import Persona

BRIEF = loader.load(Path(__file__).parents[1] / "flows" / "brief.yaml")
ANSWERS = {
    "May I record?": "Yes, you may.",
    "Are you Maya?": "Yes, I am.",
    "Good time?": "Yes, it is.",
    "What did you build?": "I built a payment service that handles two million requests a day.",
    "When could you start?": "In two weeks.",
    "Any questions?": "No, thank you.",
}
THINKS_S = 0.3
"""After the end of a line."""


class Cues(Unobserved):
    """Has the phone say each answer when its question has been heard, unless `acts` has something else for it to do."""

    def __init__(self, phone, voice, acts):
        self.phone, self.voice, self.acts = phone, voice, acts
        self.cues = set()

    def line_began(self, text, at_ms):
        if text in ANSWERS:
            self.cues.add(asyncio.create_task(self.acts.get(text, self.answer)(self, text)))

    async def answer(self, _, text):
        line, answer = await self.voice.speak(text), await self.voice.speak(ANSWERS[text])
        await asyncio.sleep(line.duration_ms / 1000 + THINKS_S)
        self.phone.say(answer.pcm, f"answer-{len(self.cues)}")


async def hold_for_longer_than_anybody_may_be_silent(cues, text):
    """In the middle of the question, which is then said again from the beginning of the phrase."""
    await asyncio.sleep(0.5)
    cues.phone.hold()
    await asyncio.sleep(6)
    cues.phone.resume()
    await cues.answer(cues, text)


async def hang_up(cues, text):
    await asyncio.sleep(0.3)
    cues.phone.hang_up()


async def vanish(cues, text):
    cues.phone.vanish()


async def held(tmp_path, parts, codec, **acts):
    """The filed call, and the phone."""
    parts = replace(parts, live_calls=LiveCalls(most=1))
    persona = Persona(id="maya", name="Maya", flow="brief", answers={})
    filled, variables = demo.fill(parts, BRIEF, persona)
    voice = parts.voice("en")
    await demo.rehearse(parts, filled, persona, voice)
    await voice.prepare(list(ANSWERS.values()))
    async with Softphone(tmp_path / "phone", options=f"answermode=auto;audio_codecs={codec}") as phone:
        who = Candidate(secrets.token_hex(4), "Maya", "candidate")
        cues = Cues(phone, voice, acts)
        now = datetime.now(UTC)
        person = parts.archive.people.file(who, now)
        parts.archive.people.consent(person.id, CALL_CONSENT, "You may call me.", "form", now)
        async with sip_gateway(phone.sip_port) as gateway:
            interview_id = await outbound.hold(parts, gateway, filled, variables, who, cues, None)
    assert len(parts.live_calls) == 0
    return filled, parts.archive.interview(interview_id), phone


HOLD = {"When could you start?": hold_for_longer_than_anybody_may_be_silent}


@pytest.mark.parametrize(("codec", "acts"), [("PCMU", {}), ("PCMA", HOLD)], ids=["pcmu", "pcma-with-a-hold"])
async def test_an_interview_from_dial_to_archive(tmp_path, parts, codec, acts):
    filled, record, phone = await held(tmp_path, parts, codec, **acts)
    assert record.disposition is Disposition.COMPLETED
    said = [line.text for line in record.transcript if line.speaker is Speaker.INTERVIEWER and line.heard]
    assert said[0] == filled.disclosure
    assert said[-1] == filled.closing
    words = " ".join(line.text for line in record.transcript if line.speaker is Speaker.CANDIDATE).lower()
    assert "payment service" in words
    assert "two weeks" in words
    assert record.scorecard is not None
    assert record.call_facts["answered_by"] == "human"
    assert f"{codec} 8000Hz".encode() in phone.log
    with parts.archive.open_recording(record.attempts[-1].id) as file, wave.open(file) as recording:
        tracks = np.frombuffer(recording.readframes(recording.getnframes()), np.int16).reshape(-1, 2).T
    assert recording.getnframes() / 8 == pytest.approx(record.recording.duration_ms, abs=50)
    for line in record.transcript[-8:]:
        track = tracks[0 if line.speaker is Speaker.CANDIDATE else 1]
        assert np.abs(track[line.start_ms * 8 : line.end_ms * 8]).max() > 1000
    if not acts:  # after a hold the phone writes another file
        assert loud_ms(phone.heard()) == pytest.approx(loud_ms(tracks[1].tobytes()), rel=0.1)


@pytest.mark.parametrize("leave", [hang_up, vanish])
async def test_a_call_that_breaks_off_is_dropped_and_what_was_said_is_kept(tmp_path, parts, monkeypatch, leave):
    monkeypatch.setattr("telephony.sip.gateway.NO_MEDIA_S", 3)
    _, record, _ = await held(tmp_path, parts, "PCMU", **{"Are you Maya?": leave})
    assert record.disposition is Disposition.DROPPED
    assert [line.text for line in record.transcript if line.speaker is Speaker.CANDIDATE] == ["Yes, you may."]
    assert record.recording is not None


def loud_ms(pcm):
    return np.count_nonzero(np.abs(np.frombuffer(pcm, np.int16)) > 500) / 8
