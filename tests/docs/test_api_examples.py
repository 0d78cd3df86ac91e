"""The examples of docs/api.md are carried out, one after the other, by a shell against a server."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from models.accounts import Scope
from voicebot.api import v1
from voicebot.archive.store import Archive, open_archive
from voicebot.settings import Settings

ROOT = Path(__file__).parents[2]
LIST = "id,name,phone,email\na-17,Ann Lee,(415) 555-0123,ann@example.org\nb-2,Bo,nothing,\n"


@contextlib.contextmanager
def served(archive: Archive) -> Iterator[str]:
    app = FastAPI()
    app.mount(v1.PREFIX, v1.create_api(archive, Settings()))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{v1.PREFIX}"
        finally:
            server.should_exit = True
            thread.join()


def test_the_examples_do_what_they_say(tmp_path: Path) -> None:
    for program in ("bash", "curl", "jq"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    text = (ROOT / "docs" / "api.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text.partition("## From an opening to a decision")[2], re.DOTALL)
    script = "".join(block for block in blocks if "export KEY" not in block)
    (tmp_path / "candidates.csv").write_text(LIST)
    flow = (ROOT / "tests" / "flows" / "short.yaml").read_text()
    (tmp_path / "backend.yaml").write_text(flow.replace("id: short", "id: backend").replace("also_in: [zh]\n", ""))
    with open_archive(tmp_path / "archive") as archive:
        _, key = archive.accounts.create_key("docs", frozenset(Scope), "mia", datetime.now(UTC))
        with served(archive) as address:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=tmp_path,
                env={"PATH": os.environ["PATH"], "API": address, "KEY": key, "no_proxy": "*"},
                capture_output=True,
                text=True,
                timeout=60,
            )
        assert (done.returncode, done.stderr) == (0, ""), script
        assert "'nothing' is not a telephone number" in done.stdout
        [interview] = archive.interviews()
        assert interview.candidate.name == "Ann Lee"
        assert [note.decision for note in archive.reviews.of(interview.id).notes] == ["advance"]
        assert archive.verify().sound
