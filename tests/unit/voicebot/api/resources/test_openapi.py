"""The API is as its description says, whatever is sent: schemathesis makes requests up from the description."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance

from dialog_flows import loader
from models.accounts import Scope
from models.call import Candidate
from voicebot.api import v1
from voicebot.archive.store import open_archive
from voicebot.settings import Settings

FLOW = Path(__file__).parents[4] / "flows" / "short.yaml"
API = v1.create_api(None, Settings(api_requests_per_minute=1_000_000, api_strangers_per_minute=1_000_000))
DESCRIBED = schemathesis.openapi.from_asgi("/openapi.json", API)


@pytest.fixture(scope="module")
def authorization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of somebody who may do everything, in an archive that has a little of each."""
    now = datetime.now(UTC)
    with open_archive(tmp_path_factory.mktemp("archive")) as archive:
        API.state.archive = archive
        _, secret = archive.accounts.create_key("tests", frozenset(Scope), "mia", now)
        flow = loader.load(FLOW)
        archive.flows.publish(flow.ref, flow.title, flow.language, flow.published_text, now)
        job = archive.jobs.file("Backend engineer", "Berlin", now, flow_id=flow.id)
        archive.schedule_interview(Candidate("a-17", "Ann Lee", "+14155550123"), flow.ref, {}, now, job_id=job.id)
        yield {"Authorization": f"Bearer {secret}"}


@DESCRIBED.parametrize()
@settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_the_api_is_as_it_is_described(case: Any, authorization: dict[str, str]) -> None:
    # What is well-formed may still be no number, no cursor of ours, no flow: the other tests tell of each.
    case.call_and_validate(headers=authorization, excluded_checks=[positive_data_acceptance])
