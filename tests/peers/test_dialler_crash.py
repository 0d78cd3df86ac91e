"""The dialler is killed at each step of a dial: the carrier has heard of it once at most, and nobody is lost."""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from carriers import AUTH_TOKEN, CALLER_ID, SID, SIMULATE
from tap import tapped

import voicebot
from models.archive import CALL_CONSENT
from models.call import Candidate, Disposition
from models.errors import CallUnderWay, TokenRefused
from models.interview import FlowRef
from telephony.twilio import TwilioAccount, TwilioGateway
from voicebot import dialler
from voicebot.archive.calls import SILENT_DIAL
from voicebot.archive.store import open_archive
from voicebot.live_calls import LiveCalls

FLOW = FlowRef("f", 1, "ab" * 32)

DIAL = """
import asyncio, sys, time
from pathlib import Path
from types import SimpleNamespace
from telephony.twilio import TwilioAccount, TwilioGateway, gateway
from voicebot import dialler
from voicebot.archive.store import open_archive
from voicebot.live_calls import LiveCalls

home, interview_id, number, sid, token, caller_id, api_url, stops_before = sys.argv[1:]
gateway.ASK_EVERY_S = 0.1
archive = open_archive(Path(home))

def reached(step):
    print(step, flush=True)
    if step == stops_before:
        time.sleep(600)

class Watched(TwilioGateway):
    async def dial(self, request):
        reached("request")
        return await super().dial(request)

begin = archive.begin_attempt
archive.begin_attempt = lambda *args, **options: (reached("record"), begin(*args, **options))[1]
parts = SimpleNamespace(
    archive=archive, live_calls=LiveCalls(1), settings=SimpleNamespace(calling_rules=None), token_secret=b"k" * 32
)
account = TwilioAccount(sid, token, caller_id, "https://calls.example.com", api_url=api_url)
reports = lambda event: reached(type(event).__name__)
asyncio.run(dialler.place_call(parts, Watched(account), interview_id, number, reports))
"""

STEPS = {"record": 0, "request": 0, "answer": 1, "CallRinging": 1, "CallAnswered": 1}
"""What the dialler is about to do, or to hear, when it is killed; and how often the carrier has been asked by then."""


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "home") as archive:
        archive.flows.file(FLOW, "F", "en", "")
        yield archive


@contextlib.asynccontextmanager
async def dialling(archive, interview_id, number, api_url, step):
    """A dialler in a process of its own, which halts there."""
    arguments = (archive.folder, interview_id, number, SID, AUTH_TOKEN, CALLER_ID, api_url, step)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIAL, *map(str, arguments),
        cwd=Path(voicebot.__file__).parent.parent, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def said(process, step):
    async with asyncio.timeout(30):
        async for line in process.stdout:
            if line.decode().strip() == step:
                return


@pytest.mark.parametrize("step", STEPS)
async def test_a_dialler_that_is_killed_dials_nobody_twice_and_loses_nobody(emulate, archive, step):
    now, number = datetime.now(UTC), f"+1415555{1800 + list(STEPS).index(step)}"
    ann = Candidate("ann", "Ann", number)
    archive.people.consent(archive.people.file(ann, now).id, CALL_CONSENT, "You may.", "form", now)
    interview_id = archive.schedule_interview(ann, FLOW, {}, now)
    rules = SimpleNamespace(calling_rules=None)
    parts = SimpleNamespace(archive=archive, live_calls=LiveCalls(1), settings=rules, token_secret=b"k" * 32)
    twilio = TwilioGateway(TwilioAccount(SID, AUTH_TOKEN, CALLER_ID, "https://calls.example.com", api_url=emulate))

    async def happens(status):
        form = {"CallSid": (await placed())[0].sid, "Status": status}
        await twilio.ask(lambda client: client.request("POST", SIMULATE, data=form, auth=(SID, AUTH_TOKEN)))

    async def placed():
        return await twilio.ask(lambda client: client.calls.list(to=number))

    async with (
        tapped(emulate, unanswered=b"/Calls.json" if step == "answer" else None) as (api_url, _),
        dialling(archive, interview_id, number, api_url, step) as process,
        asyncio.timeout(60),
    ):
        await said(process, "record" if step == "record" else "request")
        while len(await placed()) < STEPS[step]:
            await asyncio.sleep(0.05)
        if step.startswith("Call"):
            await happens("ringing" if step == "CallRinging" else "in-progress")
            await said(process, step)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    assert len(await placed()) == STEPS[step]

    if step == "record":
        assert archive.interview(interview_id).attempts == ()
    else:
        with pytest.raises(CallUnderWay):
            await dialler.place_call(parts, twilio, interview_id, number)
        assert len(await placed()) == STEPS[step]
        (attempt,) = archive.interview(interview_id).attempts
        assert archive.sweep(now) == [], "it may still be ringing"
        assert archive.sweep(datetime.now(UTC) + SILENT_DIAL + timedelta(seconds=1)) == [attempt.id]
        assert archive.interview(interview_id).disposition is Disposition.FAILED
        with pytest.raises(TokenRefused):
            archive.redeem_attempt(attempt.id, datetime.now(UTC))
    archive.refuse_dial(interview_id, datetime.now(UTC), ())  # it may be dialled: she is not lost
