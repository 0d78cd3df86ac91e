import pytest

from voicebot.speech.error_rate import Errors, error_rate, errors


@pytest.mark.parametrize(
    ("language", "said", "heard", "rate"),
    [
        ("en", "Yes, that's me.", "yes thats me", 0),
        ("en", "one two three four", "1 2 3 4", 0),
        ("en", "I wrote it in Go", "I wrote it in goal", 1 / 5),
        ("en", "yes please", "", 1),
        ("zh", "我用 Python 写的。", "我用python写的", 0),
        ("zh", "银杏树叶", "银性数叶", 2 / 4),
    ],
)
def test_errors_are_counted_by_word_or_by_chinese_character(language, said, heard, rate):
    assert error_rate(said, heard, language) == pytest.approx(rate)


def test_nothing_said_has_no_error_rate():
    with pytest.raises(ValueError, match="at least one word"):
        error_rate("...", "hello", "en")


def test_errors_are_added_up_over_all_words_and_not_averaged_over_files():
    assert errors("yes", "no", "en") + errors("one two three four", "one two three four", "en") == Errors(5, 1)


def test_words_where_nothing_was_said_are_errors_too():
    assert errors("", "thank you", "en") == Errors(0, 2)
