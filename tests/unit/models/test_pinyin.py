import subprocess
import sys

import pytest

from models.pinyin import syllable, with_phrases


@pytest.mark.parametrize(
    ("character", "sound"), [("中", "zhong"), ("绿", "lv"), ("嗯", "n"), ("行", "xing"), ("k", "k"), ("，", "，")]
)
def test_a_character_sounds_like_its_commonest_reading(character: str, sound: str) -> None:
    assert syllable(character) == sound


def test_phrases_are_read_by_whoever_asks_for_them_and_change_no_single_character() -> None:
    assert with_phrases().lazy_pinyin("银行") == ["yin", "hang"]
    assert syllable("行") == "xing"


def test_a_syllable_costs_no_phrases() -> None:
    program = (
        "import sys; from models.pinyin import syllable; syllable('中'); print('pypinyin.phrases_dict' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
