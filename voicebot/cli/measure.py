"""The commands that measure: `voicebot bench` in real time, `voicebot eval` as fast as the machine can."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from voicebot import settings
from voicebot.cli.console import AsJson, print_json
from voicebot.cli.measure_scoring import eval_scoring

if TYPE_CHECKING:
    from voicebot.measure.interviews import Interview
    from voicebot.wiring import Parts

bench_app = typer.Typer(help="Measure whole calls on this machine, in real time.", no_args_is_help=True)
eval_app = typer.Typer(help="Measure hearing, turn-taking, understanding and scoring.", no_args_is_help=True)
eval_app.command("scoring", epilog="Example: voicebot eval scoring marked_answers.csv --by question_id --json")(
    eval_scoring
)

Language = Annotated[str, typer.Option(help="Language of the simulated candidates; recordings name their own.")]


@eval_app.command("asr", epilog="Example: voicebot eval asr recordings/manifest.csv --telephone")
def eval_asr(
    manifest: Annotated[Path, typer.Argument(help="CSV with the columns file, lang (en or zh) and transcript.")],
    telephone: Annotated[bool, typer.Option("--telephone", help="Also through the telephone: 8 kHz, mu-law.")] = False,
    as_json: AsJson = False,
) -> None:
    """Error rates of the product's recogniser: words in English, characters in Chinese."""
    from voicebot import wiring
    from voicebot.measure import asr, screen
    from voicebot.screen import progress

    console = Console(stderr=as_json, highlight=False)
    loaded = asr.load(manifest)
    lines = tuple(asr.Line) if telephone else (asr.Line.CLEAN,)
    transcriber = wiring.transcriber(settings.load())
    with progress(console, "Listening", len(loaded.clips) * len(lines)) as advance:
        report = asr.measure(loaded, transcriber, lines, advance)
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_asr(console, report)


@eval_app.command("turns", epilog="Example: voicebot eval turns calls/*.turns.json")
def eval_turns(
    labels: Annotated[list[Path], typer.Argument(help="Label files of two-track calls; see docs/performance.md.")],
    as_json: AsJson = False,
) -> None:
    """Endpointing alone: how often it talks into a pause, and how long it waits after the end of a turn."""
    from voicebot import wiring
    from voicebot.measure import labels as labelled
    from voicebot.measure import screen, turns
    from voicebot.screen import progress

    console = Console(stderr=as_json, highlight=False)
    calls = [labelled.load(path) for path in labels]
    configured = settings.load()
    ear = wiring.ear(configured)
    with progress(console, "Taking turns", sum(len(call.turns) for call in calls)) as advance:
        report = turns.measure(calls, ear, configured.vad, advance)
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_turns(console, report)


@eval_app.command("understanding", epilog="Example: voicebot eval understanding replies.csv --json")
def eval_understanding(
    utterances: Annotated[
        Path, typer.Argument(help="CSV with the columns language, expects, utterance, label, and asked if you like.")
    ],
    as_json: AsJson = False,
) -> None:
    """How many labelled utterances are taken for what they mean, and which are not; see docs/understanding.md."""
    from voicebot.measure import screen, understanding

    report = understanding.measure(understanding.load(utterances))
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_understanding(Console(highlight=False), report)


@bench_app.command("latency", epilog="Example: voicebot bench latency --calls 4 --json")
def bench_latency(
    calls: Annotated[
        int | None, typer.Option(help="How many calls at once; else one, or one for each recording.", min=1, max=256)
    ] = None,
    language: Language = "en",
    audio: Annotated[
        Path | None,
        typer.Option(help="Folder of two-track calls with labels (*.turns.json) to replay instead of an interview."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How long candidates wait for an answer, measured at the phone, and what the time goes to."""
    from voicebot.measure import interviews, labels, latency, screen

    console = Console(stderr=as_json, highlight=False)
    recordings = [labels.load(path) for path in labels.find(audio)] if audio else []
    personas = () if audio else interviews.library(language)

    async def run(parts: "Parts") -> latency.LatencyReport:
        with console.status("Rendering every line ..."):
            prepared = [await interviews.of_recording(parts, call) for call in recordings]
            prepared += [await interviews.of_persona(parts, persona) for persona in personas[: calls or 1]]
        count = calls or len(recordings) or 1
        with console.status(f"Holding {screen.number_of(count, 'call')} at once, in real time ..."):
            return await latency.measure(parts, _repeated(prepared, count))

    with _parts(console) as parts:
        report = asyncio.run(run(parts))
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_latency(console, report)


@bench_app.command("capacity", epilog="Example: voicebot bench capacity --json")
def bench_capacity(language: Language = "en", as_json: AsJson = False) -> None:
    """How many calls at once this machine carries with a p95 of at most 1.5 s. Takes about a quarter of an hour."""
    from voicebot.measure import capacity, interviews, latency, screen

    console = Console(stderr=as_json, highlight=False)
    personas = interviews.library(language)

    async def run(parts: "Parts") -> capacity.CapacityReport:
        with console.status("Rendering every line ..."):
            prepared = [await interviews.of_persona(parts, persona) for persona in personas]

        async def hold(count: int) -> latency.LatencyReport:
            with console.status(f"Holding {screen.number_of(count, 'call')} at once, in real time ..."):
                return await latency.measure(parts, _repeated(prepared, count), most_turns=capacity.TURNS)

        def tell(report: latency.LatencyReport) -> None:
            p95 = f"{report.latency.p95_ms / 1000:.2f} s" if report.latency else "no answer"
            console.print(f"{screen.number_of(len(report.calls), 'call')}: p95 {p95}", style="dim")

        return await capacity.search(hold, tell)

    with _parts(console) as parts:
        report = asyncio.run(run(parts))
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_capacity(console, report)


@bench_app.command("memory", epilog="Example: voicebot bench memory --calls 30 --json")
def bench_memory(
    calls: Annotated[int, typer.Option(help="How many calls to hold.", min=1, max=10_000)] = 100,
    at_once: Annotated[int, typer.Option(help="How many of them at once.", min=1, max=256)] = 6,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Whether memory grows with the calls that have been held. 100 calls take about a quarter of an hour."""
    from voicebot.measure import interviews, latency, memory, screen

    console = Console(stderr=as_json, highlight=False)
    personas = interviews.library(language)

    async def run(parts: "Parts") -> memory.MemoryReport:
        with console.status("Rendering every line ..."):
            prepared = [await interviews.of_persona(parts, persona) for persona in personas]

        async def hold(count: int) -> latency.LatencyReport:
            with console.status(f"Holding {screen.number_of(count, 'call')} at once, in real time ..."):
                return await latency.measure(parts, _repeated(prepared, count), most_turns=memory.TURNS)

        def tell(each: memory.Round) -> None:
            console.print(f"{screen.number_of(each.calls, 'call')}: {each.private_mb:.0f} MB", style="dim")

        return await memory.watch(calls, at_once, hold, tell)

    with _parts(console) as parts:
        report = asyncio.run(run(parts))
    if as_json:
        print_json(report.to_json())
    else:
        screen.print_memory(console, report)


@contextmanager
def _parts(console: Console) -> "Iterator[Parts]":
    """Every model, and an archive of its own that is deleted afterwards: measured calls are nobody's interviews."""
    from voicebot import wiring

    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as home:
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(settings.load().discarded_in(Path(home)).model_copy(update={"max_calls": 1000}))
        try:
            yield parts
        finally:
            parts.close()


def _repeated(prepared: "Sequence[Interview]", count: int) -> "list[Interview]":
    return list(islice(cycle(prepared), count))
