"""A simulated candidate on the phone: listens to the interviewer's audio, and answers when it has finished speaking.

It hears only what comes out of the earpiece, recognises it, and looks up what its persona says to that: a question that
is not audible gets no answer. What it says was rendered before the call.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ, AudioChunk
from telephony.loopback import FRAME_BYTES, Hook
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script
from voicebot.speech.vad import WebRtcVad

FINISHED_MS = 900
"""Silence after which the interviewer is taken to have finished: longer than its pauses between sentences."""
VOICED = 0.6
"""Detector's confidence from which a frame counts as speech."""

SILENCE = bytes(FRAME_BYTES)

Hear = Callable[[AudioChunk], Awaitable[str]]
"""Recognises what came out of the earpiece."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of the interviewer's speech, as the candidate understood it."""

    text: str
    start_ms: int
    """From when the phone was picked up."""


class SimulatedCandidate:
    """A handset (see telephony.loopback) held by a persona. Must be used on the event loop's thread."""

    def __init__(self, persona: Persona, script: Script, speech: Mapping[str, AudioChunk], hear: Hear) -> None:
        """`script`: the lines to expect and their answers; `speech`: every sentence of the persona as 8 kHz audio."""
        self.heard: list[Heard] = []
        self.said: list[str] = []
        """What it has begun to say, in order."""
        self._persona = persona
        self._script = script
        self._speech = speech
        self._hear = hear
        self._vad = WebRtcVad()
        self._clock_ms = 0
        self._listening = bytearray()
        self._listening_since_ms = 0
        self._quiet_ms = 0
        self._understanding: asyncio.Task[None] | None = None
        self._speaking = b""
        self._hang_up_after_ms: int | None = None

    def exchange(self, heard: bytes) -> bytes | Hook:
        self._clock_ms += FRAME_MS
        self._listen(heard)
        return self._speak()

    def _listen(self, heard: bytes) -> None:
        voiced = self._vad.confidence(heard) >= VOICED
        if voiced and not self._listening:
            self._listening_since_ms = self._clock_ms
        if voiced or self._listening:
            self._listening += heard
        self._quiet_ms = 0 if voiced else self._quiet_ms + FRAME_MS
        if self._listening and self._quiet_ms >= FINISHED_MS:
            self._begin_to_understand()

    def _begin_to_understand(self) -> None:
        audio = AudioChunk(bytes(self._listening), TELEPHONE_RATE_HZ, self._listening_since_ms)
        self._listening.clear()
        self._understanding = asyncio.create_task(self._understand(audio), name="simulated candidate")

    async def finish(self) -> None:
        """After the call: understand what was heard last."""
        if self._listening:
            self._begin_to_understand()
        if self._understanding is not None:
            await self._understanding

    async def _understand(self, audio: AudioChunk) -> None:
        text = await self._hear(audio)
        self.heard.append(Heard(text, audio.start_ms))
        reply = self._script.reply_to(text)
        if reply is None:
            return
        if reply.hang_up_after_ms is not None:
            self._hang_up_after_ms = self._clock_ms + reply.hang_up_after_ms
        if reply.saying:
            self.said.append(reply.saying)
            self._speaking = self._speech[reply.saying].pcm

    def _speak(self) -> bytes | Hook:
        if self._hang_up_after_ms is not None and self._clock_ms >= self._hang_up_after_ms:
            return Hook.DOWN
        frame, self._speaking = self._speaking[:FRAME_BYTES], self._speaking[FRAME_BYTES:]
        return frame.ljust(FRAME_BYTES, b"\0")
