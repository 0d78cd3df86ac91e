from pathlib import Path

import pytest

from models.errors import ModelMissing, UsageError
from voicebot.speech.kokoro import MOST_TOKENS, KokoroVoice, fitting


def test_a_language_that_it_cannot_speak_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not 'fr'"):
        KokoroVoice(tmp_path, language="fr")


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"kokoro-v1\.0\.int8\.onnx is missing"):
        KokoroVoice(tmp_path).load()


@pytest.mark.parametrize("sentence", ["a" * 1200, "word " * 300, "a clause, " * 150, "short."])
def test_long_sentences_are_cut_to_fit_and_nothing_is_lost(sentence: str) -> None:
    parts = list(fitting(sentence))

    assert "".join(parts) == sentence
    assert all(0 < len(part) <= MOST_TOKENS for part in parts)


def test_cuts_are_made_after_commas_before_they_are_made_between_words() -> None:
    assert all(part.endswith(", ") for part in fitting("a long clause, " * 100))
    assert all(part.endswith(" ") for part in list(fitting("word " * 300))[:-1])
