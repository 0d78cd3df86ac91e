"""A recording as a browser plays it: any part of the file, and its outline."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

import numpy as np
from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from nicegui import app

from models.accounts import Scope
from models.errors import NotInArchive
from voicebot.api.v1.playing import played
from voicebot.archive.recordings import CHANNELS, wav_header
from voicebot.archive.store import Archive
from voicebot.console.visit import Visit, may

PEAKS = 400
"""Of each channel, over the whole recording."""
LOUDEST = 100
OUTLINES_KEPT = 256
PRIVATE = {"cache-control": "private, no-store"}


def _playable(attempt_id: str, visit: Annotated[Visit, Depends(may(Scope.RECORDINGS_PLAY))]) -> Visit:
    archive = visit.archive
    if not visit.principal.sees(archive.summary(archive.interview_of(attempt_id)).job_id):
        raise NotInArchive(f"there is no attempt {attempt_id!r}")
    return visit


Playing = Annotated[Visit, Depends(_playable)]


@app.get("/recordings/{attempt_id}/outline")
def outline(attempt_id: str, visit: Playing) -> Response:
    visit.archive.open_recording(attempt_id).close()  # once it is removed, its outline is for nobody either
    left, right = _outline(visit.archive, attempt_id)
    return JSONResponse({"candidate": left, "interviewer": right}, headers=PRIVATE)


@app.get("/recordings/{attempt_id}.wav")
def audio(attempt_id: str, visit: Playing, request: Request) -> Response:
    answer = played(visit.archive, request, attempt_id, visit.principal.actor, datetime.now(UTC))
    answer.headers.update(PRIVATE)
    return answer


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
