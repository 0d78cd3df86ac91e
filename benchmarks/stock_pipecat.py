"""The same call twice: once with voicebot, once with pipecat's own services and defaults, and the ratio of the two.

Stock is what pipecat 1.14 ships: WhisperSTTService, PiperTTSService, Silero, and the default turn strategies
(smart-turn v3), with the same Whisper and Piper weights, over the same Media Streams wire. Its bot follows a script: it
says what our interviewer said before each turn of the candidate, and goes on when pipecat says that the turn is over.
The candidate says the same audio to both, and both are timed by the same phone (voicebot.measure.caller). Stock loads
its models with each call; here that is done, and the recogniser used once, before the phone rings.

    python benchmarks/stock_pipecat.py [--audio DIR] [--rounds 3] [--most-turns N] [--json]
"""

import asyncio
import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from voicebot import logs, settings, wiring  # before pipecat, which loads ONNX Runtime: no telemetry

# isort: split
import typer
from fastapi import FastAPI, WebSocket
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import ClientConnectedFrame, Frame, TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transcriptions.language import Language
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner
from rich.console import Console
from rich.table import Table

from models.audio import TELEPHONE_RATE_HZ
from models.call import DialRequest
from models.errors import VoicebotError
from telephony.loopback import Hook, LoopbackGateway
from voicebot.api.server import listen, serving
from voicebot.measure import interviews, labels, latency
from voicebot.measure.caller import Caller, SaidTurn, Speech
from voicebot.measure.figures import Spread, spread

STOCK_RATE_HZ = 16_000
"""WhisperSTTService takes whatever comes for 16 kHz."""


@dataclass(frozen=True)
class StockServices:
    """One call's services, loaded and warm."""

    stt: WhisperSTTService
    tts: PiperTTSService


async def stock_services(parts: wiring.Parts) -> StockServices:
    store = wiring.model_store(parts.settings)
    whisper = parts.settings.whisper_model or store.whisper_base()
    piper = store.piper_joe()
    stt = WhisperSTTService(
        device="cpu",
        compute_type="int8",
        settings=WhisperSTTService.Settings(model=str(whisper), language=Language.EN),
    )
    tts = PiperTTSService(download_dir=piper.parent, settings=PiperTTSService.Settings(voice=piper.stem))
    async for _ in stt.run_stt(bytes(2 * STOCK_RATE_HZ)):
        pass
    return StockServices(stt, tts)


class Script(FrameProcessor):
    """Says the next line when the phone is picked up, and after each turn in which words were heard."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines: Iterator[str] = iter(lines)
        self._last = lines[-1]

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, ClientConnectedFrame):
            await self.say_next()

    async def say_next(self) -> None:
        await self.push_frame(TTSSpeakFrame(next(self._lines, self._last)))


def create_app(services: StockServices, lines: Sequence[str]) -> FastAPI:
    """A gateway for one call."""
    app = FastAPI(openapi_url=None)

    @app.websocket("/media")
    async def media(socket: WebSocket) -> None:
        await socket.accept()
        await socket.receive_text()  # connected
        start = json.loads(await socket.receive_text())["start"]
        serializer = TwilioFrameSerializer(
            stream_sid=start["streamSid"], params=TwilioFrameSerializer.InputParams(auto_hang_up=False)
        )
        transport = FastAPIWebsocketTransport(
            socket,
            FastAPIWebsocketParams(
                audio_in_enabled=True, audio_out_enabled=True, serializer=serializer, allowed_origins=[]
            ),
        )
        script = Script(lines)
        user = LLMContextAggregatorPair(
            LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
        ).user()

        @user.event_handler("on_user_turn_stopped")
        async def on_user_turn_stopped(_aggregator: object, _strategy: object, message: Any) -> None:
            if message.content:
                await script.say_next()

        worker = PipelineWorker(
            Pipeline([transport.input(), services.stt, user, script, services.tts, transport.output()]),
            params=PipelineParams(audio_in_sample_rate=STOCK_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ),
            enable_rtvi=False,
        )

        @transport.event_handler("on_client_disconnected")
        async def on_client_disconnected(_transport: object, _socket: WebSocket) -> None:
            await worker.cancel(reason="the caller hung up")

        runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
        await runner.add_workers(worker)
        await runner.run()

    return app


async def hold_with_stock(parts: wiring.Parts, lines: Sequence[str], turns: Sequence[Speech]) -> tuple[SaidTurn, ...]:
    """One call: the candidate says `turns` in order, each when the bot has finished, and hangs up after the last."""
    services = await stock_services(parts)
    remaining = iter(turns)
    caller = Caller(lambda: next(remaining, Hook.DOWN))
    async with serving(create_app(services, lines), listen("127.0.0.1", 0)) as address:
        gateway = LoopbackGateway(f"ws://{address}/media", lambda request: caller)
        leg = await gateway.dial(DialRequest("stock", "+15555550123", "token"))
        async for _ in leg.events():
            pass
    return tuple(turn for turn in caller.said if turn.speech.counts)


@dataclass
class Side:
    """All rounds of one side."""

    rounds: list[tuple[SaidTurn, ...]] = field(default_factory=list)

    @property
    def p50s_ms(self) -> list[int]:
        return [latency.p50_ms for turns in self.rounds if (latency := _latency(turns)) is not None]

    @property
    def p50_ms(self) -> float | None:
        """The median of the rounds' medians."""
        return statistics.median(self.p50s_ms) if self.p50s_ms else None

    def to_json(self) -> dict[str, Any]:
        p95s = [latency.p95_ms for turns in self.rounds if (latency := _latency(turns)) is not None]
        turns = [turn for turns in self.rounds for turn in turns]
        return {
            "p50_ms": self.p50_ms,
            "p95_ms": statistics.median(p95s) if p95s else None,
            "p50_ms_of_rounds": self.p50s_ms,
            "turns": len(turns),
            "cut_in_rate": round(sum(turn.cut_in for turn in turns) / len(turns), 4) if turns else None,
            "unanswered": sum(not turn.cut_in and turn.latency_ms is None for turn in turns),
            "cut_in_s": [round(turn.cut_s - turn.began_s, 2) for turn in turns if turn.cut_s is not None],
        }


def _latency(turns: Sequence[SaidTurn]) -> Spread | None:
    return spread([ms for turn in turns if (ms := turn.latency_ms) is not None])


async def compare(
    parts: wiring.Parts, interview: interviews.Interview, rounds: int, most_turns: int | None, console: Console
) -> tuple[Side, Side]:
    """Ours and stock in turn, one call each a round, so that a machine that slows down slows both."""
    ours, stock = Side(), Side()
    for number in range(rounds):
        with console.status(f"Round {number + 1} of {rounds}: voicebot, in real time ..."):
            (call,) = (await latency.measure(parts, [interview], most_turns=most_turns)).calls
        ours.rounds.append(call.turns)
        with console.status(f"Round {number + 1} of {rounds}: stock pipecat, in real time ..."):
            stock.rounds.append(await hold_with_stock(parts, call.prompts, [turn.speech for turn in call.said]))
    return ours, stock


def main(
    audio: Annotated[Path | None, typer.Option(help="Folder of two-track calls with labels; the first is used")] = None,
    rounds: Annotated[int, typer.Option(help="Calls of each side.", min=1)] = 3,
    most_turns: Annotated[int | None, typer.Option(help="Hang up after so many measured turns.", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Time voicebot and stock pipecat in the same call, side by side."""
    logs.configure()
    console = Console(stderr=as_json, highlight=False)
    recording = labels.load(labels.find(audio)[0]) if audio else None

    async def run(parts: wiring.Parts) -> tuple[Side, Side]:
        if recording is not None:
            interview = await interviews.of_recording(parts, recording)
        else:
            interview = await interviews.of_persona(parts, interviews.library("en")[0])
        return await compare(parts, interview, rounds, most_turns, console)

    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as home:
        parts = wiring.load(settings.load().model_copy(update={"home": Path(home)}))
        try:
            ours, stock = asyncio.run(run(parts))
        finally:
            parts.close()
    ratio = round(ours.p50_ms / stock.p50_ms, 3) if ours.p50_ms and stock.p50_ms else None
    if as_json:
        sides = {"voicebot": ours.to_json(), "stock": stock.to_json(), "ratio": ratio, "machine": latency.machine()}
        typer.echo(json.dumps(sides, indent=2))
        return
    table = Table("", "p50", "p95", "cut-ins", "unanswered", "p50 of each round")
    for name, side in (("voicebot", ours.to_json()), ("stock pipecat", stock.to_json())):
        table.add_row(
            name,
            f"{side['p50_ms']} ms",
            f"{side['p95_ms']} ms",
            f"{100 * (side['cut_in_rate'] or 0):.0f} %",
            f"{side['unanswered']} of {side['turns']}",
            ", ".join(map(str, side["p50_ms_of_rounds"])),
        )
    console.print(table)
    console.print(f"voicebot's p50 is {ratio} of stock pipecat's")


if __name__ == "__main__":
    try:
        typer.run(main)
    except VoicebotError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None
