"""Nothing reports home: ONNX Runtime would, and would leave files in the home folder of whoever runs voicebot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WATCH = """
import os, sys
told = []
def watch(event, arguments):
    if event == "import" and arguments[0] == "onnxruntime":
        told.append(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.addaudithook(watch)
"""
LOAD = """
from pathlib import Path
from voicebot import wiring
from voicebot.settings import Settings
parts = wiring.load(Settings(home=Path(sys.argv[1]), cache=Path(sys.argv[2])))
parts.voice("en").voice.synthesize("Hello.")
parts.close()
"""
BENCHMARK = """
import runpy
runpy.run_path("benchmarks/stock_pipecat.py", run_name="benchmark")
"""
CHECK = """
assert told, "ONNX Runtime was not imported"
assert told[0] == "1", told
"""


@pytest.mark.parametrize("start", [LOAD, BENCHMARK], ids=["wiring", "benchmark"])
def test_a_fresh_process_writes_nothing_to_the_users_home(start: str, tmp_path: Path, cache: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_", "VOICEBOT_"))}

    done = subprocess.run(
        [sys.executable, "-c", WATCH + start + CHECK, str(tmp_path / "home"), str(cache)],
        env={**kept, "HOME": str(user), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert not list(user.rglob("*"))
