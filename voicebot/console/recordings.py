"""A recording as a browser plays it: any part of the file, and its outline."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Annotated

import numpy as np
from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from nicegui import app

from models.accounts import Scope
from models.errors import NotInArchive
from voicebot.api.v1.access import SESSION_COOKIE
from voicebot.archive.recordings import CHANNELS, RecordingReader, wav_header
from voicebot.archive.store import Archive
from voicebot.console.visit import Visit, may

PEAKS = 400
"""Of each channel, over the whole recording."""
LOUDEST = 100
OUTLINES_KEPT = 256
CHUNK_BYTES = 1 << 16
ONE_PLAY = timedelta(minutes=30)
"""A browser asks for a recording piece by piece; within this time all pieces are one play in the audit."""
PLAYS_KEPT = 10_000
PRIVATE = {"cache-control": "private, no-store"}

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def _playable(attempt_id: str, visit: Annotated[Visit, Depends(may(Scope.RECORDINGS_PLAY))]) -> Visit:
    if not visit.principal.sees(visit.archive.desk.job_of_attempt(attempt_id)):
        raise NotInArchive(f"there is no attempt {attempt_id!r}")
    return visit


Playing = Annotated[Visit, Depends(_playable)]


@app.get("/recordings/{attempt_id}/outline")
def outline(attempt_id: str, visit: Playing) -> Response:
    left, right = _outline(visit.archive, attempt_id)
    return JSONResponse({"candidate": left, "interviewer": right}, headers=PRIVATE)


@app.get("/recordings/{attempt_id}.wav")
def audio(attempt_id: str, visit: Playing, request: Request) -> Response:
    now = datetime.now(UTC)
    if _plays.begins((request.cookies.get(SESSION_COOKIE, ""), attempt_id), now):
        reader = visit.archive.play(attempt_id, visit.principal.actor, now)
    else:
        reader = visit.archive.open_recording(attempt_id)
    headers = PRIVATE | {"accept-ranges": "bytes"}
    wanted = part(request.headers.get("range"), reader.size)
    if wanted is None:
        return StreamingResponse(
            _read(reader, 0, reader.size),
            media_type="audio/wav",
            headers=headers | {"content-length": str(reader.size)},
        )
    start, end = wanted
    if start >= end:
        reader.close()
        raise HTTPException(416, headers={"content-range": f"bytes */{reader.size}"})
    headers |= {"content-range": f"bytes {start}-{end - 1}/{reader.size}", "content-length": str(end - start)}
    return StreamingResponse(_read(reader, start, end), 206, media_type="audio/wav", headers=headers)


def part(asked: str | None, size: int) -> tuple[int, int] | None:
    """From where to before where the `Range` header asks for (RFC 9110, 14.1.2); None: for all, or for what nobody
    understands. An empty part cannot be given."""
    match = _RANGE.fullmatch(asked.replace(" ", "")) if asked else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


class Plays:
    """Who listens to what at the moment."""

    def __init__(self) -> None:
        self._begun: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = Lock()

    def begins(self, play: tuple[str, str], now: datetime) -> bool:
        """Whether this is a new play, and not another piece of one."""
        with self._lock:
            begun = self._begun.pop(play, None)
            new = begun is None or now - begun >= ONE_PLAY
            self._begun[play] = now if begun is None or new else begun
            if len(self._begun) > PLAYS_KEPT:
                self._begun.popitem(last=False)
            return new


_plays = Plays()


@lru_cache(OUTLINES_KEPT)
def _outline(archive: Archive, attempt_id: str) -> tuple[list[int], list[int]]:
    with archive.open_recording(attempt_id) as reader:
        reader.seek(len(wav_header(0)))
        samples = np.frombuffer(reader.read() or b"", "<i2").reshape(-1, CHANNELS)
    left, right = (_peaks(samples[:, channel]) for channel in range(CHANNELS))
    return left, right


def _peaks(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> list[int]:
    """How loud each part is, 0 to LOUDEST on a scale that shows quiet speech too."""
    if not len(samples):
        return []
    starts = np.unique(np.linspace(0, len(samples), PEAKS, endpoint=False).astype(int))
    loud = np.maximum.reduceat(np.abs(samples.astype(np.int32)), starts) / 32768
    return [round(LOUDEST * float(level)) for level in np.sqrt(loud)]


def _read(reader: RecordingReader, start: int, end: int) -> Iterator[bytes]:
    with reader:
        reader.seek(start)
        while start < end and (chunk := reader.read(min(CHUNK_BYTES, end - start))):
            start += len(chunk)
            yield chunk
