"""Names are known by their sound where nothing else makes sense there, and everyday talk stays everyday talk."""

import pytest

from scoring.skills.mentions import mentions
from scoring.skills.sounds import initials, same, strays, syllable
from scoring.skills.taxonomy import taxonomy


def names(text: str) -> set[str]:
    return {mention.skill.name for mention in mentions(text)}


@pytest.mark.parametrize(
    ("heard", "skill"),
    [
        ("我是做前短的", "Front-end development"),
        ("我们加了环存", "Caching"),
        ("新人都是我陪训的", "Mentoring"),
        ("用的是消息堆脸", "Message queues"),
        ("做过树据建模", "Data modelling"),
        ("接口用Larvel写的", "Laravel"),
        ("测试用 Sellenium 写", "Selenium"),
        ("用Pondas洗数据", "pandas"),
        ("Kubernatis 上部署", "Kubernetes"),
    ],
)
def test_names_are_known_by_their_sound(heard, skill):
    assert skill in names(heard)


@pytest.mark.parametrize(
    "said",
    [
        "我是前段时间来的",  # qian duan, as 前端 sounds
        "这个环节很重要",
        "才五个人，才无奈",  # cai wu, 财务
        "什么时候只讲这个",  # zhi jian, 质检: two words that are said all the time
        "这个视频点击很高",  # dian ji for 剪辑: another initial
        "我写了一个 customize 的组件，做 recording，看 traffic",
        "那个 table 和 train",  # Tableau, Trino: too few consonants
        "we had a marvel of a larvel",  # in English only names are names
    ],
)
def test_everyday_talk_that_sounds_alike_is_no_name(said):
    assert names(said) == set()


def test_a_long_name_may_slip_in_one_final_and_nowhere_else():
    def sound(text):
        return tuple(map(syllable, text))

    assert same(sound("消息堆脸"), sound("消息队列"))
    assert not same(sound("消息堆脸"), sound("消费队列"))  # two slips
    assert not same(sound("小堆脸"), sound("小队列"))  # a short name
    assert not same(sound("视频点击"), sound("视频剪辑"))  # another initial
    assert not same(sound("消息"), sound("消息队列"))


def test_only_characters_that_belong_to_no_word_are_strays():
    assert strays("我是前短") == {2}
    assert strays("前段时间") == frozenset()
    assert strays("我也是") == frozenset()
    assert strays("") == frozenset()
    assert initials(()) == ()


def test_no_two_skills_sound_the_same():
    owners: dict[tuple[str, ...], set[str]] = {}
    for spellings in taxonomy().sounds.values():
        for sound, spelling in spellings:
            owners.setdefault(sound, set()).add(spelling.skill.name)
    assert {sound: names for sound, names in owners.items() if len(names) > 1} == {}
