import pytest

from voicebot.speech.no_speech import Evidence, made_up


@pytest.mark.parametrize(
    ("text", "no_speech", "logprob"),
    [
        ("I have worked with Python for six years.", 0.02, -0.1),
        ("Yes.", 0.24, -0.51),
        ("Okay", 0.39, -0.72),
        ("Thank you.", 0.13, -0.15),
        ("谢谢。", 0.1, -0.3),
        ("No, no, no, no.", 0.02, -0.4),
        ("The child almost hurt the dog.", 0.24, -1.4),
    ],
)
def test_speech_is_believed(text: str, no_speech: float, logprob: float) -> None:
    assert not made_up(text, Evidence(no_speech, logprob))


@pytest.mark.parametrize(
    ("text", "no_speech", "logprob", "source"),
    [
        ("you", 0.91, -0.46, "20 s of silence"),
        ("I'm going to get the car.", 0.89, -1.95, "white noise"),
        ("I'm going to go to the next station.", 0.34, -1.77, "brown noise"),
        ("你", 0.78, -2.4, "tone"),
        ("嗨嗨嗨嗨嗨嗨嗨嗨嗨", 0.55, -0.47, "ring-back tone"),
        ("Bell Bell Bell Bell Bell Bell Bell", 0.17, -0.56, "ring-back tone"),
        ("Thank you.", 0.5, -0.9, "breath"),
        ("Thanks for watching!", 0.45, -0.2, "breath"),
        ("字幕由志愿者提供", 0.5, -0.3, "breath"),
        ("A perfectly likely sentence.", 0.8, -0.1, "anything"),
    ],
)
def test_what_noise_is_heard_as_is_not(text: str, no_speech: float, logprob: float, source: str) -> None:
    assert made_up(text, Evidence(no_speech, logprob)), source


@pytest.mark.parametrize("text", ["呜呜", "嘟……嘟……", "鼓鼓鼓", "Beep, beep.", "Ring ring"])
def test_a_sound_written_down_is_nobodys_word(text: str) -> None:
    assert made_up(text, Evidence(no_speech=0.0, logprob=-0.1))


@pytest.mark.parametrize(
    "text", ["滴滴出行", "A beep tells you", "Bring it", "It rings", "铃木", "对对对", "八八八", "慢慢"]
)
def test_words_about_sounds_are_words(text: str) -> None:
    assert not made_up(text, Evidence(no_speech=0.0, logprob=-0.1))
