"""Calls leave nothing in memory. `voicebot bench memory` tells the same of a hundred calls and the whole process."""

import gc
import statistics
import tracemalloc
from itertools import pairwise

from models.call import Disposition
from voicebot import demo
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.conversation import Unobserved
from voicebot.rehearsal.candidate import SimulatedCandidate
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script, lines_to_answer

WARM_UP, CALLS = 2, 5
MOST_BYTES_A_CALL = 10_000
"""The median: a table that doubles its size does so in one call. The audio of one of these calls is half a megabyte in
each direction, and 10 kB of each is the megabyte in a hundred that calls may leave."""
ANSWERS = {
    "consent": "Yes, that's fine.",
    "identity": "Yes, speaking.",
    "good_time": "Yes, it is.",
    "project": {"saying": "I rewrote our billing service in Python.", "hang_up_after_ms": 4000},
}


async def test_memory_does_not_grow_from_call_to_call(parts, short_flow):
    persona = Persona(id="tester", name="Maya", flow="short", answers=ANSWERS)
    filled, variables = demo.fill(parts, short_flow, persona)
    speech = await demo.rehearse(parts, filled, persona, parts.voice("en"))
    calls, traced_bytes = {}, []

    async def hear(audio):
        return (await parts.recognition.transcribe(audio, "en")).text

    async def call(url):
        script = Script(persona, lines_to_answer(filled))
        candidate = SimulatedCandidate(persona, script, speech, hear)
        interview_id = await demo.ring(parts, filled, variables, persona, candidate, url, calls, Unobserved())
        await candidate.finish()
        calls.clear()
        assert parts.archive.interview(interview_id).disposition is Disposition.DROPPED

    tracemalloc.start()
    try:
        async with serving(create_app(parts, calls.__getitem__, api=False), listen("127.0.0.1", 0)) as address:
            for _ in range(WARM_UP + CALLS):
                await call(f"ws://{address}/media")
                gc.collect()
                traced_bytes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    grown = [after - before for before, after in pairwise(traced_bytes[WARM_UP - 1 :])]
    assert statistics.median(grown) <= MOST_BYTES_A_CALL, grown
