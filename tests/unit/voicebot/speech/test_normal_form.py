import pytest

from voicebot.speech.normal_form import normal_form


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "I've 23 servers.", "i have twenty-three servers"),
        ("en", "It's 4%, isn't it?", "It is four percent, is not it"),
        ("en", "They won't; that's what he'd say", "they will not that is what he would say"),
        ("en", "thats not what I dont know", "that's not what I don't know"),
        ("en", "two hundred and five", "205"),
        ("en", "In 2019 we had 1,500 users", "in twenty nineteen we had one thousand five hundred users"),
        ("en", "the 3rd of 12", "the third of twelve"),
        ("en", "3.5 seconds, 0.1 now", "three point five seconds zero point one now"),
        ("en", "call 555 01 00", "call five hundred fifty five zero one zero zero"),
        ("en", "$5 or $1,200", "five dollars or one thousand two hundred dollars"),
        ("en", "Mr. Quilter said OK", "mister quilter said okay"),
        ("en", "the dog's we're well", "the dogs we are well"),
        ("en", "K8s and S3 on HTTP2", "k8s and s3 on http2"),
        ("zh", "我用 Python 写的。", "我用python写的"),
        ("zh", "我們寫程式", "我们写程式"),
        ("zh", "3年", "三年"),
        ("zh", "两百个人", "200个人"),
        ("zh", "2023年，增长了50%", "二零二三年增长了百分之五十"),
        ("zh", "１２．５", "十二点五"),
        ("zh", "10,050次", "一万零五十次"),
        ("zh", "110和105和20", "一百一十和一百零五和二十"),
        ("zh", "拨打010", "拨打零一零"),
    ],
)
def test_what_sounds_the_same_is_written_the_same(language, one, other):
    assert normal_form(one, language) == normal_form(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("en", "we're", "were"), ("en", "fifteen", "50"), ("en", "its", "it's"), ("zh", "银杏", "银性")],
)
def test_what_sounds_different_or_means_something_else_stays_apart(language, one, other):
    assert normal_form(one, language) != normal_form(other, language)


def test_chinese_characters_stand_apart_and_english_words_stay_whole():
    assert normal_form("我用Python写的", "zh").split() == ["我", "用", "python", "写", "的"]
