"""A peer that nobody here wrote, in a process of its own; who needs one that is not installed is skipped by name."""

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STARTS_WITHIN_S = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(program, *arguments, port, **environment):
    """A peer's process, from when its port answers."""
    path = MODULES / ".bin" / program
    if not path.exists():
        pytest.skip(f"{program} is not installed: make peers")
    process = subprocess.Popen(
        [path, *map(str, arguments)], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(port):
            assert process.poll() is None, process.stdout.read().decode()
            assert time.monotonic() < deadline, f"{program} does not listen on port {port}"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def _answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def emulator():
    """A stateful Twilio: numbers, calls, signed callbacks. Yields its URL."""
    port = free_port()
    preload = f"--require={HERE / 'loopback_only.cjs'}"
    with running("emulate", "--service", "twilio", "--port", port, port=port, NODE_OPTIONS=preload) as url:
        yield url
