"""What is said in a measured call: a simulated candidate's interview, or one made to fit a recorded caller's turns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from dialog_flows import loader
from dialog_flows.schema import Flow
from models.errors import UsageError
from telephony.loopback import Hook
from voicebot import demo, dialler
from voicebot.measure.caller import Speech
from voicebot.measure.labels import LabelledCall
from voicebot.rehearsal import persona as personas
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script, lines_to_answer
from voicebot.speech.cached_voice import CachedVoice
from voicebot.speech.kokoro import KokoroVoice
from voicebot.wiring import Parts, model_store

YES = {"en": "Yes, that's fine.", "zh": "好的，可以。"}
"""What a recorded caller, who was never asked, says to the opening questions."""


class Replies(Protocol):
    """One caller in one call."""

    def reply_to(self, heard: Sequence[str]) -> Speech | Hook | None:
        """What to say after these lines of the interviewer, the last of which has just ended. None: go on listening."""
        ...


@dataclass(frozen=True, slots=True)
class Interview:
    """One call that can be placed at any time and any number of times: every word of it is audio already."""

    persona: Persona
    flow: Flow
    """Filled."""
    variables: dict[str, str]
    longest: Speech
    """The longest turn."""
    turns: int | None
    """How many turns will be measured; None where it depends on what is asked."""
    replies: Callable[[], Replies]


class _PersonaReplies:
    def __init__(self, script: Script, speech: Mapping[str, Speech]) -> None:
        self._script = script
        self._speech = speech

    def reply_to(self, heard: Sequence[str]) -> Speech | Hook | None:
        reply = self._script.reply_to(" ".join(heard))
        return None if reply is None else self._speech.get(reply.saying)


class _RecordedReplies:
    """Says the recorded turns one after another, whatever the question."""

    def __init__(self, flow: Flow, agreement: Speech, turns: Iterator[Speech]) -> None:
        self._opening = {flow.consent.ask, flow.identity.ask, flow.good_time.ask}
        self._questions = set(lines_to_answer(flow).values()) - self._opening
        self._agreement = agreement
        self._turns = turns

    def reply_to(self, heard: Sequence[str]) -> Speech | Hook | None:
        asked = heard[-1] if heard else ""
        if asked in self._opening:
            return self._agreement
        return next(self._turns, Hook.DOWN) if asked in self._questions else None


def library(language: str) -> tuple[Persona, ...]:
    """The simulated candidates who prepared for a flow and stay to the end. Raises UsageError when none speaks
    `language`."""
    loaded = [personas.load(path) for path in personas.library(language)]
    patient = tuple(
        persona
        for persona in loaded
        if persona.flow is not None
        and all(reply.hang_up_after_ms is None for replies in persona.answers.values() for reply in replies)
    )
    if not patient:
        spoken = sorted(folder.name for folder in personas.LIBRARY.iterdir() if any(folder.glob("*.yaml")))
        raise UsageError(f"no simulated candidate speaks {language!r}; there are some for: {', '.join(spoken)}")
    return patient


async def of_persona(parts: Parts, persona: Persona) -> Interview:
    """The persona's own interview, every line of it rendered."""
    flow, variables = demo.fill(parts, loader.load(personas.find_flow(persona, personas.LIBRARY)), persona)
    spoken = await demo.rehearse(parts, flow, persona, _voice_of(parts, persona))
    speech = {text: Speech.of(audio) for text, audio in spoken.items()}
    script = lines_to_answer(flow)
    longest = max(speech.values(), key=lambda each: len(each.pcm))
    return Interview(persona, flow, variables, longest, None, lambda: _PersonaReplies(Script(persona, script), speech))


def _voice_of(parts: Parts, persona: Persona) -> CachedVoice:
    """Reads its weights only when a sentence is not in the cache yet: they would count as the product's memory."""
    voice = KokoroVoice(model_store(parts.settings).kokoro(), persona.voice, language=persona.language)
    return CachedVoice(voice, parts.speech_cache, parts.rehearsal)


async def of_recording(parts: Parts, call: LabelledCall, base: Path | None = None) -> Interview:
    """An interview with as many questions as the recorded caller has turns, twice over: a turn that is talked into uses
    up two. `base`: the flow that its other lines are from, else the library's first in the caller's language."""
    persona = Persona(id=call.name, name="Jordan", language=call.language, flow="replay", answers={})
    flow, variables = demo.fill(parts, _flow_for(call, base or _first_flow(call.language)), persona)
    await dialler.prepare(parts, flow)
    agreement = Speech.of(await parts.voice(call.language).speak(YES[call.language]), counts=False)
    turns = []
    for turn in call.turns:
        audio = call.audio_of(turn)
        turns.append(Speech(audio.pcm, audio.duration_ms))  # where a voice ends in a noisy line is for labels to say
    longest = max(turns, key=lambda each: len(each.pcm))
    return Interview(
        persona, flow, variables, longest, len(turns), lambda: _RecordedReplies(flow, agreement, iter(turns))
    )


def _first_flow(language: str) -> Path:
    flows = loader.library(language)
    if not flows:
        raise UsageError(f"the library has no flow in {language!r} that a recording could be replayed in")
    return flows[0]


def _flow_for(call: LabelledCall, base: Path) -> Flow:
    """The flow `base` with other questions."""
    written = yaml.safe_load(base.read_text("utf-8"))
    asks = [question["ask"] for question in written["questions"]]
    expected = [turn.expects.value for turn in call.turns]
    written["id"] = "replay"
    written["questions"] = [
        {"id": f"turn_{n + 1}", "ask": asks[n % len(asks)], "expects": expected[min(n, len(expected) - 1)]}
        for n in range(2 * len(expected))
    ]
    written["policies"] = written.get("policies", {}) | {"max_call_minutes": 120}
    return loader.parse(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), f"replay of {call.name}")
