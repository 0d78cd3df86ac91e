"""docs/webhooks.md: its snippets verify what we sign, and its table has every event."""

import base64
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from voicebot.archive.events import EVENT_TYPES
from voicebot.webhooks import retry, signature

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type":"note.filed","data":{"x":"张"}}'.encode()


def snippet(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def in_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Any] = {}
    exec(snippet("python"), names)
    return bool(names["verify"](secret, headers, body))


def in_javascript(secret: str, headers: dict[str, str], body: bytes) -> bool:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: apt-get install nodejs")
    given = json.dumps([secret, headers, base64.b64encode(body).decode()])
    run = f'{snippet("javascript")}\nconst [s, h, b] = {given};\nconsole.log(verify(s, h, Buffer.from(b, "base64")));'
    return json.loads(subprocess.run([node, "-e", run], capture_output=True, check=True).stdout) is True


@pytest.mark.parametrize("verify", [in_python, in_javascript])
def test_the_snippets_take_what_is_ours_and_nothing_else(verify: Any) -> None:
    old, new, now = signature.new_secret(), signature.new_secret(), int(time.time())
    headers = signature.headers("evt_1", BODY, [new, old], now)
    assert verify(old, headers, BODY)
    assert verify(new, headers, BODY)
    assert not verify(signature.new_secret(), headers, BODY)
    assert not verify(new, headers, BODY + b" ")
    assert not verify(new, headers | {"webhook-id": "evt_2"}, BODY)
    assert not verify(new, signature.headers("evt_1", BODY, [new], now - 301), BODY)


def test_every_event_is_in_the_table_with_what_it_tells() -> None:
    rows = {
        name: set(re.findall(r"`(\w+)`", row[1]))
        for row in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`([\w.]+)`", row[0])
    }
    del rows["type"]
    assert rows == {kind.name: {kind.subject, *kind.details.values()} for kind in EVENT_TYPES.values()}


def test_the_schedule_of_retries_is_the_one_in_the_page() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    (listed,) = re.findall(r"tried eleven times in 28 hours, after (.*?), each a fifth", PAGE, re.DOTALL)
    waits = tuple(int(number) * units[unit] for number, unit in re.findall(r"(\d+)\s(s|min|h)\b", listed))
    assert waits == retry.BACKOFF_S
    assert round(sum(waits) / 3600) == 28
    statuses = re.search(r"\*\*([\d, ]+)\*\*: you refuse", PAGE)
    assert statuses
    assert {int(status) for status in statuses[1].split(",")} == retry.OF_THE_EVENT
