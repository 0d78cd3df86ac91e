"""Words that ship as data: `library/<language>/phrases/<name>.yaml`, or `library/phrases/<name>.yaml` for all."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LIBRARY = Path(__file__).parent / "library"
ANY_LANGUAGE = ""


@cache
def read(language: str, name: str) -> dict[str, Any]:
    """The content of one phrase file, read once a process."""
    text = (LIBRARY / language / "phrases" / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # every value stays text: `no` is a word here
    return content
