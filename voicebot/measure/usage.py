"""What measuring costs the machine: processor time and memory of this process, all threads together."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

EVERY_S = 0.5
MB = 1_000_000


class Usage:
    def __init__(self) -> None:
        self.before_bytes = resident_bytes()
        self.peak_bytes = self.before_bytes
        self._cpu_s = time.process_time()
        self._began_s = time.perf_counter()

    @property
    def cpu_s(self) -> float:
        return time.process_time() - self._cpu_s

    @property
    def wall_s(self) -> float:
        return time.perf_counter() - self._began_s

    def look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, resident_bytes())


@contextlib.asynccontextmanager
async def watched() -> AsyncIterator[Usage]:
    """Counts from here to the end of the block, on the running event loop."""
    usage = Usage()

    async def watch() -> None:
        while True:
            usage.look()
            await asyncio.sleep(EVERY_S)

    watching = asyncio.create_task(watch(), name="usage")
    try:
        yield usage
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def resident_bytes() -> int:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def private_bytes() -> int:
    """Of these, what the process has written itself: unlike the pages of files, the system cannot take it away."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024
