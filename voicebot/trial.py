"""A flow tried out on the telephone: one call to a page in a browser, of which nothing stays.

It is a call like any other: it takes a slot, is dialled, comes in as a media stream with a token that works once, and
is held by `voicebot.call`. Only its archive is a folder of its own, under a key that is kept nowhere, which is deleted
when the call is over. What was said and what it scored is in the `Trial`, for as long as somebody keeps that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from dialog_flows.engine import lines
from dialog_flows.schema import Flow
from models.call import Candidate, DialRequest
from models.dialog import DialogState, KnockOut
from models.errors import TokenRefused
from models.interview import InterviewRecord
from models.speech import Speaker, TranscriptLine, Utterance
from telephony.browser import BrowserGateway, BrowserLeg
from voicebot import dialler, filling
from voicebot.archive.store import open_archive
from voicebot.wiring import Parts

NUMBER = "+15555550100"
"""Nobody's: there is no area code 555."""


@dataclass(eq=False)
class Trial:
    """One such call, as it goes; observes itself."""

    flow: Flow
    """As it was written."""
    name: str
    """Of whoever picks up: whom the interviewer asks for."""
    id: str = field(default_factory=lambda: uuid4().hex)
    lines: list[TranscriptLine] = field(default_factory=list)
    """What has been said, in the order it came; an interviewer's line as soon as it begins."""
    state: DialogState = field(default_factory=DialogState)
    path: list[str] = field(default_factory=list)
    """The keys of the lines that were to be answered, as in a rehearsal's path."""
    rendered: int = 0
    """Lines that are ready to be said, of `to_render`."""
    to_render: int = 0
    record: InterviewRecord | None = None
    """How it ended and what it scored; None until then."""
    _parts: Parts | None = None
    _leg: BrowserLeg | None = None

    @property
    def passed_over(self) -> tuple[str, ...]:
        return self.state.passed_over

    @property
    def knock_outs(self) -> tuple[KnockOut, ...]:
        return self.state.knock_outs

    async def hold(self, parts: Parts, ring: Callable[[str], None]) -> None:
        """Hold the call from the first line that is rendered to the scores. `ring` hears the stream's token.

        Whoever cancels it hangs up. Raises InvalidFlow when a variable of the flow has no value, and every error of
        `dialler.place_call`.
        """
        variables = filling.variables(self.flow, parts.settings, self.name)
        filled = self.flow.fill(variables)
        with parts.live_calls.slot(self.id), TemporaryDirectory(prefix="voicebot-test-call-") as home:
            settings = parts.settings.discarded_in(Path(home))
            opening = asyncio.create_task(asyncio.to_thread(open_archive, settings.home, **settings.archive))
            try:
                self._parts = replace(parts, settings=settings, archive=await asyncio.shield(opening))
                self.to_render = sum(len(lines(filled.in_language(each))) for each in filled.languages)
                await dialler.prepare(self._parts, filled, self._on_rendered)
                await self._call(self._parts, filled, variables, ring)
            finally:
                archive = await opening  # also when cancelled while it was being opened
                await asyncio.to_thread(archive.close)

    async def _call(self, parts: Parts, filled: Flow, variables: dict[str, str], ring: Callable[[str], None]) -> None:
        def rings(leg: BrowserLeg, request: DialRequest) -> None:
            self._leg = leg
            ring(request.stream_token)

        who = Candidate("tester", self.name, NUMBER)
        interview_id = await dialler.schedule(parts, filled, who, variables)
        await dialler.place_call(parts, BrowserGateway(rings), interview_id, NUMBER, attempt_id=self.id)
        self.record = await asyncio.to_thread(parts.archive.interview, interview_id)

    @contextmanager
    def picked_up(self, close: Callable[[], Awaitable[None]]) -> Iterator[Parts]:
        """Around the whole of the call's media stream, which `close` closes. Yields what the call is held with.

        Raises TokenRefused when the call does not ring.
        """
        if self._leg is None or self._parts is None:
            raise TokenRefused("this call does not ring yet")
        with self._leg.stream(close):
            yield self._parts

    def _on_rendered(self) -> None:
        self.rendered += 1

    def line_began(self, text: str, at_ms: int) -> None:
        self.lines.append(TranscriptLine(Speaker.INTERVIEWER, text, at_ms, at_ms, self.state.position))

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None:
        start_ms, end_ms = utterance.start_ms, utterance.end_ms
        said = TranscriptLine(Speaker.CANDIDATE, utterance.text, start_ms, end_ms, self.state.position, meaning)
        self.lines.append(said)

    def moved(self, state: DialogState) -> None:
        self.state = state
        key = f"{state.position}.{state.follow_up}" if state.follow_up else state.position
        if key is not None and (not self.path or self.path[-1] != key):
            self.path.append(key)

    def filed(self, interview_id: str) -> None:
        pass
