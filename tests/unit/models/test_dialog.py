import pytest

from models.dialog import Answer, AnswerPart
from models.speech import Utterance


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((), ""),
        (("I used Go.", "For two years."), "I used Go. For two years."),
        (("我用过", "三年。", "还有别的"), "我用过三年。还有别的"),
        (("我用过 Go", "三年"), "我用过 Go 三年"),
        (("a\nb", "c"), "a\nb c"),
    ],
)
def test_the_parts_of_an_answer_are_one_text(parts, whole):
    assert Answer("q", "Why?", tuple(AnswerPart(Utterance(text, 0, 1)) for text in parts)).text == whole
