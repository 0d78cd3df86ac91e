import pytest

from voicebot.speech.repetition import says_twice

TOLD = "Could you tell me about a service that you designed from the beginning?"


@pytest.mark.parametrize(
    "text",
    [
        f"{TOLD} {TOLD}",
        f"{TOLD} {TOLD.lower().removesuffix('?')}",
        f"{TOLD} Could you tell me about the service that you designed from beginning?",
        "I do. I do.",
        "我是后端工程师，我是后端工程师。",
        "我们用Python。我们用 python。",
    ],
)
def test_a_text_whose_halves_are_alike_says_it_twice(text: str) -> None:
    assert says_twice(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no.",
        "Yes. Yes.",
        "谢谢谢谢。",
        TOLD,
        f"{TOLD} Which SQL databases have you used, and why did you choose them?",
        "I worked on the backend, and then I worked on the data platform for three years.",
        "We measured it again and again, and then it was fast enough.",
        "我用过很多数据库，也用过很多消息队列，最熟悉的是前者。",
    ],
)
def test_other_texts_do_not(text: str) -> None:
    assert not says_twice(text)
