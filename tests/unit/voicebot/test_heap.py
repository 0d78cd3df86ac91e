import subprocess
import sys

import pytest

PROGRAM = """
from voicebot import heap
from voicebot.measure.usage import private_bytes

heap.share()
held = [bytearray(100_000) for _ in range(600)]
full = private_bytes()
last = held.pop()
held.clear()
heap.give_back()
print(full - private_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_what_is_free_goes_back_to_the_system_even_below_what_is_still_held() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(result.stdout) > 50_000_000
