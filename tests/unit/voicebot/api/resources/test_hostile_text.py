"""Every text that the API takes, as a program that means harm would write it: the list is made of the API's own
description, so that no field is left out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from models.accounts import Role, Scope
from models.archive import Job
from voicebot.archive.store import Archive

TEXTS = (
    "'; DROP TABLE interviews; --",
    "\" OR ''='' UNION SELECT wrapped FROM keys --",
    "%_\\x00\\'); DELETE FROM audit; /*",
    "${jndi:ldap://x}{{7*7}}<script>alert(1)</script>\u202e",
)
LEFT_OUT = {"/webhooks/{webhook_id}/ping"}
"""Has no text, and would ask another host."""


@pytest.fixture
def ids(archive: Archive, held: Any, job: Job, flow: Any, now: datetime) -> dict[str, str]:
    """Of something that is there, for each name that an address has."""
    person = archive.interviews(1)[0].person_id
    user = archive.accounts.create_user("rex", Role.REVIEWER, "a horse drew 7 staples", "mia", now)
    key, _ = archive.accounts.create_key("some", {Scope.JOBS_READ}, "mia", now)
    webhook, _ = archive.webhooks.create("https://example.com/hook", [], "mia", now)
    return {
        **{"user_id": user.id, "key_id": key.id, "webhook_id": webhook.id},
        **{"job_id": job.id, "person_id": person, "candidate_id": person, "flow_id": flow.id, "sequence": "1"},
        **{"interview_id": held.interview_id, "attempt_id": held.attempt_id, "wish_id": "0" * 32, "link": "x"},
    }


def test_no_text_is_more_than_a_text(client: TestClient, api: FastAPI, archive: Archive, ids: dict[str, str]) -> None:
    described = api.routes[-1].app.openapi()
    sent = 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if path in LEFT_OUT or method == "delete":
                continue
            for text in TEXTS:
                for asked in requests(described, path, operation, ids, text):
                    answer = client.request(method, **asked)
                    assert answer.status_code < 500, (method, asked, answer.text)
                    sent += 1
    assert sent > 200
    assert archive.interview(ids["interview_id"]).transcript
    assert archive.verify().problems == ()


def requests(
    described: dict[str, Any], path: str, operation: dict[str, Any], ids: dict[str, str], text: str
) -> Iterator[dict[str, Any]]:
    """One for each of the operation's texts, with everything else as it should be."""
    content = operation.get("requestBody", {}).get("content", {})
    body = example(described, content.get("application/json", {}).get("schema"))
    address = path.format_map(ids)
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path":
            yield {"url": path.format_map(ids | {name: text.replace("/", "%2F")}), "json": body}
        elif parameter["in"] == "query":
            yield {"url": address, "params": {name: text}, "json": body}
        else:
            yield {"url": address, "headers": {name: text.encode("ascii", "replace").decode()}, "json": body}
    for changed in with_text(body, text):
        yield {"url": address, "json": changed, "headers": {"If-Match": "*"}}


def with_text(value: Any, text: str) -> Iterator[Any]:
    """The value with each of its texts, and each of its names, in turn replaced."""
    if isinstance(value, str):
        yield text
    elif isinstance(value, list):
        yield from ([changed] for each in value for changed in with_text(each, text))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from (value | {name: changed} for changed in with_text(each, text))
        yield value | {text: text}


def example(described: dict[str, Any], part: dict[str, Any] | None) -> Any:
    """Something that the description takes."""
    if part is None:
        return None
    if "$ref" in part:
        part = described["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in part and "properties" not in part:
        return example(described, part["anyOf"][0])
    if part.get("examples"):
        return part["examples"][0]
    kinds: dict[str, Callable[[], Any]] = {
        "object": lambda: {name: example(described, each) for name, each in part.get("properties", {}).items()},
        "array": lambda: [example(described, part.get("items"))],
        "string": lambda: part.get("const") or part.get("enum", ["some text"])[0],
        "boolean": lambda: True,
    }
    return kinds.get(part.get("type", "string"), lambda: part.get("minimum", 1))()
