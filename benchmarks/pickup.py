"""How well it is told who has picked up, on the labelled greetings of pickup.yaml.

    python benchmarks/pickup.py             every greeting, on a quiet line and on a noisy one
    python benchmarks/pickup.py --json      figures as JSON, with each call that was taken for something else

Greetings are spoken by the product's own voices, encoded as the telephone does (mu-law), and heard by the product's own
voice activity and recogniser: a turn's words are known a second after its end. The interviewer's disclosure is over
after nine seconds. A quiet line has a beep of 300 ms at 1000 Hz after a machine's greeting; a noisy one, with white
noise 15 dB below the speech, one of 120 ms at 440 and 880 Hz.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from models.audio import TELEPHONE_RATE_HZ, AudioChunk, ms_to_bytes
from telephony.answered_by import AnsweredBy
from telephony.g711 import mulaw_to_pcm, pcm_to_mulaw
from telephony.pickup import Pickup
from voicebot import logs, settings, wiring
from voicebot.pipeline.activity import activity
from voicebot.speech.pcm import to_samples

LABELS = Path(__file__).with_name("pickup.yaml")
DISCLOSED_MS, REPLY_MS, CALL_MS = 9000, 10_500, 24_000
PAUSE_MS = 1000
"""Between turns; and how long after a turn its words are known."""
BEFORE_MS, BEFORE_BEEP_MS = 500, 600
LINES = {"quiet": (60.0, 300, (1000,)), "noisy": (15.0, 120, (440, 880))}
"""Noise below the speech in dB, and the beep's length and frequencies."""

AS = {AnsweredBy.MACHINE_READY: "machine", AnsweredBy.UNKNOWN: "none"}


@dataclass(frozen=True)
class Call:
    who: str
    language: str
    line: str
    said: str
    audio: AudioChunk


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logs.configure()
    parts = wiring.load(settings.load())
    try:
        counted, wrong = asyncio.run(measured(parts))
    finally:
        parts.close()
    report = {"classes": table(counted), "wrong": wrong}
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return
    for who, row in report["classes"].items():
        print(f"{who:10} {row['calls']:3} calls  precision {row['precision']:.2f}  recall {row['recall']:.2f}")
    for each in wrong:
        print(f"{each['who']} taken for {each['taken_for']} ({each['line']}): {each['said']}")


async def measured(parts: wiring.Parts) -> tuple[Counter[tuple[str, str]], list[dict[str, str]]]:
    counted: Counter[tuple[str, str]] = Counter()
    wrong = []
    for call in [call async for call in calls(parts)]:
        taken_for = await judged(parts, call)
        counted[call.who, taken_for] += 1
        if taken_for != call.who:
            wrong.append({"who": call.who, "taken_for": taken_for, "line": call.line, "said": call.said})
    return counted, wrong


def table(counted: Counter[tuple[str, str]]) -> dict[str, dict[str, float]]:
    rows = {}
    for who in ("human", "machine", "screening", "fax", "none"):
        calls = sum(n for (label, _), n in counted.items() if label == who)
        taken = sum(n for (_, taken_for), n in counted.items() if taken_for == who)
        right = counted[who, who]
        rows[who] = {"calls": calls, "precision": right / max(1, taken), "recall": right / max(1, calls)}
    return rows


async def calls(parts: wiring.Parts):
    labelled = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    for line in LINES:
        for language, classes in labelled.items():
            for who, said in classes.items():
                for each in said:
                    texts = each if isinstance(each, list) else [each]
                    spoken = [await parts.voice(language).speak(text) for text in texts]
                    yield Call(who, language, line, texts[0], on_the_line(who, line, spoken))
        for name, sound in faxes():
            yield Call("fax", "en", line, name, mixed(line, sound))
        yield Call("none", "en", line, "", mixed(line, np.zeros(CALL_MS * 8)))


def on_the_line(who: str, line: str, spoken: list[AudioChunk]) -> AudioChunk:
    sound = np.zeros(max(CALL_MS, spoken[0].duration_ms + 12_000) * 8)
    end_ms = put(sound, to_samples(spoken[0], TELEPHONE_RATE_HZ), BEFORE_MS)
    if who == "machine":
        _, ms, hz = LINES[line]
        put(sound, tone(ms, *hz), end_ms + BEFORE_BEEP_MS)
    for reply in spoken[1:]:
        put(sound, to_samples(reply, TELEPHONE_RATE_HZ), max(REPLY_MS, end_ms + PAUSE_MS))
    return mixed(line, sound)


def put(sound, samples, at_ms: int) -> int:
    sound[at_ms * 8 : at_ms * 8 + len(samples)] = samples
    return at_ms + len(samples) // 8


def tone(ms: int, *hz: int):
    at = np.arange(ms * 8) / TELEPHONE_RATE_HZ
    return sum(0.2 / len(hz) * np.sin(2 * np.pi * each * at) for each in hz)


def faxes() -> Iterator[tuple[str, np.ndarray]]:
    answering, calling = np.zeros(CALL_MS * 8), np.zeros(CALL_MS * 8)
    put(answering, tone(3000, 2100), 1800)
    for at_ms in range(1000, CALL_MS - 1000, 3500):
        put(calling, tone(500, 1100), at_ms)
    yield "CED", answering
    yield "CNG", calling


def mixed(line: str, sound) -> AudioChunk:
    below_db = LINES[line][0]
    loud = np.abs(sound) > 0.02
    speech = float(np.sqrt(np.mean(sound[loud] ** 2))) if loud.any() else 0.1
    noise = np.random.default_rng(1).normal(0, speech * 10 ** (-below_db / 20), len(sound))
    pcm = (np.clip(sound + noise, -1, 1) * 32767).astype(np.int16).tobytes()
    return AudioChunk(mulaw_to_pcm(pcm_to_mulaw(pcm)), TELEPHONE_RATE_HZ)


async def judged(parts: wiring.Parts, call: Call) -> str:
    pickup = Pickup()
    pending = await turns(parts, call)
    first_told = None
    for at_ms in range(0, call.audio.duration_ms, 20):
        if at_ms >= DISCLOSED_MS:
            pickup.our_turn(speaking=False)
        told = pickup.hear(call.audio.pcm[ms_to_bytes(at_ms, TELEPHONE_RATE_HZ) : ms_to_bytes(at_ms + 20, 8000)])
        first_told = first_told or told
        while pending and at_ms >= pending[0][1] + PAUSE_MS:
            start_ms, _, text = pending.pop(0)
            told = pickup.understand(text, reply=start_ms >= DISCLOSED_MS)
            first_told = first_told or told
    who = first_told or pickup.who
    return AS.get(who, who.value)


async def turns(parts: wiring.Parts, call: Call) -> list[tuple[int, int, str]]:
    """Start, end and words of each."""
    spans: list[list[int]] = []
    began_ms = 0
    for note in await activity(call.audio, parts.settings.vad):
        if note.speaking:
            began_ms = note.at_ms - 200
        elif spans and began_ms - spans[-1][1] < PAUSE_MS:
            spans[-1][1] = note.at_ms - 200
        else:
            spans.append([began_ms, note.at_ms - 200])
    heard = []
    for start_ms, end_ms in spans:
        cut = slice(*(ms_to_bytes(max(0, ms), TELEPHONE_RATE_HZ) for ms in (start_ms - 300, end_ms + 200)))
        words = await parts.recognition.transcribe(AudioChunk(call.audio.pcm[cut], TELEPHONE_RATE_HZ), call.language)
        heard.append((start_ms, end_ms, words.text))
    return heard


if __name__ == "__main__":
    main()
