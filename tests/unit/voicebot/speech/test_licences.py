"""piper-tts is GPL-3.0: it is loaded where a voice that needs it is, and nowhere else."""

import subprocess
import sys


def test_no_other_module_of_speech_loads_piper() -> None:
    program = (
        "import pkgutil, importlib, sys, voicebot.speech as speech\n"
        "for module in pkgutil.iter_modules(speech.__path__):\n"
        "    if module.name != 'piper': importlib.import_module(f'voicebot.speech.{module.name}')\n"
        "assert not [name for name in sys.modules if name == 'piper' or name.startswith('voicebot.speech.piper')]\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
