"""The flow engine stands alone: pydantic, PyYAML, the shared vocabulary, and what reads the sounds of words."""

import subprocess
import sys

PROGRAM = """
import sys
import yaml, pydantic, typing_extensions
before = set(sys.modules)
import dialog_flows.engine, dialog_flows.lint, dialog_flows.loader, dialog_flows.schema, dialog_flows.understanding
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
allowed = {"dialog_flows", "models", "yaml", "pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
allowed |= {"jellyfish"}
print(sorted(name for name in loaded - allowed - sys.stdlib_module_names if not name.startswith("_")))
"""


def test_importing_the_engine_loads_nothing_heavy() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
