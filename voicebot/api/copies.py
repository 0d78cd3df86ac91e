"""Everything on file about one person, for a browser to download."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from fastapi import Response
from fastapi.responses import StreamingResponse

from voicebot.archive.export import write_person
from voicebot.archive.store import Archive

_BLOCK_BYTES = 1 << 18


def copy_of(archive: Archive, person_id: str, actor: str, at: datetime, name: str) -> Response:
    """A zip that is called `name`. On the disk it has no name, so that nothing is left of it whatever happens.

    Errors: NotInArchive.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it has been sent
    try:
        write_person(archive.database, person_id, file, actor, at)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    headers = {
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingResponse(_blocks(file), headers=headers, media_type="application/zip")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block
