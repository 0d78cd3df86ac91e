"""The JSON Schema that editors get accepts what the loader accepts."""

import copy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from dialog_flows import reference
from dialog_flows.loader import library

ROOT = Path(__file__).parents[3]
SCHEMA = reference.json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FLOWS = [*library("en"), *library("zh"), *sorted((ROOT / "tests" / "flows").glob("*.yaml"))]
TINY = yaml.safe_load((ROOT / "tests" / "flows" / "short.yaml").read_text(encoding="utf-8"))


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_accepts_flows(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("titel",), "x"),
        (("version",), "one"),
        (("language",), "fr"),
        (("questions",), []),
        (("questions", 0, "expects"), "yes"),
        (("questions", 0, "criteria", 0, "weight"), 0),
        (("questions", 0, "go_to"), [{"answer": "yes"}]),
        (("policies", "deep_from"), 101),
    ],
)
def test_it_refuses_what_the_loader_refuses(path: tuple[str | int, ...], value: object) -> None:
    flow = copy.deepcopy(TINY)
    block = flow
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value
    assert list(VALIDATOR.iter_errors(flow))


@pytest.mark.parametrize("answer", [True, "no", "early"])
def test_a_bare_yes_or_no_is_an_answer(answer: object) -> None:
    flow = copy.deepcopy(TINY)
    flow["questions"][0]["go_to"] = [{"answer": answer, "to": "first_day"}]
    VALIDATOR.validate(flow)


def test_questions_or_sections_are_needed() -> None:
    flow = {key: value for key, value in TINY.items() if key != "questions"}
    assert list(VALIDATOR.iter_errors(flow))
    VALIDATOR.validate(flow | {"sections": [{"id": "a", "title": "A", "questions": TINY["questions"]}]})
