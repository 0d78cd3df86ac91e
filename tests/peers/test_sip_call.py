"""A whole interview over SIP: Debian's baresip is the candidate's phone, from the dial to the archive. In real time."""

import asyncio
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from softphone import Softphone, free_udp_port

from dialog_flows import loader
from models.call import Candidate, Disposition
from models.speech import Speaker
from telephony.sip import SipGateway, SipTrunk
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
    """Has the phone say each answer when its question has been heard."""

    def __init__(self, phone, voice, speech):
        self.phone, self.voice, self.speech = phone, voice, speech
        self.cues = set()

    def line_began(self, text, at_ms):
        if text in ANSWERS:
            cue = asyncio.create_task(self._answer(text))
            self.cues.add(cue)

    async def _answer(self, text):
        line = await self.voice.speak(text)
        await asyncio.sleep(line.duration_ms / 1000 + THINKS_S)
        self.phone.say(self.speech[ANSWERS[text]].pcm, f"answer-{len(self.cues)}")


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_an_interview_from_dial_to_archive(tmp_path, parts, codec):
    parts = replace(parts, live_calls=LiveCalls(most=1))
    persona = Persona(id="maya", name="Maya", flow="brief", answers={})
    filled, variables = demo.fill(parts, BRIEF, persona)
    await demo.rehearse(parts, filled, persona, parts.voice("en"))
    speech = {answer: await parts.voice("en").speak(answer) for answer in ANSWERS.values()}
    async with Softphone(tmp_path / "phone", options=f"answermode=auto;audio_codecs={codec}") as phone:
        trunk = SipTrunk("engine", f"127.0.0.1:{phone.sip_port}", interface="127.0.0.1",
                         listen=f"127.0.0.1:{free_udp_port()}")  # fmt: skip
        interview_id = await outbound.hold(
            parts, SipGateway(trunk), filled, variables, Candidate(f"maya-{codec}", "Maya", "candidate"),
            Cues(phone, parts.voice("en"), speech), None,
        )  # fmt: skip
        heard = phone.heard()
    record = parts.archive.interview(interview_id)
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
    assert loud_ms(heard) == pytest.approx(loud_ms(tracks[1].tobytes()), rel=0.1)


def loud_ms(pcm):
    return np.count_nonzero(np.abs(np.frombuffer(pcm, np.int16)) > 500) / 8
