import pytest

from models.dialog import AnswerStatus
from scoring.skills import experiences

FIELDS = ("project", "role", "team_size", "result")


@pytest.fixture
def told(answer):
    def of(*texts):
        return [
            {field: getattr(item, field).text for field in FIELDS if getattr(item, field)}
            for item in experiences([answer(*texts)])
        ]

    return of


@pytest.mark.parametrize(
    ("said", "item"),
    [
        (
            "In my last job I built a payment gateway for a bank, I was the tech lead of a team of five, and in the "
            "end failed payments went from four percent to one percent.",
            {
                "project": "a payment gateway",
                "role": "tech lead",
                "team_size": "5",
                "result": "and in the end failed payments went from four percent to one percent.",
            },
        ),
        ("I worked as a shift leader, there were twelve of us", {"role": "shift leader", "team_size": "12"}),
        ("I led a team of 6 developers", {"team_size": "6"}),
        (
            "My thesis was about a recommendation system, I cut the error by half",
            {"project": "a recommendation system", "result": "I cut the error by half"},
        ),
        ("I'm a nurse on a night ward", {"role": "nurse"}),
        (
            "我上一份工作做了一个支付系统，我是后端负责人，团队有五个人，最后失败率从百分之四降到百分之一。",
            {
                "project": "支付系统",
                "role": "后端负责人",
                "team_size": "5",
                "result": "最后失败率从百分之四降到百分之一。",
            },
        ),
        ("我当店长的时候带十二个人", {"role": "店长", "team_size": "12"}),
        ("毕业设计做的是一个图书管理系统，就我们三个人的小组", {"project": "图书管理系统", "team_size": "3"}),
        ("我负责公司的年会策划，预算省了百分之二十", {"project": "年会", "result": "预算省了百分之二十"}),
    ],
)
def test_work_is_found_as_it_is_told(told, said, item):
    assert told(said) == [item]


@pytest.mark.parametrize(
    "said",
    [
        "I have never been a manager and I didn't build a platform",
        "My boss built the whole website",
        "I'd like to work as a product manager",
        "I worked with the manager on the budget",
        "it went from four to two",
        "a team of one hundred thousand people",
        "我没做过经理，我想做产品经理",
        "我同事做了一个小程序",
        "当时测试环境出了问题，我就跟测试沟通",
        "我有三年级的朋友",
        "",
    ],
)
def test_what_was_not_done_by_the_candidate_is_no_experience(told, said):
    assert told(said) == []


def test_a_second_project_or_role_begins_a_new_item(told):
    assert told(
        "We designed a mobile app for the library.", "Then I built a data pipeline, it fell to two seconds."
    ) == [
        {"project": "a mobile app"},
        {"project": "a data pipeline", "result": "it fell to two seconds."},
    ]
    assert told("我做过收银员，后来当店长，带十二个人") == [{"role": "收银员"}, {"role": "店长", "team_size": "12"}]


def test_every_detail_is_quoted_with_its_time(answer):
    said = answer("I like it.", "Well, I was the tech lead, and we were five people.")
    (item,) = experiences([said])
    utterance = said.parts[1].utterance
    assert item.question_id == said.question_id
    assert item.role.quote == "I was the tech lead"
    assert item.role.start_ms < item.team_size.start_ms
    for told in (item.role, item.team_size):
        assert told.quote in utterance.text
        assert utterance.start_ms <= told.start_ms <= told.end_ms <= utterance.end_ms


def test_answers_that_were_not_given_tell_nothing(answer):
    assert experiences([answer("I was the tech lead", status=AnswerStatus.SKIPPED)]) == ()
