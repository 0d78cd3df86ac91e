"""The two-channel recording, written while the call goes on: left the candidate, right the interviewer.

Both channels lie on the call's clock, so a time in the transcript is a time in the file. Until the candidate has agreed
to be recorded, their channel is silence; on a "no" what was written is thrown away and nothing more is written.
"""

import asyncio
from collections import deque
from typing import Protocol

from loguru import logger
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from models.errors import ArchiveError
from models.interview import RecordingFile
from voicebot.pipeline.clock import CallClock
from voicebot.pipeline.sent_audio import SentAudio
from voicebot.pipeline.tracks import Tracks

WRITE_MS = 1000
"""How much is written at a time; a crash loses no more than this and the slack."""


class Writer(Protocol):
    def append(self, left: bytes, right: bytes) -> None: ...

    def close(self) -> RecordingFile: ...

    def discard(self) -> None: ...


class RecorderProcessor(FrameProcessor):
    """Stands after the transport's output, where both directions pass at the pace of the call."""

    def __init__(self, writer: Writer, clock: CallClock, sent: SentAudio) -> None:
        """`sent` is told what goes out, whether it is recorded or not."""
        super().__init__()
        self._clock = clock
        self._sent = sent
        self._writer = writer
        self._tracks = Tracks()
        self._permitted: bool | None = None
        self._writing: asyncio.Task[None] | None = None
        self._pending: deque[tuple[bytes, bytes]] = deque()
        self._taken_ms = 0
        self._broken = False
        self._discarded = False

    def permit(self, permitted: bool) -> None:
        """The candidate's answer; a no also takes back an earlier yes, and what was written is gone at once."""
        self._permitted = permitted
        if not permitted:
            self._tracks.take(slack_ms=0)
            self._start_writing()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame() if self._permitted is not False:
                self._tracks.hear_candidate(frame.audio if self._permitted else bytes(len(frame.audio)))
                if self._tracks.now_ms - self._taken_ms >= WRITE_MS:
                    self._taken_ms = self._tracks.now_ms
                    self._pending.append(self._tracks.take())
                    self._start_writing()
            case OutputAudioRawFrame():
                self._sent.add(frame.audio, self._clock.now_ms)
                if self._permitted is not False:
                    self._tracks.hear_interviewer(frame.audio)
        await self.push_frame(frame, direction)

    def _start_writing(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="recording")

    async def _write(self) -> None:
        """A recording that cannot be written does not end the call: what was said is in the transcript."""
        try:
            while self._permitted is not False and self._pending and not self._broken:
                await asyncio.to_thread(self._writer.append, *self._pending.popleft())
            if self._permitted is False and not self._discarded:
                self._discarded = True
                await asyncio.to_thread(self._writer.discard)
        except ArchiveError as error:
            self._broken = True
            logger.error("the recording stops here: {}", error)

    async def close(self) -> RecordingFile | None:
        """Finish the file. None when the candidate did not agree to be recorded, or it could not be written."""
        if self._permitted is None:
            self.permit(False)
        else:
            self._pending.append(self._tracks.take(slack_ms=0))
            self._start_writing()
        if self._writing is not None:
            await self._writing
        if not self._permitted:
            return None
        try:
            return await asyncio.to_thread(self._writer.close)
        except ArchiveError as error:
            logger.error("the recording could not be finished: {}", error)
            return None
