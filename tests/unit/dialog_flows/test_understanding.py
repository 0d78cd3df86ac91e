"""What candidates' words are taken to be, in both languages."""

import time

import pytest

from dialog_flows import phrases
from dialog_flows.meaning import Kind
from dialog_flows.patterns import longest, parse
from dialog_flows.understanding import understand
from models.dialog import Expects

YES_NO = {
    ("en", "Is it all right if I record our conversation?"): {
        "yes": [
            "Yes.",
            "yeah sure go ahead",
            "Yep.",
            "Okay.",
            "um, okay",
            "Sure, no problem.",
            "no problem",
            "No problem at all!",
            "I don't mind.",
            "No, I don't mind at all.",
            "mm-hmm",
            "Uh-huh",
            "That's fine.",
            "That's fine with me, go ahead.",
            "Of course",
            "YES PLEASE",
            "Yes, you can record the call.",
            "No, that's fine.",
            "Well, yes, I suppose.",
            "All right",
            "Absolutely, yeah.",
            "Fine by me",
            "Yes, yes, yes",
            "You may record this call",
            "I agree.",
        ],
        "no": [
            "No.",
            "Nope",
            "not really",
            "I do mind.",
            "No thank you",
            "I'd rather not.",
            "I'd rather you didn't.",
            "Um, no.",
            "No, please don't record me.",
            "I don't want to be recorded.",
            "Absolutely not",
            "I would prefer not to be recorded",
            "I don't agree",
            "No, I am not comfortable with that.",
            "Nah, sorry.",
        ],
        "answer": [
            "Is that legal?",
            "This is crazy.",
            "Yes, but only for training.",
            "Yes but I don't want it recorded.",
            "Yes if you must",
            "Yes and no",
            "The weather is lovely here today",
        ],
        "question": ["Who gets to listen to it", "Are you a robot?"],
        "repeat": [
            "Sorry?",
            "What was that?",
            "Pardon me, could you say that again?",
            "Hello?",
            "I didn't catch that",
            "What?",
        ],
        "wrong_person": ["Sorry, wrong number.", "You have the wrong person", "There's nobody by that name here."],
        "opt_out": ["Don't call me again.", "Stop calling me!", "Take me off your list, please."],
        "not_now": ["I'm driving right now, can you call me later?", "Not now.", "I'm busy at the moment."],
        "wants_person": ["I don't want to talk to a machine.", "No, I'd rather speak to a real person."],
        "thinking": ["Um...", "Hmm, let me think."],
    },
    ("en", "Am I speaking with Alex Chen?"): {
        "yes": [
            "um yes that's me",
            "Speaking.",
            "This is Alex.",
            "Alex speaking",
            "Yes, this is Alex Chen.",
            "I am.",
            "That's me",
            "Yes it is",
            "This is she.",
            "I'm Alex",
        ],
        "no": ["No, I'm not.", "I'm not Alex.", "No, that's not me", "This is not Alex"],
        "wrong_person": [
            "This is her brother.",
            "No, this is his wife.",
            "He's not here right now.",
            "Alex isn't here.",
        ],
        "answer": ["This is Robert."],
        "question": ["Who is calling?", "What company is this?"],
    },
    ("en", "Is now a good time for a few questions?"): {
        "yes": [
            "Sure, now is good.",
            "Now is fine",
            "Yes, go ahead",
            "It's a good time.",
            "I'm ready",
            "Yeah I have a few minutes",
        ],
        "no": ["Not really.", "No", "Not at all"],
        "not_now": [
            "Not a good time.",
            "It's a bad time, sorry",
            "Could you call back tomorrow?",
            "I'm in a meeting",
            "Can we do this later?",
            "No, I'm at work, call me back later",
        ],
    },
    ("zh", "请问可以录音吗?"): {
        "yes": [
            "可以",
            "可以的。",
            "好的",
            "好的,没问题。",
            "没问题",
            "嗯",
            "嗯嗯,好",
            "行",
            "行啊",
            "我不介意",
            "同意",
            "當然可以",
            "OK,可以",
        ],
        "no": [
            "不行",
            "不可以",
            "不方便",
            "不太方便",
            "不同意",
            "我介意",
            "不要录音",
            "还是别录了",
            "不好意思,不行",
            "不想录音",
            "可以不录吗",
        ],
        "answer": ["行不行啊", "好像不行"],
        "question": ["录音给谁听", "你是机器人吗"],
        "repeat": ["什么?", "您再说一遍", "没听清楚", "喂?", "麻烦您再说一遍好吗"],
        "opt_out": ["别再打了", "別再打電話給我了", "不要再打来了"],
        "thinking": ["让我想想"],
    },
    ("zh", "请问是李明本人吗?"): {
        "yes": ["是的", "我是", "我就是", "我是李明", "是的,我是李明", "對,我是", "是本人"],
        "no": ["不是", "我不是李明", "不是我"],
        "wrong_person": ["打错了", "對不起,您打錯了", "没有这个人", "我是他爸爸", "他不在"],
    },
    ("zh", "现在方便聊几分钟吗?"): {
        "yes": ["方便", "方便的,您说", "有时间", "可以,开始吧"],
        "no": ["不方便", "不太方便"],
        "not_now": ["我在开会", "现在不方便", "我現在不方便", "我在开车,晚点再打吧", "改天吧", "现在没空"],
    },
}
OPEN = {
    "en": {
        "answer": [
            "I would repeat the test until it passed.",
            "We had to stop the production line and say goodbye to the old system.",
            "No, we never had that problem, because we tested every release.",
            "Yes, I built the billing service.",
            "I don't know the exact number, but latency fell by half.",
            "Bye-laws of the company were my field.",
            "Let me think. I built a queue for our billing service, and it took three months.",
            "We told customers not to call again until Monday.",
            "I asked the customer to repeat the question and wrote it down.",
            "Stop words were removed before indexing.",
            "I don't really know, maybe Kafka?",
            "The wrong number was shown in the report, so I fixed the query.",
            "I was driving the project.",
            "A person should always review it.",
            "🙂 we shipped it",
            "Python",
        ],
        "repeat": [
            "Could you repeat that?",
            "Sorry, could you please repeat the question?",
            "Say that again, please.",
            "Come again?",
            "I'm sorry, I didn't quite catch that.",
            "Can you say it one more time?",
            "What did you say?",
            "Could you um repeat the question please?",
            "Can you hear me?",
        ],
        "clarify": [
            "What do you mean?",
            "I don't understand the question",
            "Sorry, what do you mean by service?",
            "Do you mean at work or at university?",
        ],
        "slower": ["Could you speak more slowly, please?", "Sorry, that was too fast."],
        "louder": ["Could you speak up a little?", "I can hardly hear you."],
        "question": ["How much does the job pay?", "Can I ask where the office is?"],
        "skip": [
            "I don't know.",
            "No idea.",
            "Skip this one.",
            "I'd rather not say.",
            "I'd prefer not to answer that",
            "Can we skip this question?",
            "Next question please",
            "I can't think of anything right now.",
            "Pass.",
        ],
        "thinking": [
            "Let me think.",
            "Um, let me think about that for a second.",
            "Hmm.",
            "One moment please.",
            "That's a good question, let me think.",
            "",
            "...",
        ],
        "goodbye": [
            "Goodbye.",
            "Bye bye!",
            "I have to go now, bye.",
            "Sorry, I've got to go.",
            "Thank you, bye.",
            "I'm not interested.",
            "Stop.",
            "I want to end this call",
        ],
        "opt_out": [
            "Please don't call me again.",
            "Never call me again!",
            "Remove my number from your list.",
            "Stop calling me, I'm not interested.",
        ],
        "wants_person": [
            "Can I talk to a human?",
            "I want to speak to a real person.",
            "I don't want to talk to a robot.",
        ],
        "not_now": ["Could you call me back later?", "Sorry, I'm driving."],
    },
    "zh": {
        "answer": [
            "我们不断重复测试,直到通过为止",
            "我当时停止了这个项目",
            "我不知道具体的数字,不过延迟降低了一半",
            "我负责后端开发",
            "没有,我们每次发布都测试",
            "再见到客户的时候我们已经修好了",
            "我让客户再说一遍需求,然后记录下来",
        ],
        "repeat": [
            "请再说一遍",
            "不好意思,您能再重复一下问题吗?",
            "没听清",
            "我沒聽清楚",
            "听不清",
            "能再说一次吗",
        ],
        "clarify": ["什么意思", "我没听懂这个问题", "你是说工作以后吗"],
        "slower": ["您说慢一点", "说得太快了"],
        "louder": ["大声一点", "您声音太小了"],
        "question": ["工资多少", "公司在哪里", "我想问一下薪资是多少"],
        "skip": ["我不知道", "不清楚", "跳过吧", "下一题", "不想说", "我想不起来"],
        "thinking": ["嗯…让我想想", "我想一下", "稍等一下", "嗯"],
        "goodbye": ["再见", "拜拜", "我先挂了", "就这样吧", "不感兴趣"],
        "opt_out": ["别再打电话给我了", "不要再联系我", "请不要再打来了"],
        "wants_person": ["转人工", "我想跟真人聊", "我不想和机器人说话"],
        "not_now": ["我在开会", "晚点再打"],
    },
}

YES_NO_CASES = [
    pytest.param(language, asked, text, kind, id=f"{text} -> {kind}")
    for (language, asked), kinds in YES_NO.items()
    for kind, texts in kinds.items()
    for text in texts
]
OPEN_CASES = [
    pytest.param(language, text, kind, id=f"{text} -> {kind}")
    for language, kinds in OPEN.items()
    for kind, texts in kinds.items()
    for text in texts
]


@pytest.mark.parametrize(("language", "asked", "text", "kind"), YES_NO_CASES)
def test_a_reply_to_a_yes_no_question(language: str, asked: str, text: str, kind: str) -> None:
    assert understand(text, Expects.YES_NO, language, asked).kind == kind


@pytest.mark.parametrize(("language", "text", "kind"), OPEN_CASES)
def test_a_reply_to_an_open_question(language: str, text: str, kind: str) -> None:
    assert understand(text, Expects.OPEN, language).kind == kind


@pytest.mark.parametrize(("language", "text", "kind"), OPEN_CASES)
def test_capitals_and_punctuation_do_not_matter(language: str, text: str, kind: str) -> None:
    bare = "".join(character for character in text if character.isalnum() or character in " '-")
    assert understand(bare.upper(), Expects.OPEN, language).kind == kind


def test_the_words_that_decided_are_told() -> None:
    assert understand("Um, could you repeat that, please?", Expects.OPEN, "en").phrase == "could you repeat that"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_odd_text_is_an_answer_and_takes_no_time(language: str) -> None:
    begun = time.process_time()
    for text in (
        "could you " * 1000,
        "😀" * 500 + "x",
        "no " * 1999 + "way",
        "\x00\u202e٣ أهلا",
        "再说" * 1000 + "了不起",
    ):
        assert understand(text, Expects.OPEN, language).kind in Kind
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("pattern", "text", "length"),
    [
        ("say [that] again", "say again", 2),
        ("say [that] again", "say that again now", 3),
        ("(no|no thanks) [bye]", "no thanks bye", 3),
        ("(no|no thanks) [bye]", "yes", 0),
        ("[a [b]] c", "a b c", 3),
        ("this is ~ [speaking]", "this is alex chen speaking", 5),
        ("~ speaking", "speaking", 0),
    ],
)
def test_a_pattern_accounts_for_the_longest_stretch(pattern: str, text: str, length: int) -> None:
    def split(plain: str) -> tuple[str, ...]:
        return tuple(plain.split())

    assert longest(parse(pattern, split), split(text), 0, frozenset({"alex", "chen"})) == length


@pytest.mark.parametrize("pattern", ["(a", "a)", "[a", "a]", "(a]", "a|b"])
def test_a_pattern_with_a_bracket_amiss_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="bracket|closed"):
        parse(pattern, lambda plain: tuple(plain.split()))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_phrases_name_only_kinds_there_are(language: str) -> None:
    data = phrases.read(language, "understanding")
    kinds = {str(kind) for kind in Kind} | {"padding"}
    assert set(data["phrases"]) | set(data["alone"]) <= kinds
    assert {"yes", "no", "repeat", "goodbye", "opt_out", "not_now", "wrong_person", "skip", "thinking"} <= set(
        data["phrases"]
    )


@pytest.mark.parametrize(
    ("language", "reply"),
    [("zh", "都有了。"), ("zh", "是的，都有了。"), ("en", "I could do that."), ("en", "Sure, I could do that.")],
)
@pytest.mark.parametrize("expects", list(Expects))
def test_who_has_everything_or_could_do_it_does_not_end_the_call(language, reply, expects):
    assert understand(reply, expects, language).kind not in (Kind.GOODBYE, Kind.NOT_NOW)
