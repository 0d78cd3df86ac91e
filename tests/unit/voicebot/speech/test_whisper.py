from pathlib import Path

import pytest

from models.errors import ModelCorrupt, ModelMissing
from voicebot.speech.whisper import WhisperTranscriber


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=f"{tmp_path} holds no model.bin"):
        WhisperTranscriber(tmp_path).load()


def test_a_file_that_is_no_model_ends_with_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"not weights" * 1000)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(ModelCorrupt, match=f"model in {tmp_path} cannot be read") as raised:
        WhisperTranscriber(tmp_path).load()
    assert "\n" not in str(raised.value)
