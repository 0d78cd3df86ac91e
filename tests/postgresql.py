"""A PostgreSQL server for the tests: Debian's, in a temporary folder, on a socket there and on no port."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=120"


class Server:
    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._programs = programs

    def new_database(self, template: str | None = None) -> str:
        """The URL of an empty database, or of a copy of the one with the URL `template`."""
        name = f"t{uuid4().hex}"
        like = ["-T", template.split("/")[3].split("?")[0]] if template else []
        self.run("createdb", "-h", self.folder, *like, name)
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def start(self) -> None:
        options = f"{SETTINGS} -k {self.folder}"
        self.run("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def run(self, program: str, *arguments: object) -> None:
        """PostgreSQL refuses to run as root: then it runs as `nobody`."""
        user: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(
            command,
            **user,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PGUSER": "postgres", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a server that is started would keep a pipe open
            stderr=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{program} failed: see {self.folder}/log"


@contextmanager
def server() -> Iterator[Server]:
    """Skips the test that asks for it where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="the driver is not installed: pip install 'voicebot[postgresql]'")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has at most 107 bytes
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        started = Server(programs, folder)
        started.run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        started.start()
        try:
            yield started
        finally:
            started.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
