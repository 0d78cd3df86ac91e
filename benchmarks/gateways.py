"""What a call costs before anybody listens or thinks: signalling and media alone, on both gateways.

    python benchmarks/gateways.py                       40 calls at once through each, for 20 seconds
    python benchmarks/gateways.py --calls 10 --only sip --json

Each call is a pipeline of the product's own transport and a speaker who never stops; there is no recogniser, no voice
and no dialog. SIP calls go to sipp, whose media is echoed by a process that takes the kernel's time of each packet.
Media streams come from a process that plays the carrier, at 50 messages a second each way and call.

- set-up: from the first dial to the last answer (SIP), or to the last call's first sound (media streams).
- CPU: of this process, the gateway, less what it needs without calls.
- jitter of our outgoing frames: RFC 3550, 6.4.1, mean over the calls; and how far gaps are from 20 ms. Media streams
  need no pacing (the carrier buffers), and are paced only so that an interruption is quick.
- starved: packets of silence that the SIP stack sent since it had not got the speaker's sound in time.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from fastapi import FastAPI, WebSocket
from pipecat.frames.frames import ClientConnectedFrame, Frame, TTSAudioRawFrame, TTSStartedFrame, TTSStoppedFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner
from websockets.asyncio.client import connect

from models.audio import FRAME_MS, TELEPHONE_RATE_HZ
from models.call import CallAnswered, DialRequest
from telephony import media_stream as wire
from telephony.sip import SipGateway, SipLeg, SipTrunk
from voicebot import logs
from voicebot.api.server import listen, serving
from voicebot.pipeline.media_stream import MediaStreamTransport
from voicebot.pipeline.session import Line
from voicebot.pipeline.sip import SipTransport

SETTLE_S = 3
"""After the last answer, before anything is measured."""
SCENARIO = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="answers, and sends media elsewhere">
  <recv request="INVITE"/>
  <send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio ECHO_PORT RTP/AVP 0
a=rtpmap:0 PCMU/8000

]]></send>
  <recv request="ACK"/>
  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""
SO_TIMESTAMPNS = 35


@dataclass
class Heard:
    """What arrived at the far end of one call."""

    at_s: list[float] = field(default_factory=list)
    sent_ms: list[float] = field(default_factory=list)
    """By the packets' own timestamps."""
    silent: int = 0


@dataclass(frozen=True)
class Figures:
    gateway: str
    calls: int
    set_up_s: float
    set_ups_a_second: float
    cpu_percent_a_call: float
    """Of one core."""
    jitter_ms: float
    gap_off_p99_ms: float
    gap_off_worst_ms: float
    starved_share: float
    load_average: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--only", choices=("sip", "media-stream"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logs.configure()
    measures = {"sip": sip, "media-stream": media_streams}
    if shutil.which("sipp") is None and options.only != "media-stream":
        sys.exit("sipp is not installed: make peers (Debian's package sip-tester), or --only media-stream")
    figures = [
        asyncio.run(measure(options.calls, options.seconds))
        for name, measure in measures.items()
        if options.only in (None, name)
    ]
    if options.json:
        print(json.dumps([vars(each) for each in figures], indent=2))
        return
    for each in figures:
        print(f"{each.gateway}: {each.calls} calls, load {each.load_average:.1f}")
        print(f"  set up in {each.set_up_s:.2f} s, {each.set_ups_a_second:.0f} a second")
        print(f"  CPU {each.cpu_percent_a_call:.2f} % of a core a call")
        worst = f"{each.gap_off_p99_ms:.1f} ms (p99), {each.gap_off_worst_ms:.0f} ms (worst)"
        print(f"  jitter {each.jitter_ms:.2f} ms; gaps off 20 ms by {worst}")
        print(f"  starved {each.starved_share:.2%}")


class Speaker(FrameProcessor):
    """Speaks one long line, from when the call is connected."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        at = np.arange(seconds * TELEPHONE_RATE_HZ) / TELEPHONE_RATE_HZ
        self._pcm = (6000 * np.sin(2 * np.pi * 330 * at)).astype(np.int16).tobytes()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, ClientConnectedFrame):
            await self.push_frame(TTSStartedFrame())
            await self.push_frame(TTSAudioRawFrame(self._pcm, TELEPHONE_RATE_HZ, 1))
            await self.push_frame(TTSStoppedFrame())


async def held(line: Line, seconds: int) -> None:
    worker = PipelineWorker(
        Pipeline([line.input(), Speaker(seconds), line.output()]),
        params=PipelineParams(audio_in_sample_rate=TELEPHONE_RATE_HZ, audio_out_sample_rate=TELEPHONE_RATE_HZ),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )

    async def over(*_: object) -> None:
        await worker.cancel()

    line.add_event_handler("on_client_disconnected", over)
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    await runner.run()


async def sip(calls: int, seconds: int) -> Figures:
    async with far_end(echo, seconds + 30) as (echo_port, heard), sipp(echo_port) as port:
        trunk = SipTrunk("engine", f"127.0.0.1:{port}", interface="127.0.0.1", listen=f"127.0.0.1:{free_udp_port()}")
        gateway = SipGateway(trunk)
        talking: list[asyncio.Task[None]] = []
        legs: list[SipLeg] = []
        all_answered, answered = asyncio.Event(), 0

        async def call(number: int) -> None:
            nonlocal answered
            leg = await gateway.dial(DialRequest(f"a{number}", f"{number}", ""))
            legs.append(leg)
            async for event in leg.events():
                if event == CallAnswered():
                    answered += 1
                    talking.append(asyncio.create_task(held(SipTransport(leg), seconds + SETTLE_S + 10)))
                    if answered == calls:
                        all_answered.set()

        await gateway.start()  # a process starts the stack once, before its first call
        idle_cpu = await cpu_share(2)
        began = time.perf_counter()
        following = [asyncio.create_task(call(number)) for number in range(calls)]
        async with asyncio.timeout(60):
            await all_answered.wait()
        set_up_s = time.perf_counter() - began
        await asyncio.sleep(SETTLE_S)
        since_s = time.time()
        cpu = await cpu_share(seconds)
        until_s = time.time()
        await asyncio.gather(*(leg.hang_up() for leg in legs))
        await asyncio.gather(*following, *talking)
        await gateway.close()
        return figures("sip", calls, set_up_s, cpu - idle_cpu, await heard(), since_s, until_s)


async def media_streams(calls: int, seconds: int) -> Figures:
    app = FastAPI()
    ended = asyncio.Event()

    @app.websocket("/media")
    async def media(stream: WebSocket) -> None:
        await stream.accept()
        await stream.receive_text()
        start = wire.from_carrier(await stream.receive_text())
        assert isinstance(start, wire.Start)
        await held(MediaStreamTransport(stream, start.stream_sid), seconds + SETTLE_S + 20)
        ended.set()

    async with serving(app, listen("127.0.0.1", 0)) as address:
        idle_cpu = await cpu_share(2)
        lasts_s = seconds + SETTLE_S + 3
        async with far_end(carrier, f"ws://{address}/media", calls, lasts_s) as (set_up_s, heard):
            await asyncio.sleep(SETTLE_S)
            since_s = time.time()
            cpu = await cpu_share(seconds)
            until_s = time.time()
            arrived = await heard()
            await ended.wait()
    return figures("media-stream", calls, set_up_s, cpu - idle_cpu, arrived, since_s, until_s)


def figures(
    gateway: str, calls: int, set_up_s: float, cpu: float, arrived: list[Heard], since_s: float, until_s: float
) -> Figures:
    jitters, off, silent, packets = [], [], 0, 0
    for call in arrived:
        at_ms, sent_ms = np.array(call.at_s) * 1000, np.array(call.sent_ms)
        within = (at_ms >= since_s * 1000) & (at_ms <= until_s * 1000)
        late = np.abs(np.diff(at_ms[within]) - np.diff(sent_ms[within]))
        jitter = 0.0
        for each in late:
            jitter += (each - jitter) / 16
        jitters.append(jitter)
        off.extend(late.tolist())
        silent += call.silent
        packets += len(call.at_s)
    assert len(arrived) == calls and off, f"sound came from {len(arrived)} of {calls} calls"
    return Figures(
        gateway, calls, set_up_s, calls / set_up_s, 100 * cpu / calls, statistics.mean(jitters),
        float(np.percentile(off, 99)), max(off), silent / packets, os.getloadavg()[0],
    )  # fmt: skip


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def cpu_share(seconds: float) -> float:
    """Of one core, over that time, of this process."""
    cpu_s, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    return (time.process_time() - cpu_s) / (time.perf_counter() - began)


@contextlib.asynccontextmanager
async def far_end(work: Callable[..., None], *arguments: object) -> AsyncIterator[tuple]:
    """A process at the other end of the calls. Yields its first word, and how to get its last: list[Heard]."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs, *arguments))
    process.start()

    async def heard() -> list[Heard]:
        with contextlib.suppress(BrokenPipeError):
            ours.send("that is all")
        return await asyncio.to_thread(ours.recv)

    try:
        yield await asyncio.to_thread(ours.recv), heard
    finally:
        process.kill()
        process.join()


@contextlib.asynccontextmanager
async def sipp(echo_port: int) -> AsyncIterator[int]:
    port = free_udp_port()
    with tempfile.TemporaryDirectory(prefix="voicebot-sipp-") as folder:
        scenario = Path(folder) / "answer.xml"
        scenario.write_text(SCENARIO.replace("ECHO_PORT", str(echo_port)))
        process = await asyncio.create_subprocess_exec(
            "sipp", "-sf", scenario, "-i", "127.0.0.1", "-p", str(port), "-nostdin",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
        )  # fmt: skip
        await asyncio.sleep(1)
        try:
            yield port
        finally:
            process.kill()
            await process.wait()


def echo(pipe: Connection, most_s: float) -> None:
    """Sends every RTP packet back, and notes when the kernel got it."""
    calls: dict[tuple[str, int], Heard] = defaultdict(Heard)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.settimeout(0.2)
        pipe.send(sock.getsockname()[1])
        until_s = time.monotonic() + most_s
        while time.monotonic() < until_s and not pipe.poll():
            with contextlib.suppress(TimeoutError):
                packet, ancillary, _, sender = sock.recvmsg(2048, 64)
                seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
                call = calls[sender]
                call.at_s.append(seconds + nanoseconds / 1e9)
                call.sent_ms.append(struct.unpack("!I", packet[4:8])[0] / (TELEPHONE_RATE_HZ / 1000))
                call.silent += len(set(packet[12:])) == 1 and len(call.at_s) > SETTLE_S * 1000 / FRAME_MS
                sock.sendto(packet, sender)
        pipe.send(list(calls.values()))


def carrier(pipe: Connection, url: str, calls: int, lasts_s: float) -> None:
    """Plays the carrier of so many calls, and notes when each frame of ours comes."""
    asyncio.run(_carry(pipe, url, calls, lasts_s))


async def _carry(pipe: Connection, url: str, calls: int, lasts_s: float) -> None:
    silence = wire.MediaBody(payload=wire.SILENCE * 160)
    heard = [Heard() for _ in range(calls)]
    speaking, all_speak = 0, asyncio.Event()

    async def call(number: int) -> None:
        nonlocal speaking
        async with connect(url, max_size=None, compression=None) as stream:
            await stream.send(wire.encode(wire.Connected()))
            sid = f"MZ{number}"
            start = wire.Start(stream_sid=sid, sequence_number=1, start=wire.StartBody(stream_sid=sid, call_sid="CA"))
            await stream.send(wire.encode(start))
            packet = wire.encode(wire.Media(stream_sid=sid, media=silence))

            async def say() -> None:
                due_s = time.perf_counter()
                while True:
                    await stream.send(packet)
                    due_s += FRAME_MS / 1000
                    await asyncio.sleep(max(0.0, due_s - time.perf_counter()))

            saying = asyncio.create_task(say())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(lasts_s):
                    async for text in stream:
                        if '"media"' not in text:
                            continue
                        if not heard[number].at_s:
                            speaking += 1
                            if speaking == calls:
                                all_speak.set()
                        heard[number].at_s.append(time.time())
                        heard[number].sent_ms.append(len(heard[number].at_s) * FRAME_MS)
            saying.cancel()

    began = time.perf_counter()
    holding = [asyncio.create_task(call(number)) for number in range(calls)]
    async with asyncio.timeout(60):
        await all_speak.wait()
    pipe.send(time.perf_counter() - began)
    await asyncio.gather(*holding)
    pipe.send(heard)
    with contextlib.suppress(EOFError):
        pipe.recv()


if __name__ == "__main__":
    main()
