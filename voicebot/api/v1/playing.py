"""A recording over HTTP: whole, or in the parts that a player asks for."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from fastapi import HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from voicebot.api.v1.etags import tag
from voicebot.archive.recordings import RecordingReader
from voicebot.archive.store import Archive

ONE_LISTENING = timedelta(minutes=30)
"""A player's requests within it are one entry of the audit."""
_BLOCK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE | re.ASCII)


def played(archive: Archive, request: Request, attempt_id: str, actor: str, now: datetime) -> Response:
    """All of a recording, or the bytes that the request asks for; the audit remembers who listened.

    Errors: NotInArchive; HTTPException 416.
    """
    reader = archive.play(attempt_id, actor, now, again_within=ONE_LISTENING)
    etag = tag(f"{attempt_id} {reader.size}".encode())
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Content-Disposition": "inline"}
    start, end = 0, reader.size
    status = 200
    if request.headers.get("if-range", etag) == etag and (asked := request.headers.get("range")):
        wanted = part(asked, reader.size)
        if wanted is not None:
            start, end = wanted
            status = 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{reader.size}"
        if start >= end:
            reader.close()
            raise HTTPException(
                416,
                f"the recording has {reader.size} bytes: ask for some of them",
                {"Content-Range": f"bytes */{reader.size}"},
            )
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(_blocks(reader, start, end), status, headers, "audio/wav")


def part(asked: str, size: int) -> tuple[int, int] | None:
    """From where to where (RFC 9110, 14.1.2), empty where there is nothing; None: all, as for several parts at once."""
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    if last and int(last) < int(first):
        return None  # an invalid range is left alone
    return int(first), min(size, int(last) + 1) if last else size


def _blocks(reader: RecordingReader, start: int, end: int) -> Iterator[bytes]:
    with reader:
        reader.seek(start)
        while start < end and (block := reader.read(min(_BLOCK_BYTES, end - start))):
            start += len(block)
            yield block
