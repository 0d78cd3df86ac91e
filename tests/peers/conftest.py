"""Peers that nobody here wrote: started for the tests that need them, which are skipped by name where one is absent."""

import contextlib
import copy
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
DESCRIPTION = MODULES / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
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


@pytest.fixture(scope="session")
def emulate():
    """A stateful Twilio: numbers, calls, signed callbacks. Its URL."""
    port = free_port()
    preload = f"--require={HERE / 'loopback_only.cjs'}"
    with running("emulate", "--service", "twilio", "--port", port, port=port, NODE_OPTIONS=preload) as url:
        yield url


@pytest.fixture(scope="session")
def prism(tmp_path_factory):
    """A server that checks every request against Twilio's own description of its API. Its URL."""
    if not DESCRIPTION.exists():
        pytest.skip("Twilio's API description (@twilio/cli-core) is not installed: make peers")
    description = tmp_path_factory.mktemp("prism") / "twilio.json"
    description.write_text(json.dumps(with_lists(json.loads(DESCRIPTION.read_text()))))
    port = free_port()
    with running("prism", "mock", "-h", "127.0.0.1", "-p", port, description, port=port) as url:
        yield url


def with_lists(description):
    """The description says that a field is a list, but not that it is written by repeating it, as Twilio wants it."""
    described = copy.deepcopy(description)
    for operations in described["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for body in content.values():
                fields = body.get("schema", {}).get("properties", {})
                lists = [name for name, field in fields.items() if field.get("type") == "array"]
                body["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    return described
