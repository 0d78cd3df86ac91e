"""Peers that nobody here wrote: started for the tests that need them, which are skipped by name where one is absent."""

import copy
import json

import pytest
from peer import MODULES, emulator, free_port, running

DESCRIPTION = MODULES / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"


@pytest.fixture(scope="session")
def emulate():
    """A stateful Twilio: numbers, calls, signed callbacks. Its URL."""
    with emulator() as url:
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
