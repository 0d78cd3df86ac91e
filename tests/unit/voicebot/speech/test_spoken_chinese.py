import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.spoken_chinese import spoken_chinese


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2026年11月21日", "二零二六年十一月二十一日"),
        ("2026-11-21", "二零二六年十一月二十一日"),
        ("2020年到2023年", "二零二零年到二零二三年"),
        ("10年", "十年"),
        ("下午2:30", "下午两点三十分"),
        ("9:05", "九点零五分"),
        ("9:00", "九点整"),
        ("从4%降到0.5%", "从百分之四降到百分之零点五"),
        ("5%-10%的用户", "百分之五到百分之十的用户"),
        ("5-10人", "五到十人"),
        ("100-200人", "一百到二百人"),
        ("$120,000", "十二万美元"),
        ("¥1.5万", "一点五万元"),
        ("1,200元", "一千二百元"),
        ("我们的电话是5 5 5, 0 1, 0 0。", "我们的电话是五五五, 零一, 零零。"),
        ("555 01 00", "五五五,零一,零零"),
        ("+86 138 0013 8000", "加八六,一三八,零零一三,八零零零"),
        ("13800138000", "一三八零零一三八零零零"),
        ("010-62345678", "零一零,六二三四五六七八"),
        ("2个服务,2年,2月", "两个服务,两年,二月"),
        ("从100ms到2s", "从一百毫秒到两秒"),
        ("-5℃", "零下五摄氏度"),
        ("1/3", "三分之一"),
        ("第1个", "第一个"),
        ("Python 3.11", "Python 三点一一"),
        ("１２个", "十二个"),
    ],
)
def test_read_as_people_say_it(written: str, spoken: str) -> None:
    assert spoken_chinese(written) == spoken


@pytest.mark.parametrize("text", ["K8s", "B2B", "HTTP2", "您好。", ""])
def test_left_as_it_stands(text: str) -> None:
    assert spoken_chinese(text) == text


@given(st.text(alphabet="0123456789.,:-/%$ 年个点至", max_size=20))
def test_no_figure_is_left(text: str) -> None:
    assert not any(character in "0123456789" for character in spoken_chinese(text))
