"""`voicebot serve` is killed in the middle of a call: nothing that was said is lost."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from models.call import Candidate, DialRequest, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.speech import Speaker, Utterance
from telephony import token
from telephony.loopback import LoopbackGateway
from voicebot import demo, dialler
from voicebot.archive.recordings import verify
from voicebot.rehearsal.candidate import SimulatedCandidate
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script, lines_to_answer

LONG_AGO = timedelta(minutes=5)
PERSONA = Persona(id="p", name="Maya", flow="short", answers={"consent": "Yes, that's fine."})


@contextlib.asynccontextmanager
async def serve(parts):
    """A gateway in a process of its own, on the same archive. Yields the process and its URL."""
    environment = os.environ | {
        "VOICEBOT_HOME": str(parts.settings.home),
        "VOICEBOT_CACHE": str(parts.settings.cache),
        "VOICEBOT_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voicebot", "serve", "--port", "0", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            async for line in process.stderr:
                if b"ws://" in line:
                    yield process, line.split()[-1].decode()
                    break
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def call_until_the_candidate_has_spoken(parts, short_flow, url):
    """Dials, and returns once the archive has the candidate's first words. The call goes on."""
    filled, variables = demo.fill(parts, short_flow, PERSONA)
    speech = await demo.rehearse(parts, filled, PERSONA, parts.voice("en"))

    async def hear(audio):
        return (await parts.recognition.transcribe(audio, "en")).text

    candidate = SimulatedCandidate(PERSONA, Script(PERSONA, lines_to_answer(filled)), speech, hear)
    who = Candidate("maya", "Maya", "+15555550123")
    interview_id = await dialler.schedule(parts, filled, who, variables)
    attempt_id = parts.archive.begin_attempt(interview_id, datetime.now(UTC))
    request = DialRequest(attempt_id, who.phone, token.mint(parts.token_secret, attempt_id, time.time()))
    leg = await LoopbackGateway(url, lambda _: candidate, ringing_ms=0).dial(request)
    async with asyncio.timeout(60):
        while not any(line.speaker is Speaker.CANDIDATE for line in said(parts, interview_id)):
            await asyncio.sleep(0.1)
    return interview_id, leg


def said(parts, interview_id):
    return parts.archive.interview(interview_id).transcript


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "SIGINT"])
async def test_a_gateway_that_dies_in_mid_call_leaves_all_that_was_said(parts, short_flow, stop):
    async with serve(parts) as (process, url):
        interview_id, leg = await call_until_the_candidate_has_spoken(parts, short_flow, url)
        before = said(parts, interview_id)
        process.send_signal(stop)
        await process.wait()
        async for _ in leg.events():
            pass
    if stop is signal.SIGKILL:
        assert parts.archive.interview(interview_id).disposition is None
        parts.archive.sweep(datetime.now(UTC) + timedelta(seconds=20))
    record = parts.archive.interview(interview_id)
    assert record.disposition is Disposition.DROPPED
    assert record.transcript[: len(before)] == before
    assert "that's fine" in next(line.text for line in before if line.speaker is Speaker.CANDIDATE).lower()
    assert verify(record.recording, parts.archive.folder)
    assert record.recording.duration_ms >= record.transcript[-1].start_ms - 2000


async def test_a_gateway_that_is_told_to_stop_lets_its_call_come_to_an_end_and_takes_no_other(parts, short_flow):
    async with serve(parts) as (process, url):
        interview_id, leg = await call_until_the_candidate_has_spoken(parts, short_flow, url)
        before = said(parts, interview_id)
        process.send_signal(signal.SIGTERM)
        healthz = url.replace("ws://", "http://").replace("/media", "/healthz")
        async with httpx.AsyncClient() as client, asyncio.timeout(10):
            while (await client.get(healthz)).status_code != 503:
                await asyncio.sleep(0.1)
        late = DialRequest("late", "+15555550124", token.mint(parts.token_secret, "late", time.time()))
        refused = await LoopbackGateway(url, lambda _: Silent(), ringing_ms=0).dial(late)
        async with asyncio.timeout(5):
            async for _ in refused.events():
                pass
        async with asyncio.timeout(30):
            while len(said(parts, interview_id)) == len(before):
                await asyncio.sleep(0.1)
        assert process.returncode is None
        await leg.hang_up()
        await asyncio.wait_for(process.wait(), 30)
    assert process.returncode == 0
    assert parts.archive.interview(interview_id).disposition is Disposition.DROPPED


class Silent:
    def exchange(self, heard):
        return bytes(len(heard))


async def test_what_was_answered_in_a_call_that_died_is_scored_at_the_next_start(parts, short_flow):
    filled, variables = demo.fill(parts, short_flow, PERSONA)
    interview_id = await dialler.schedule(parts, filled, Candidate("noor", "Noor", "+15555550199"), variables)
    then = datetime.now(UTC) - LONG_AGO
    attempt_id = parts.archive.begin_attempt(interview_id, then)
    parts.archive.redeem_attempt(attempt_id, then)
    said = "I rewrote our billing service in Python, and errors fell from four percent to one."
    answer = Answer("project", filled.questions[0].ask, (AnswerPart(Utterance(said, 0, 5000)),))
    parts.archive.record(attempt_id, [], DialogState(position="project", answers=(answer,)), then)
    async with serve(parts):
        pass
    record = parts.archive.interview(interview_id)
    assert record.disposition is Disposition.DROPPED
    (score,) = record.scorecard.scores
    assert score.value is not None
    assert parts.archive.unscored() == ()


async def test_it_tells_other_systems_what_happens_until_it_stops(parts):
    got = asyncio.Queue()

    async def take(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()
        await got.put(head)

    receiver = await asyncio.start_server(take, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
    now = datetime.now(UTC)
    webhook, _ = parts.archive.webhooks.create(url, ["candidate.opted_out"], "mia", now)
    async with receiver, serve(parts) as (process, _), asyncio.timeout(30):
        parts.archive.people.file(Candidate("told", "Ann", "+14155550177"), now)
        parts.archive.people.opt_out("told", "mia", now)
        assert b"webhook-signature: v1," in await got.get()
        process.send_signal(signal.SIGTERM)
        await process.wait()
    (delivery,) = parts.archive.webhooks.deliveries(webhook.id)
    assert delivery.state == "delivered"
    parts.archive.webhooks.delete(webhook.id, "mia", now)
