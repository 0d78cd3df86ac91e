import pytest

from scoring.rarity import rarity


@pytest.mark.parametrize(
    ("everyday", "rarer", "rarest"),
    [("the", "constructor", "wrtoe"), ("make", "memory", "polymorphism"), ("我们", "数据", "高并发")],
)
def test_rare_words_are_a_greater_surprise(everyday, rarer, rarest):
    assert 0 < rarity(everyday) < rarity(rarer) < rarity(rarest)


def test_case_does_not_count():
    assert rarity("Memory") == rarity("memory")


@pytest.mark.parametrize("word", ["", "😀", "\x00", "a" * 100_000])
def test_any_word_has_a_rarity(word):
    assert 0 <= rarity(word) < 1_000
