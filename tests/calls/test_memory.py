"""Calls leave nothing in memory. `voicebot bench memory` tells the same of a hundred calls and the whole process."""

import gc
import tracemalloc

from models.call import Disposition

WARM_UP, CALLS = 2, 3
MOST_BYTES_A_CALL = 25_000
"""The audio of one of these calls is half a megabyte in each direction. A server of its own for each call, which is not
how it is on a server, and tables that double their size now and then cost up to 20 kB."""
ANSWERS = {
    "consent": "Yes, that's fine.",
    "identity": "Yes, speaking.",
    "good_time": "Yes, it is.",
    "project": {"saying": "I rewrote our billing service in Python.", "hang_up_after_ms": 4000},
}


async def test_memory_does_not_grow_from_call_to_call(interview):
    traced_bytes = []
    tracemalloc.start()
    try:
        for _ in range(WARM_UP + CALLS):
            assert (await interview(ANSWERS)).record.disposition is Disposition.DROPPED
            gc.collect()
            traced_bytes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert traced_bytes[-1] - traced_bytes[WARM_UP - 1] <= CALLS * MOST_BYTES_A_CALL
