"""A whole interview on this machine: the real gateway talks to a simulated candidate over a real socket.

Nothing is pretended between the two but the telephone line: the candidate hears the interviewer's audio and recognises
it, the interviewer hears the candidate's.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dialog_flows.engine import lines
from dialog_flows.schema import Flow
from models.audio import AudioChunk
from models.call import Candidate, DialRequest, Disposition
from models.dialog import DialogState
from models.errors import TelephonyError
from models.interview import InterviewRecord
from models.speech import Speaker, Utterance
from telephony.loopback import Handset, Hook, LoopbackGateway, Press
from voicebot import dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.archive.export import record_to_json
from voicebot.call import recover
from voicebot.conversation import CallObserver
from voicebot.measure.level import loudness
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal.candidate import Heard, SimulatedCandidate
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script, lines_to_answer
from voicebot.speech.cached_voice import CachedVoice
from voicebot.speech.error_rate import error_rate
from voicebot.wiring import Parts

FILED_WITHIN_S = 60
"""After the phone is down: recognising the last words, closing the recording, scoring."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What came of a demo call."""

    record: InterviewRecord
    candidate_said: tuple[str, ...]
    """The words that the persona spoke, sentence for sentence."""
    candidate_heard: tuple[Heard, ...]
    """What the persona understood of the interviewer, by ear."""

    @property
    def word_error_rate(self) -> float | None:
        """Of the candidate's words as the archive has them (Mandarin: characters). None when nothing was said."""
        if not self.candidate_said:
            return None
        heard = (line.text for line in self.record.transcript if line.speaker is Speaker.CANDIDATE)
        return error_rate(" ".join(self.candidate_said), " ".join(heard), self.record.language)

    def to_json(self) -> dict[str, Any]:
        return record_to_json(self.record) | {
            "candidate_said": list(self.candidate_said),
            "candidate_heard": [{"text": heard.text, "start_ms": heard.start_ms} for heard in self.candidate_heard],
            "word_error_rate": self.word_error_rate,
        }


class Follower:
    """Passes a call's news on, and remembers when it has been filed."""

    def __init__(self, screen: CallObserver) -> None:
        self.done = asyncio.Event()
        self._screen = screen

    def line_began(self, text: str, at_ms: int) -> None:
        self._screen.line_began(text, at_ms)

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None:
        self._screen.candidate_said(utterance, meaning)

    def moved(self, state: DialogState) -> None:
        self._screen.moved(state)

    def filed(self, interview_id: str) -> None:
        self._screen.filed(interview_id)
        self.done.set()


Calls = dict[str, Follower]
"""Those that a gateway holds, by their interview's id."""


class _Metered:
    """A handset whose loudness can be watched."""

    EVERY = 6
    """Frames between readings: 120 ms."""

    def __init__(self, handset: Handset, on_level: Callable[[int, float, float], None]) -> None:
        self._handset = handset
        self._on_level = on_level
        self._frames = 0

    def exchange(self, heard: bytes) -> bytes | Press | Hook | None:
        said = self._handset.exchange(heard)
        self._frames += 1
        if self._frames % self.EVERY == 0:
            self._on_level(self._frames * 20, loudness(said) if isinstance(said, bytes) else 0.0, loudness(heard))
        return said


def fill(parts: Parts, flow: Flow, persona: Persona) -> tuple[Flow, dict[str, str]]:
    """`flow` ready for a call to `persona`, and the variables that made it so: what the flow does not say itself."""
    variables = personas.variables(persona, flow, parts.settings)
    return flow.fill(variables), variables


def rehearsed_lines(flow: Flow, persona: Persona) -> int:
    """How many lines `rehearse` renders."""
    return len(lines(flow)) + len(persona.sentences())


async def rehearse(
    parts: Parts,
    flow: Flow,
    persona: Persona,
    persona_voice: CachedVoice,
    on_rendered: Callable[[], None] = lambda: None,
) -> dict[str, AudioChunk]:
    """Render what both sides may say in the flow's language, so that nothing competes with the call.

    Returns the persona's sentences.
    """
    await parts.voice(flow.language).prepare(lines(flow), on_rendered)
    speech = {}
    for sentence in persona.sentences():
        speech[sentence] = await persona_voice.speak(sentence)
        on_rendered()
    return speech


async def hold(
    parts: Parts,
    flow: Flow,
    variables: dict[str, str],
    persona: Persona,
    speech: dict[str, AudioChunk],
    screen: CallObserver,
    on_level: Callable[[int, float, float], None] = lambda now_ms, candidate, interviewer: None,
    *,
    listener: socket.socket | None = None,
) -> Demo:
    """Call the persona once. `flow` is filled, `speech` has every sentence of the persona. `listener`: where the
    gateway takes the call, else any free port.

    Raises TelephonyError when the call was never filed.
    """
    await asyncio.to_thread(recover, parts)
    candidate = SimulatedCandidate(persona, Script(persona, lines_to_answer(flow)), speech, _ear(parts, flow.language))
    interview_id = await call(parts, flow, variables, persona, _Metered(candidate, on_level), screen, listener=listener)
    await candidate.finish()
    record = await asyncio.to_thread(parts.archive.interview, interview_id)
    return Demo(record, tuple(candidate.said), tuple(candidate.heard))


async def call(
    parts: Parts,
    flow: Flow,
    variables: dict[str, str],
    persona: Persona,
    handset: Handset,
    screen: CallObserver,
    *,
    listener: socket.socket | None = None,
) -> str:
    """Start a gateway, call the persona once (see `ring`), and stop it. Returns the interview's id."""
    calls: Calls = {}
    async with serving(create_app(parts, calls.__getitem__, api=False), listener or listen("127.0.0.1", 0)) as address:
        return await ring(parts, flow, variables, persona, handset, f"ws://{address}/media", calls, screen)


async def ring(
    parts: Parts,
    flow: Flow,
    variables: dict[str, str],
    persona: Persona,
    handset: Handset,
    media_url: str,
    calls: Calls,
    screen: CallObserver,
) -> str:
    """Call the persona, whose phone `handset` is, and wait until the call has been filed. Returns the interview's id.

    `calls`: where the gateway at `media_url` looks up its calls' observers; this one will be there, and tells `screen`.
    Raises TelephonyError when that did not happen.
    """

    def pick_up(_request: DialRequest) -> Handset | Disposition:
        return handset

    who = _somebody(persona)
    interview_id = await dialler.schedule(parts, flow, who, variables)
    follower = calls[interview_id] = Follower(screen)
    await dialler.place_call(parts, LoopbackGateway(media_url, pick_up), interview_id, who.phone)
    try:
        async with asyncio.timeout(FILED_WITHIN_S):
            await follower.done.wait()
    except TimeoutError:
        raise TelephonyError("the gateway did not take the call; `voicebot archive show` has what was filed") from None
    return interview_id


def _somebody(persona: Persona) -> Candidate:
    """Somebody new for each call, or a persona that asks never to be called again could not be rehearsed twice.

    The number can belong to nobody: there is no area code 555.
    """
    id = f"demo-{persona.id}-{secrets.token_hex(4)}"
    return Candidate(id, persona.name, phone=f"+1555{secrets.randbelow(10**7):07}")


def _ear(parts: Parts, language: str) -> Callable[[AudioChunk], Any]:
    async def hear(audio: AudioChunk) -> str:
        return (await parts.recognition.transcribe(audio, language)).text

    return hear
