"""What must not be asked is found in both languages, and what only sounds like it is left alone."""

import pytest

from dialog_flows.traits import protected_traits


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("How old are you?", "age"),
        ("May I have your date of birth?", "age"),
        ("When were you born?", "age"),
        ("In which year did you finish high school?", "age"),
        ("is under 35", "age"),
        ("Are you married?", "marriage and family"),
        ("What does your husband do?", "marriage and family"),
        ("Do you have children?", "marriage and family"),
        ("Do you plan to have kids in the next years?", "marriage and family"),
        ("Are you pregnant, or planning to be?", "pregnancy"),
        ("Which church do you belong to?", "religion"),
        ("Are you a Muslim?", "religion"),
        ("Do you keep any religious holidays?", "religion"),
        ("Do you have any health problems?", "health and disability"),
        ("Do you have a disability?", "health and disability"),
        ("How many sick days did you take last year?", "health and disability"),
        ("Where are you really from?", "origin and nationality"),
        ("What is your nationality?", "origin and nationality"),
        ("Are you a US citizen?", "origin and nationality"),
        ("Are you gay?", "sex and orientation"),
        ("Who did you vote for?", "politics and unions"),
        ("您今年多大了？", "age"),
        ("请问您的年龄是？", "age"),
        ("您是哪一年出生的？", "age"),
        ("您是哪年出生的？", "age"),
        ("您是90后吗？", "age"),
        ("您结婚了吗？", "marriage and family"),
        ("您的婚育情况是怎样的？", "marriage and family"),
        ("有男朋友吗？", "marriage and family"),
        ("近两年打算要孩子吗？", "marriage and family"),
        ("您目前怀孕了吗？", "pregnancy"),
        ("您有宗教信仰吗？", "religion"),
        ("您的身体状况怎么样？", "health and disability"),
        ("有没有乙肝？", "health and disability"),
        ("您是哪里人？", "origin and nationality"),
        ("您的户口在哪里？", "origin and nationality"),
        ("您是党员吗？", "politics and unions"),
    ],
)  # fmt: skip
def test_what_asks_for_a_trait(text: str, trait: str) -> None:
    assert trait in [found.name for found in protected_traits(text)]


@pytest.mark.parametrize(
    "text",
    [
        "How many years of experience do you have with SQL?",
        "How old is the system that you look after?",
        "How big was your team?",
        "Tell me about your work in health care.",
        "How do you check the health of a service?",
        "Have you worked with children before?",
        "How would you help a customer who has kids with her?",
        "How do you manage customers of every age?",
        "Tell me about a bug that was hard to diagnose.",
        "In which year did you start there?",
        "Where do you see yourself in two years?",
        "Are you allowed to work here?",
        "Can you lift boxes of twenty kilos, with or without aid?",
        "What would you do in your first month?",
        "Did you raise a concern with your manager?",
        "names one race condition and how it was found",
        "您有多少年的工作经验？",
        "您的团队有多大？",
        "数据量有多大？",
        "请讲一个面向对象设计的例子。",
        "您怎么了解用户年龄段的分布？",
        "您做过健康行业的项目吗？",
        "服务的健康状况怎么监控？",
        "您的服务对象是谁？",
        "您最近一次晋升是什么时候？",
        "您对加班怎么看？",
        "您在哪个城市工作？",
    ],
)
def test_what_asks_for_none(text: str) -> None:
    assert list(protected_traits(text)) == []


def test_all_that_a_question_asks_for_is_told() -> None:
    found = [
        (trait.name, trait.words) for trait in protected_traits("How old are you, and are you married? 您有宗教信仰吗")
    ]
    assert found == [("age", "How old are you"), ("marriage and family", "are you married"), ("religion", "宗教")]
