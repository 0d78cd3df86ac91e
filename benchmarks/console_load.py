"""Whether browsing the console disturbs calls: `voicebot bench latency`, alone and while people browse.

    python benchmarks/console_load.py                        one call at a time, 5 people browsing: about 18 minutes
    python benchmarks/console_load.py --calls 3 --browsers 20
    python benchmarks/console_load.py --most-turns 3 --json  a short look; figures as JSON

The same calls are held four times: alone, while the console is a process of its own (`voicebot serve --role console`),
while it is in the process that holds the calls (`--role all`), and alone again, which tells how far two runs differ by
themselves. The console has the archive that the calls are filed in, with a thousand interviews. Each browser asks for
a page, waits for it, reads it for a second and asks for the next; all of them are a process of their own, on the same
machine, and its processor time is theirs.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
from archive import fill
from console import OUR_OWN, PASSWORD
from console import serving as alone

from models.accounts import Role
from voicebot import console, logs, settings, wiring
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.measure import interviews
from voicebot.measure.interviews import Interview
from voicebot.measure.latency import LatencyReport, machine, measure
from voicebot.settings import Settings
from voicebot.wiring import Parts

WHO = "Ann"
READING_S = 1.0
INTERVIEWS = 1000


@dataclass(frozen=True, slots=True)
class Run:
    name: str
    calls: LatencyReport
    pages: int
    page_ms: float | None
    """Median; None where nobody browsed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=1, help="at once")
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--most-turns", type=int, help="after so many a caller hangs up")
    parser.add_argument("--language", default="en")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logs.configure()
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as home:
        configured = settings.load().discarded_in(Path(home)).model_copy(update={"max_calls": 1000})
        parts = wiring.load(configured)
        try:
            now = datetime.now(UTC)
            fill(parts.archive, INTERVIEWS, now - timedelta(minutes=INTERVIEWS))
            parts.archive.accounts.create_user(WHO, Role.ADMIN, PASSWORD, "bench", now)
            runs = asyncio.run(_measured(parts, configured, options))
        finally:
            parts.close()
    _print(runs, options)


async def _measured(parts: Parts, configured: Settings, options: argparse.Namespace) -> list[Run]:
    personas = interviews.library(options.language)[: options.calls]
    prepared = [await interviews.of_persona(parts, persona) for persona in personas]
    calls = list(itertools.islice(itertools.cycle(prepared), options.calls))
    ways: dict[str, Callable[[], AbstractAsyncContextManager[str | None]]] = {
        "alone": _no_console,
        "console in a process of its own": lambda: _own_process(configured),
        "console in the process of the calls": lambda: _same_process(parts, configured),
        "alone again": _no_console,
    }
    return [await _run(name, way, parts, calls, options) for name, way in ways.items()]


async def _run(
    name: str,
    way: Callable[[], AbstractAsyncContextManager[str | None]],
    parts: Parts,
    calls: list[Interview],
    options: argparse.Namespace,
) -> Run:
    print(f"{name} ...", file=sys.stderr)
    async with way() as url, _browsing(url, options.browsers) as asked:
        report = await measure(parts, calls, most_turns=options.most_turns)
    return Run(name, report, len(asked), statistics.median(asked) if asked else None)


# The console


@contextlib.asynccontextmanager
async def _no_console() -> AsyncIterator[None]:
    yield None


@contextlib.asynccontextmanager
async def _own_process(configured: Settings) -> AsyncIterator[str]:
    with alone(configured.home, key=configured.archive["key"]) as (url, _):
        yield url


@contextlib.asynccontextmanager
async def _same_process(parts: Parts, configured: Settings) -> AsyncIterator[str]:
    app = create_app(parts)
    console.mount(app, parts.archive, configured, parts)
    async with serving(app, listen("127.0.0.1", 0)) as address:
        yield f"http://{address}"


# Those who browse


@contextlib.asynccontextmanager
async def _browsing(url: str | None, browsers: int) -> AsyncIterator[list[float]]:
    """The list has how long each page took, in ms, once nobody browses any more."""
    asked: list[float] = []
    if url is None:
        yield asked
        return
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_browse, args=(url, browsers, theirs))
    process.start()
    try:
        await asyncio.to_thread(ours.recv)  # signed in
        yield asked
        ours.send("stop")
        asked += await asyncio.to_thread(ours.recv)
    finally:
        process.terminate()
        process.join()


def _browse(url: str, browsers: int, line: Connection) -> None:
    asyncio.run(_all_browse(url, browsers, line))


async def _all_browse(url: str, browsers: int, line: Connection) -> None:
    asked: list[float] = []
    async with httpx.AsyncClient(base_url=url, headers=OUR_OWN, timeout=60) as client:
        await client.post("/sign-in", data={"name": WHO, "password": PASSWORD})
        paths = await _paths(client)
        line.send("ready")
        reading = [asyncio.create_task(_one_browses(client, paths, number, asked)) for number in range(browsers)]
        await asyncio.to_thread(line.recv)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    line.send(asked)


async def _paths(client: httpx.AsyncClient) -> list[str]:
    """What people look at: lists, searches, interviews and their reports."""
    listed = (await client.get("/api/v1/interviews", params={"limit": 50})).raise_for_status().json()["items"]
    each = [f"/interviews/{interview['id']}" for interview in listed]
    lists = ["/", "/interviews", "/interviews?status=waiting", "/interviews?skill=Kubernetes", "/interviews?q=word1"]
    return [*lists * 5, *each, *(f"{path}/report" for path in each[:10]), "/candidates", "/flows", "/audit", "/skills"]


async def _one_browses(client: httpx.AsyncClient, paths: list[str], number: int, asked: list[float]) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.random() * READING_S)
    while True:
        began = time.perf_counter()
        (await client.get(chance.choice(paths))).raise_for_status()
        asked.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(READING_S)


# What came of it


def _print(runs: list[Run], options: argparse.Namespace) -> None:
    quiet = runs[0].calls.latency
    rows = [_row(run, quiet) for run in runs]
    if options.json:
        report = {"calls": options.calls, "browsers": options.browsers, "machine": machine(), "runs": rows}
        print(json.dumps(report, indent=2))
        return
    print(
        f"{options.calls} call(s) at once, {options.browsers} browsers, a page each every {READING_S:g} s and its time"
    )
    for row in rows:
        ratio = f"{row['p50_ratio']:.2f} / {row['p95_ratio']:.2f} of alone" if row["p50_ratio"] else ""
        pages = f"{row['pages']} pages, median {row['page_ms']} ms" if row["pages"] else ""
        print(f"{row['name']:36} p50 {row['p50_ms']} ms   p95 {row['p95_ms']} ms   {ratio:26} {pages}")


def _row(run: Run, quiet: Any) -> dict[str, Any]:
    wait = run.calls.latency
    return {
        "name": run.name,
        "p50_ms": wait.p50_ms if wait else None,
        "p95_ms": wait.p95_ms if wait else None,
        "p50_ratio": round(wait.p50_ms / quiet.p50_ms, 3) if wait and quiet else None,
        "p95_ratio": round(wait.p95_ms / quiet.p95_ms, 3) if wait and quiet else None,
        "turns": len(run.calls.turns),
        "cut_ins": sum(turn.cut_in for turn in run.calls.turns),
        "phone_lag_ms": round(run.calls.lag_ms),
        "pages": run.pages,
        "page_ms": round(run.page_ms) if run.page_ms is not None else None,
    }


if __name__ == "__main__":
    main()
