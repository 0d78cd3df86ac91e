"""A call is interrupted wherever it can be: at every place in our code where one of its tasks waits for something.

Time leaps in these calls, as in all of this folder: so the same await is reached each time, and in the same way.

The suite takes a sample of the moments. For more of them, or for all, which takes three quarters of an hour:

    INTERRUPTIONS=100 python -m pytest tests/calls/test_interruption.py     # of each kind; all: INTERRUPTIONS=all
"""

import asyncio
import collections.abc
import gc
import os
import random
import warnings
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from loguru import logger

import voicebot
from dialog_flows import loader
from models.audio import FRAME_MS
from models.call import Candidate, Disposition
from models.interview import InterviewRecord
from models.speech import Speaker
from telephony.loopback import FRAME_BYTES, Hook, LoopbackGateway
from voicebot import demo, dialler
from voicebot.api.app import create_app
from voicebot.api.server import listen, serving
from voicebot.archive.recordings import verify
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.virtual_time import VirtualTimeLoop
from voicebot.settings import Vad

pytestmark = pytest.mark.timeout(4 * 3600 if "INTERRUPTIONS" in os.environ else 120)

FLOW = Path(__file__).parents[1] / "flows" / "brief.yaml"
PERSONA = Persona(id="joe", name="Joe", flow="brief", answers={})
SAYS = {
    "May I record?": "Yes, that's fine.",
    "Are you Joe?": "Yes, speaking.",
    "Good time?": "Yes, it is.",
    "What did you build?": "I built a billing service.",
    "When could you start?": "In two weeks.",
    "Any questions?": "No, thank you.",
    "Anything else?": "No, thank you.",
}
"""What is said to each question."""
ASKS_AGAIN = ("Sorry, yes or no?", "Sorry, I didn't catch that.", "Are you still there?")
CLOSING = "Goodbye."
INTERJECTION = "I built a search engine."
SENT_IN_VAIN = "exception sending data: WebSocketDisconnect"
"""What pipecat warns of when a packet was on its way to a line that has just gone dead."""

THREAD_MS = 7
"""How long each piece of work for a thread takes in these calls."""
LONGEST_S = 200
KINDS = ("hangs up", "goes dead", "talks over it", "shuts down", "is cancelled")
SAMPLE = 12
"""Moments of each kind in an ordinary run."""
OURS = tuple(str(Path(voicebot.__file__).parent / part) for part in ("api", "call.py", "conversation.py", "pipeline"))


class Moments:
    """Counts the waits of our code in one call, and does something at one of them."""

    def __init__(self, at, then):
        self.sites = []
        """Where each wait was, in the order of time."""
        self._at = at
        self._then = then

    def task(self, loop, coroutine, **options):
        return asyncio.Task(Watched(coroutine, self), loop=loop, **options)

    def waits(self, coroutine):
        if site := places(coroutine):
            self.sites.append(site)
            if len(self.sites) - 1 == self._at:
                self._then()


class Watched(collections.abc.Coroutine):
    """A task's coroutine that tells where it waits."""

    def __init__(self, coroutine, moments):
        self.coroutine = coroutine
        self._moments = moments

    def send(self, value):
        return self._tell(self.coroutine.send(value))

    def throw(self, *error):
        return self._tell(self.coroutine.throw(*error))

    def _tell(self, awaited):
        self._moments.waits(self.coroutine)
        return awaited

    def close(self):
        self.coroutine.close()

    def __await__(self):
        return self.coroutine.__await__()


def places(coroutine):
    """Where a coroutine waits: file, function and line of each of our own frames, the outermost first."""
    found = []
    while coroutine is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(coroutine, f"{kind}_frame")), None)
        if kind is None:
            break
        frame = getattr(coroutine, f"{kind}_frame")
        if frame is not None and frame.f_code.co_filename.startswith(OURS):
            found.append((Path(frame.f_code.co_filename).stem, frame.f_code.co_name, frame.f_lineno))
        coroutine = getattr(coroutine, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")
    return tuple(found)


def loud(frame):
    return np.abs(np.frombuffer(frame, np.int16).astype(int)).max() > 500


class Person:
    """Answers each question half a second after it was heard; may say something at any other time, or hang up."""

    def __init__(self, speech):
        self.hangs_up = False
        self.sounds_ms = []
        """When each packet that was not silent began, on the call's clock."""
        self._speech = speech
        self._now_ms = 0
        self._asked = None
        self._quiet_ms = 0
        self._saying = b""

    def is_told(self, line):
        self._asked, self._quiet_ms = line, 0

    def say(self, text):
        self._saying = self._speech[text].pcm

    def exchange(self, heard):
        if self.hangs_up:
            return Hook.DOWN
        self._quiet_ms = 0 if loud(heard) else self._quiet_ms + FRAME_MS
        if self._asked in SAYS and not self._saying and self._quiet_ms >= 500:
            self.say(SAYS[self._asked])
            self._asked = None
        said, self._saying = self._saying[:FRAME_BYTES].ljust(FRAME_BYTES, b"\0"), self._saying[FRAME_BYTES:]
        if loud(said):
            self.sounds_ms.append(self._now_ms)
        self._now_ms += FRAME_MS
        return said


@dataclass
class Call:
    """One call with `person`, and what is left of it. Observes itself."""

    person: Person
    asked: list[str] = field(default_factory=list)
    """The interviewer's lines, from when they began to be heard."""
    asked_before: tuple[str, ...] = ()
    """Those from before the interruption."""
    filed_times: int = 0
    sites: list = field(default_factory=list)
    record: InterviewRecord | None = None
    complaints: list[str] = field(default_factory=list)
    """Warnings, errors, and whatever is still there when it should be gone."""

    def line_began(self, text, at_ms):
        self.asked.append(text)
        self.person.is_told(text)

    def candidate_said(self, utterance, meaning):
        pass

    def moved(self, state):
        pass

    def filed(self, interview_id):
        self.filed_times += 1


@pytest.fixture(scope="module")
def hold(parts):
    """Holds one call, and interrupts it in one way, at its nth wait."""
    settings = parts.settings.model_copy(update={"vad": Vad.WEBRTC})
    parts = replace(parts, settings=settings)
    flow, variables = demo.fill(parts, loader.load(FLOW), PERSONA)

    async def speech():
        await dialler.prepare(parts, flow)
        return {text: await parts.voice("en").speak(text) for text in (*SAYS.values(), INTERJECTION)}

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        spoken = runner.run(speech())

    def hold(kind=None, at=None):
        call = Call(Person(spoken))
        loop = VirtualTimeLoop(threads_take_ms=THREAD_MS)
        loop.set_exception_handler(lambda _, context: call.complaints.append(str(context)))
        sink = logger.add(call.complaints.append, level="WARNING", format="{message}")
        files = open_files()
        try:
            with warnings.catch_warnings(record=True) as caught, asyncio.Runner(loop_factory=lambda: loop) as runner:
                warnings.simplefilter("always")
                runner.run(_hold(parts, flow, variables, call, kind, at))
            gc.collect()
        finally:
            logger.remove(sink)
        call.complaints += [str(each.message) for each in caught if "audioop" not in str(each.message)]
        call.complaints += [f"still open: {name}" for name in open_files() - files]
        return call

    return hold


def open_files():
    """Those of a call; the database keeps its own open."""
    names = (str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return {name for name in names if name.startswith("socket") or name.endswith(".wav")}


class Network(LoopbackGateway):
    """Remembers its call."""

    async def dial(self, request):
        self.leg = await super().dial(request)
        return self.leg


async def _hold(parts, flow, variables, call, kind, at):
    loop = asyncio.get_running_loop()
    over, before = asyncio.Event(), asyncio.all_tasks()

    def interrupt():
        call.asked_before = tuple(call.asked)
        match kind:
            case "hangs up":
                call.person.hangs_up = True
            case "goes dead":
                network.leg.go_dead()
            case "talks over it":
                call.person.say(INTERJECTION)
            case "shuts down":
                over.set()
            case "is cancelled":
                (task,) = (task for task in asyncio.all_tasks() if serves(task))
                task.cancel()

    moments = Moments(at, interrupt)
    who = Candidate("joe", "Joe", "+15555550123")
    interview_id = await dialler.schedule(parts, flow, who, variables)
    async with asyncio.timeout(LONGEST_S):
        async with serving(create_app(parts, lambda _: call), listen("127.0.0.1", 0)) as address:
            loop.set_task_factory(moments.task)
            network = Network(f"ws://{address}/media", lambda _: call.person, ringing_ms=0)
            dialling = asyncio.create_task(dialler.place_call(parts, network, interview_id, who.phone))
            dialling.add_done_callback(lambda _: over.set())
            await over.wait()
        await dialling
    loop.set_task_factory(None)
    await asyncio.sleep(1)
    call.sites = moments.sites
    call.complaints += [f"still running: {task}" for task in asyncio.all_tasks() - before]
    call.record = parts.archive.interview(interview_id)
    if parts.archive.sweep(datetime.now(UTC) + timedelta(days=1)):
        call.complaints.append("the attempt was never ended")
    if call.record.recording and not verify(call.record.recording, parts.archive.folder):
        call.complaints.append("the recording is not what was filed")


def serves(task):
    coroutine = task.get_coro()
    return isinstance(coroutine, Watched) and any(
        place[:2] == ("app", "media") for place in places(coroutine.coroutine)
    )


def wrong(call, kind):
    """What the product promises and this call does not keep."""
    record = call.record
    if record.disposition is Disposition.FAILED and not record.transcript and not call.filed_times:
        # the line was lost before it was known whose it is
        yield from (each for each in call.complaints if not each.startswith("media stream refused"))
        return
    yield from (each for each in call.complaints if SENT_IN_VAIN not in each)
    if call.filed_times != 1:
        yield f"told {call.filed_times} times that the call was filed"
    if record.disposition is not (Disposition.COMPLETED if came_to_its_end(call, kind) else Disposition.DROPPED):
        yield f"it is filed as {record.disposition}"
    for number, question in enumerate(call.asked):
        if question in SAYS and question in call.asked[:number] and not has_reason(call, number):
            yield f"asked twice: {question}"
    for answer in record.answers:
        for heard in (part.utterance for part in answer.parts):
            if not any(heard.start_ms <= at_ms <= heard.end_ms for at_ms in call.person.sounds_ms):
                yield f"nobody said {heard.text!r}"
    answers = {answer.question_id: answer.text.lower() for answer in record.answers}
    if record.disposition is Disposition.COMPLETED:
        for question, words in (("project", ("service", "engine")), ("start", ("week", "engine"))):
            if not any(word in answers.get(question, "") for word in words):
                yield f"the answer to {question}: {answers.get(question)!r}"
    if record.answers and record.scorecard is None:
        yield "not scored"
    spoken = [line for line in record.transcript if line.speaker is Speaker.CANDIDATE]
    for earlier, later in pairwise(spoken):
        if later.start_ms < earlier.end_ms:
            yield f"heard twice: {earlier.text!r}, {later.text!r}"


def came_to_its_end(call, kind):
    """Whether everything had been asked before the call was interrupted, if that ended it."""
    if kind in (None, "talks over it"):
        return True
    last_reply = any(line.position == "candidate_questions" and line.meaning == "no" for line in call.record.transcript)
    return CLOSING in call.asked_before or last_reply


def has_reason(call, number):
    """Whether a question is asked again because it was not heard, or not answered."""
    lines = [line for line in call.record.transcript if line.speaker is Speaker.INTERVIEWER]
    return call.asked[number - 1] in ASKS_AGAIN or any(
        not line.heard and call.asked[number].startswith(line.text.rstrip("…")) for line in lines
    )


@pytest.fixture(scope="module")
def moments(hold):
    """Every wait of an uninterrupted call, by where in our code it is."""
    call = hold()
    assert not list(wrong(call, None))
    numbers = defaultdict(list)
    for number, site in enumerate(call.sites):
        numbers[site].append(number)
    return numbers


def chosen(moments, kind):
    """Moments of every site in turn, as many as wanted."""
    chance = random.Random(kind)
    waiting = [chance.sample(numbers, len(numbers)) for numbers in moments.values()]
    chance.shuffle(waiting)
    ordered = []
    while waiting := [numbers for numbers in waiting if numbers]:
        ordered += [numbers.pop() for numbers in waiting]
    wanted = os.environ.get("INTERRUPTIONS", str(SAMPLE))
    return ordered if wanted == "all" else ordered[: int(wanted)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_is_interrupted_anywhere_is_filed_and_leaves_nothing_behind(hold, moments, kind):
    broken = []
    for at in chosen(moments, kind):
        call = hold(kind, at)
        broken += [f"at {at} {call.sites[at]}: {what}" for what in wrong(call, kind)]
    assert not broken, "\n".join(broken)
