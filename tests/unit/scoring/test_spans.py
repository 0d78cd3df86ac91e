from hypothesis import given
from hypothesis import strategies as st

from models.dialog import Answer, AnswerPart
from models.speech import Utterance, Word
from scoring.spans import LONGEST_CLAUSE, LONGEST_SPAN, Clock, clauses, spans, units


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in clauses(text)]


def answer(utterance: Utterance) -> Answer:
    return Answer("q", "Why?", (AnswerPart(utterance),))


def test_sentences_and_clauses_are_cut_at_marks():
    assert pieces("It was slow. I looked at the logs, then I fixed it!") == [
        "It was slow.",
        "I looked at the logs",
        "then I fixed it!",
    ]
    assert pieces("系统很慢，我看了日志。后来好了") == ["系统很慢", "我看了日志。", "后来好了"]
    assert pieces("系统很慢,我看了日志.后来用Python 3.11,好了") == ["系统很慢", "我看了日志.", "后来用Python 3.11,好了"]


def test_numbers_and_names_with_a_point_stay_whole():
    assert pieces("It fell to 0.1 percent in node.js land.") == ["It fell to 0.1 percent in node.js land."]


def test_speech_without_marks_is_cut_at_new_thoughts():
    text = "the service was timing out every evening so I looked at the traces and then I found a job that held locks"
    assert len(pieces(text)) >= 3
    assert "所以" in pieces("那个时候首页打开要五秒用户都在抱怨所以我用火焰图定位到时间都花在序列化上面")[1]


def test_speech_without_any_structure_is_cut_into_windows():
    for text in ("word " * 300, "我" * 300):
        assert all(units(text[start:end]) <= LONGEST_CLAUSE + 1 for start, end in clauses(text))


def test_fillers_alone_are_no_clause():
    assert pieces("Um, uh, I fixed it.") == ["I fixed it."]
    assert pieces("嗯，我修好了。") == ["我修好了。"]


@given(st.text(alphabet="ab, .。，我们然后😀\n'0", max_size=120))
def test_every_span_is_verbatim_and_inside_its_utterance(text: str):
    utterance = Utterance(text, 500, 4_500)
    for span in spans(answer(utterance)):
        assert span.text and span.text in text
        assert span.text in span.around and span.around in text
        assert 500 <= span.start_ms <= span.end_ms <= 4_500
        assert units(span.text) <= LONGEST_SPAN + LONGEST_CLAUSE


def test_times_come_from_the_words():
    words = (Word(" I", 100, 200), Word(" fixed", 250, 500), Word(" it.", 500, 700), Word(" Then", 2_000, 2_300))
    clock = Clock(Utterance("I fixed it. Then", 100, 2_400, words))
    assert clock.times(0, 11) == (100, 700)
    assert clock.times(12, 16) == (2_000, 2_300)


def test_times_of_mandarin_words_without_spaces():
    words = (Word("我", 0, 100), Word("修好", 100, 400), Word("了", 400, 500), Word("然后", 900, 1_200))
    assert Clock(Utterance("我修好了，然后", 0, 1_200, words)).times(5, 7) == (900, 1_200)


def test_words_spelt_differently_from_the_text_are_interpolated():
    words = (Word("I", 0, 100), Word("paid", 100, 300), Word("twenty", 300, 600), Word("euros", 900, 1_200))
    start_ms, end_ms = Clock(Utterance("I paid 20 euros", 0, 1_200, words)).times(7, 9)
    assert 300 <= start_ms <= end_ms <= 900


def test_without_word_times_the_utterance_is_shared_out_by_characters():
    clock = Clock(Utterance("0123456789", 1_000, 2_000))
    assert clock.times(0, 5) == (1_000, 1_500)
    assert clock.times(5, 10) == (1_500, 2_000)


@given(st.lists(st.tuples(st.sampled_from(["I", "fixed", "it", "我", "zzz", ""]), st.integers(-50, 900)), max_size=8))
def test_wild_word_times_never_leave_the_utterance(heard: list[tuple[str, int]]):
    words = tuple(Word(text, at_ms, at_ms + 30) for text, at_ms in heard)
    utterance = Utterance("I fixed it. 我修好了, then I left it.", 100, 700, words)
    for span in spans(answer(utterance)):
        assert 100 <= span.start_ms <= span.end_ms <= 700
