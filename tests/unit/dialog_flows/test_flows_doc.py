"""docs/flows.md runs as it is written, and docs/flow-reference.md is the schema's own page."""

import re
from pathlib import Path

import pytest
import yaml

from dialog_flows import reference
from dialog_flows.lint import lint
from dialog_flows.loader import parse

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "flows.md").read_text(encoding="utf-8")
FLOW, *PARTS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
QUESTIONS = ("questions", "sections")


def test_the_worked_example_loads_lints_clean_and_fills() -> None:
    flow = parse(FLOW, "docs/flows.md")
    assert lint(flow) == ()
    assert flow.fill({}).filled


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition(":")[0])
def test_every_other_example_fits_into_it(part: str) -> None:
    whole, own = yaml.load(FLOW, yaml.BaseLoader), yaml.load(part, yaml.BaseLoader)
    kept = {key: value for key, value in whole.items() if not (key in QUESTIONS and set(QUESTIONS) & set(own))}
    rest = yaml.safe_dump({key: value for key, value in kept.items() if key not in ("version", "questions")})
    if "questions" in kept:
        rest += FLOW[FLOW.index("questions:") : FLOW.index("candidate_questions:")]
    flow = parse(f"version: 1\n{rest}{part}", "docs/flows.md").fill({})
    assert [problem for problem in lint(flow) if "no criteria" not in problem.message] == []


def test_the_reference_is_up_to_date() -> None:
    written = (DOCS / "flow-reference.md").read_text(encoding="utf-8")
    assert written == reference.markdown(), "run `voicebot flow schema --markdown > docs/flow-reference.md`"


def test_every_key_has_a_description() -> None:
    schema = reference.json_schema()
    blocks = [schema, *(block for block in schema["$defs"].values() if "properties" in block)]
    assert len(blocks) >= 15
    for block in blocks:
        assert block["description"]
        for key, value in block["properties"].items():
            assert reference.description(value, schema), key
