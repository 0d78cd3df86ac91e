"""The candidate speaks while the interviewer does. Measured by ear: at the phone, in audio time."""

import numpy as np
import pytest

from models.audio import FRAME_MS, AudioChunk
from models.call import Disposition
from models.speech import Speaker
from telephony.loopback import FRAME_BYTES, Hook
from voicebot import demo
from voicebot.conversation import Unobserved
from voicebot.rehearsal.candidate import SimulatedCandidate
from voicebot.rehearsal.persona import Persona, Reply
from voicebot.rehearsal.script import Script, lines_to_answer

QUESTION = "Please tell me about a project that you finished."
PERSONA = Persona(
    id="interrupter",
    name="Maya",
    flow="short",
    answers={
        "consent": "Yes, that's fine.",
        "identity": "Yes, speaking.",
        "good_time": "Yes, it is.",
        "project": "I rewrote our billing service, and errors fell from four percent to one.",
        "project.number": Reply(hang_up_after_ms=0),
        "first_day": Reply(hang_up_after_ms=0),
    },
)
OPENING_ANSWERS = 3
HEARD_BEFORE_MS = 1700
"""How much of "Great, let's begin" and the first question is heard before the sound is made."""


def loud(frame):
    return np.abs(np.frombuffer(frame, np.int16).astype(int)).max() > 500


class Interrupter:
    """Answers as the persona does, and once makes a sound over the interviewer's first question."""

    def __init__(self, candidate, sound):
        self.candidate = candidate
        self.sound = sound.pcm
        self.heard = []
        self.heard_ms = 0
        """Of the interviewer's speech since the last answer of the opening."""
        self.onset_frame = None
        """When the sound becomes audible."""

    def exchange(self, heard):
        self.heard.append(heard)
        said = self.candidate.exchange(heard)
        if said is Hook.DOWN:
            return said
        if len(self.candidate.said) >= OPENING_ANSWERS and not loud(said):
            self.heard_ms += FRAME_MS * loud(heard)
        if self.heard_ms >= HEARD_BEFORE_MS and self.sound:
            said, self.sound = self.sound[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), self.sound[FRAME_BYTES:]
            if self.onset_frame is None and loud(said):
                self.onset_frame = len(self.heard)
        return said

    def stopped_after_ms(self):
        """From the onset until the interviewer has begun to be quiet for half a second."""
        after = [loud(frame) for frame in self.heard[self.onset_frame :]]
        return FRAME_MS * next(at for at in range(len(after)) if not any(after[at : at + 25]))


@pytest.fixture
def call(parts, short_flow):
    """Calls a handset. Returns the filed interview."""

    async def hold(handset):
        filled, variables = demo.fill(parts, short_flow, PERSONA)
        interview_id = await demo.call(parts, filled, variables, PERSONA, handset, Unobserved())
        return parts.archive.interview(interview_id)

    return hold


@pytest.fixture
def interrupted(parts, short_flow, call):
    """Holds the short interview with a candidate who makes this sound over the first question."""

    async def hold(sound):
        filled, _ = demo.fill(parts, short_flow, PERSONA)
        speech = await demo.rehearse(parts, filled, PERSONA, parts.voice("en"))

        async def hear(audio):
            return (await parts.recognition.transcribe(audio, "en")).text

        candidate = SimulatedCandidate(PERSONA, Script(PERSONA, lines_to_answer(filled)), speech, hear)
        phone = Interrupter(candidate, sound)
        return await call(phone), phone

    return hold


def asked(record, phone):
    """The one time that the question was asked; the sound was made while it was being said."""
    lines = [line for line in record.transcript if line.speaker is Speaker.INTERVIEWER]
    (line,) = [line for line in lines if line.text.startswith(QUESTION[:6])]
    assert line.start_ms < phone.onset_frame * FRAME_MS < line.start_ms + 2000
    return line


async def test_speech_stops_the_interviewer_at_once_and_is_taken_as_the_answer(parts, interrupted):
    answer = await parts.voice("en").speak("I finished a search engine for a library. It cut waiting times by half.")
    record, phone = await interrupted(answer)
    assert phone.stopped_after_ms() <= 300
    line = asked(record, phone)
    assert not line.heard
    assert QUESTION.startswith(line.text.rstrip("…"))
    assert "library" in record.answers[0].text
    assert record.answers[0].question_id == "project"


async def test_an_okay_is_waited_for_and_the_question_goes_on(parts, interrupted):
    record, phone = await interrupted(await parts.voice("en").speak("Okay."))
    line = asked(record, phone)
    assert (line.heard, line.text) == (True, QUESTION)
    assert "billing" in record.answers[0].text
    (okay,) = [line for line in record.transcript if line.meaning == "backchannel"]
    assert "okay" in okay.text.lower()


async def test_a_hum_does_not_stop_the_interviewer(parts, interrupted):
    record, phone = await interrupted(await parts.kokoro("jm_kumo").speak("Hmm."))
    line = asked(record, phone)
    assert line.heard
    assert line.end_ms - line.start_ms <= (await parts.voice("en").speak(QUESTION)).duration_ms + 200
    assert "billing" in record.answers[0].text


async def test_a_cough_does_not_stop_the_interviewer(parts, interrupted):
    noise = np.random.default_rng(7).normal(0, 0.2, 2400) * np.exp(-np.arange(2400) / 600)
    cough = AudioChunk((np.clip(noise, -1, 1) * 32767).astype(np.int16).tobytes(), 8000)
    record, phone = await interrupted(cough)
    line = asked(record, phone)
    assert line.heard
    assert line.end_ms - line.start_ms <= (await parts.voice("en").speak(QUESTION)).duration_ms + 200


class Loudspeaker:
    """A phone on the table: what it plays comes back into its microphone, quieter and later."""

    DELAY_FRAMES = 12
    GAIN = 0.15

    def __init__(self, candidate):
        self.candidate = candidate
        self.air = [bytes(FRAME_BYTES)] * self.DELAY_FRAMES

    def exchange(self, heard):
        self.air.append(heard)
        said = self.candidate.exchange(heard)
        if said is Hook.DOWN:
            return said
        echo = np.frombuffer(self.air.pop(0), np.int16) * self.GAIN
        return np.clip(np.frombuffer(said, np.int16) + echo, -32768, 32767).astype(np.int16).tobytes()


async def test_the_interviewers_own_echo_neither_interrupts_nor_answers(parts, short_flow, call):
    filled, _ = demo.fill(parts, short_flow, PERSONA)
    speech = await demo.rehearse(parts, filled, PERSONA, parts.voice("en"))

    async def hear(audio):
        return (await parts.recognition.transcribe(audio, "en")).text

    candidate = SimulatedCandidate(PERSONA, Script(PERSONA, lines_to_answer(filled)), speech, hear)
    record = await call(Loudspeaker(candidate))
    cut = [line.text for line in record.transcript[:-1] if not line.heard]
    assert not cut, [(line.start_ms, line.speaker.value, line.text) for line in record.transcript]
    said = [line.text for line in record.transcript if line.speaker is Speaker.CANDIDATE]
    assert len(said) == len(candidate.said) == 4, said
    assert "billing" in record.answers[0].text


class Talker:
    """Talks from the moment of picking up, and hangs up after some seconds, if nobody does so before."""

    def __init__(self, speech, seconds=12):
        self.speech = speech.pcm
        self.seconds = seconds
        self.frames = 0

    def exchange(self, heard):
        self.frames += 1
        if self.frames > self.seconds * 1000 // FRAME_MS:
            return Hook.DOWN
        said, self.speech = self.speech[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), self.speech[FRAME_BYTES:]
        return said


async def test_the_disclosure_cannot_be_interrupted(parts, short_flow, call):
    talk = await parts.voice("en").speak("Hello? Hello, who is this? What do you want from me? Tell me who you are.")
    disclosure = (await call(Talker(talk))).transcript[0]
    assert (disclosure.speaker, disclosure.position) == (Speaker.INTERVIEWER, "disclosure")
    assert disclosure.heard
    assert disclosure.text == demo.fill(parts, short_flow, PERSONA)[0].disclosure


async def test_an_opt_out_over_the_disclosure_ends_the_call(parts, call):
    record = await call(Talker(await parts.voice("en").speak("Please don't call me again."), seconds=40))
    assert record.disposition is Disposition.OPTED_OUT
    spoken = [line.text for line in record.transcript if line.speaker is Speaker.CANDIDATE]
    assert "call me again" in spoken[0].lower()
    assert not any(line.position == "consent" for line in record.transcript)


class LateOptOut:
    """Says goodbye to the first question, and "don't call me again" over the interviewer's goodbye."""

    def __init__(self, candidate, opt_out):
        self.candidate = candidate
        self.opt_out = opt_out.pcm
        self.closing_ms = 0

    def exchange(self, heard):
        said = self.candidate.exchange(heard)
        if len(self.candidate.said) < OPENING_ANSWERS + 1 or loud(said):
            return said
        self.closing_ms += FRAME_MS * loud(heard)
        if self.closing_ms < 400:
            return said
        said, self.opt_out = self.opt_out[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), self.opt_out[FRAME_BYTES:]
        return said


async def test_an_opt_out_over_the_goodbye_counts(parts, short_flow, call):
    persona = PERSONA.model_copy(
        update={"answers": PERSONA.answers | {"project": (Reply(saying="I have to go now."),)}}
    )
    filled, _ = demo.fill(parts, short_flow, persona)
    speech = await demo.rehearse(parts, filled, persona, parts.voice("en"))

    async def hear(audio):
        return (await parts.recognition.transcribe(audio, "en")).text

    candidate = SimulatedCandidate(persona, Script(persona, lines_to_answer(filled)), speech, hear)
    opt_out = await parts.voice("en").speak("And please don't call me again.")
    assert (await call(LateOptOut(candidate, opt_out))).disposition is Disposition.OPTED_OUT
