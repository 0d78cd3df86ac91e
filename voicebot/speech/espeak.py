"""Text to IPA by espeak-ng, which piper-tts bundles (GPL-3.0): imported only by the voices that need it.

espeak-ng keeps the current voice and clause in global variables, so that one lock guards every use in the process.
"""

import threading
from typing import Any

LOCK = threading.Lock()
_phonemizer: Any = None


def phonemize(text: str, voice: str) -> list[str]:
    """IPA of each sentence, punctuation kept; `voice` in espeak's names, such as `en-us`."""
    global _phonemizer
    from piper.phonemize_espeak import EspeakPhonemizer

    with LOCK:
        if _phonemizer is None:
            _phonemizer = EspeakPhonemizer()
        return ["".join(sentence) for sentence in _phonemizer.phonemize(voice, text)]
