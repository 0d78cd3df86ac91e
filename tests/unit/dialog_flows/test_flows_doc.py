"""docs/flows.md names every key, and its worked example runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from dialog_flows.lint import lint
from dialog_flows.loader import parse
from dialog_flows.schema import (
    Ask,
    CandidateQuestions,
    Criterion,
    Flow,
    FollowUp,
    Lines,
    Policies,
    Question,
    Recording,
    When,
)
from models.dialog import Expects

DOC = (Path(__file__).parents[3] / "docs" / "flows.md").read_text(encoding="utf-8")
BLOCKS: tuple[type[BaseModel], ...] = (
    Flow,
    Ask,
    Question,
    Criterion,
    FollowUp,
    When,
    CandidateQuestions,
    Lines,
    Policies,
)


def keys() -> Iterator[str]:
    for block in BLOCKS:
        yield from block.model_fields
    yield from Expects
    yield from Recording


@pytest.mark.parametrize("key", sorted(set(keys())))
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in DOC


def test_no_block_of_the_schema_is_left_out() -> None:
    def blocks(block: type[BaseModel]) -> Iterator[type[BaseModel]]:
        yield block
        for field in block.model_fields.values():
            for name in re.findall(r"dialog_flows\.schema\.(\w+)", str(field.annotation)):
                inner = {each.__name__: each for each in BLOCKS}.get(name)
                assert inner or name == "Recording", f"{name} is not in BLOCKS"
                if inner:
                    yield from blocks(inner)

    assert set(blocks(Flow)) == set(BLOCKS)


def test_the_worked_example_loads_lints_clean_and_fills() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
    flow = parse(example, "docs/flows.md")
    assert lint(flow) == ()
    assert flow.fill({}).filled


def test_the_defaults_in_the_doc_are_the_schema_s() -> None:
    policies = Policies()
    for key in ("silence_seconds", "max_silences", "max_repeats", "max_call_minutes"):
        row = next(line for line in DOC.splitlines() if line.startswith(f"| `{key}`"))
        assert re.search(rf"\b{getattr(policies, key):g}\b", row), key
