"""Which question of a flow's faq is asked, by its meaning."""

import pytest

from scoring.embedder import UniversalSentenceEncoder
from voicebot.faq import FaqByMeaning

ENTRIES = {
    "en": {
        "salary": ["What is the salary?", "How much does the job pay?"],
        "remote": ["Can I work from home?", "Is the job remote?"],
        "process": ["What are the next steps?", "When will I hear back?"],
    },
    "zh": {
        "salary": ["工资是多少?", "薪资待遇怎么样?"],
        "remote": ["可以在家办公吗?"],
        "process": ["什么时候有结果?"],
    },
}


@pytest.fixture(scope="module")
def encoder():
    return UniversalSentenceEncoder().load()


@pytest.mark.parametrize(
    ("language", "said", "entry"),
    [
        ("en", "What does the job pay per year?", "salary"),
        ("en", "Is there any flexibility on working from home?", "remote"),
        ("en", "What are the next steps after this?", "process"),
        ("en", "Do you have a pension plan?", None),
        ("en", "The salary service was my project.", None),
        ("en", "Who is calling?", None),
        ("en", "Salary?", "salary"),
        ("en", "Could you say that again?", None),
        ("en", "", None),
        ("zh", "我想了解一下薪资待遇", "salary"),
        ("zh", "能不能居家办公", "remote"),
        ("zh", "什么时候能有结果", "process"),
        ("zh", "年假有几天", None),
        ("zh", "工资系统是我写的", None),
    ],
)
def test_the_entry_that_is_meant(encoder, language, said, entry):
    assert FaqByMeaning(ENTRIES[language], language, encoder).named(said) == entry


def test_a_flow_without_faq_embeds_nothing():
    assert FaqByMeaning({}, "en", None).named("What is the salary?") is None
