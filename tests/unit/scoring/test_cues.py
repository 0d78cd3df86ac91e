import pytest

from scoring.cues import cues


@pytest.mark.parametrize(
    "clause",
    [
        "That's why I moved it to a read replica.",
        "that was all caused by the cache",
        "and that's how I found the leak",
        "I checked the logs and so on",
        "That is what I said to the customer",
        "就这样我找到了原因",
        "怎么说呢我看了日志",
        "大概就这么定位到了",
        "就是这样解决的",
        "不知道怎么办的时候我问了同事",
        "the customer did not want to answer the phone so I wrote to him",
        "I forgot to add the index and then fixed it",
        "I explained it to him again",
        "客户不想回答我们的问卷，所以我改成电话",
        "我忘了加索引，后来补上了",
        "客户没听清楚，我又解释了一遍",
        "下一个版本我们加了缓存",
        "我不能说服他，就找了经理",
        "我想了想，决定先回滚",
        "等一下班就去看日志",
    ],
)
def test_what_was_done_is_not_taken_for_having_nothing_to_say(clause):
    assert not cues().evasive.search(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "I don't really know",
        "that's basically it.",
        "so yeah, that is how it was",
        "what else can I say",
        "there is nothing more to say",
        "大概就是这么一个样子",
        "差不多就这样吧",
        "也没有什么别的好说的了。",
        "这个我不太清楚",
    ],
)
def test_having_nothing_to_say_is_told_in_plain_forms(clause):
    assert cues().evasive.search(clause)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from 3 seconds to one", {"3", "1"}),
        ("as many as you like", {"many"}),
        ("三个人，两台机器", {"3", "2"}),
        ("none of it", set()),
    ],
)
def test_quantities(text, said):
    assert cues().quantities(text) == said


@pytest.mark.parametrize(
    ("point", "asked"),
    [
        ("gives the result with a number", {"number", "result"}),
        ("would measure or profile first to find where the time goes", set()),
        ("would check afterwards that it worked, for example with a load test", {"check"}),
        ("names the load or the size of the data", {"number"}),
        ("describes the colleague's view fairly", {"disagreement"}),
        ("给出优化前后的数据", {"number", "result"}),
        ("查看数据库查询、索引或者锁", set()),
        ("使用了 Python、Java 等语言或者某种数据库", set()),
        ("告诉排队的客户大概还要等多久", set()),
        ("说明花了多久", {"number"}),
        ("讲清楚自己做了什么", {"own_part"}),
        ("说明做了什么取舍", {"trade_off"}),
        ("说明怎么定位原因的", {"cause"}),
        ("说明这样做的原因", {"reason"}),
        ("说明怎么验证效果", {"check"}),
    ],
)
def test_a_point_is_read_for_what_it_asks(point, asked):
    assert {facet.name for facet in cues().facets_of(point)} == asked


@pytest.mark.parametrize(
    ("question", "point", "asked"),
    [
        ("Describe a decision.", "gives a reason for the decision", {"reason"}),
        ("请介绍一个技术决定。", "说明决定的理由", {"reason"}),
        ("Tell me about a project.", "gives a reason for the decision", {"decision", "reason"}),
        ("Describe a decision.", "says what was decided", {"decision"}),
        ("最后结果怎么样？", "给出结果的数据", {"number", "result"}),  # the number has to be the result's
    ],
)
def test_what_a_point_is_about_is_not_asked_again(question, point, asked):
    assert {facet.name for facet in cues().facets_of(point, question)} == asked
