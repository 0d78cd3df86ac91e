"""A candidate asks for the other language: the same question comes again in it. No audio."""

import pytest

from dialog_flows.engine import step
from dialog_flows.loader import parse
from dialog_flows.meaning import Kind
from dialog_flows.switch import asked_for
from dialog_flows.understanding import understand
from models.dialog import (
    CallStarted,
    CandidateSpoke,
    DialogEvent,
    DialogState,
    Expects,
    LineCut,
    LineHeard,
    Say,
    Step,
    SwitchLanguage,
)
from models.speech import Utterance

ENGLISH = """\
id: tiny
version: 1
title: Tiny
language: en
disclosure: An AI calling from Acme, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is this Ann?'}
good_time: {ask: 'Is now good?'}
questions:
  - {id: built, ask: 'What did you build?'}
  - {id: years, ask: 'How many years?'}
candidate_questions: {ask: 'Any questions?', reply: HR will answer.}
closing: All done.
lines: {acknowledgements: [Thanks.], begin: Begin., switched: In English then., one_language: English only.}
policies: {callback_number: '1 2', max_repeats: 2}
"""
CHINESE = """\
id: tiny
version: 1
title: 小
language: zh
disclosure: 我是顶点公司的人工智能，通话会录音。
consent: {ask: '可以录音吗？'}
identity: {ask: '是小安吗？'}
good_time: {ask: '方便吗？'}
questions:
  - {id: built, ask: 您做了什么？}
  - {id: years, ask: 多少年？}
candidate_questions: {ask: '有问题吗？', reply: 记下了。}
closing: 完了。
lines: {acknowledgements: [谢谢。], begin: 开始。, switched: 那就用中文。, one_language: 只用中文。}
policies: {callback_number: '1 2', max_repeats: 2}
"""
BOTH = parse(ENGLISH, "tiny.yaml").with_sisters([parse(CHINESE, "tiny.zh.yaml")]).fill({"company": "Acme"})
ALONE = parse(ENGLISH, "tiny.yaml").fill({"company": "Acme"})


class Call:
    def __init__(self, flow=BOTH):
        self.flow, self.state, self.last = flow, DialogState(), Step(DialogState())
        self.feed(CallStarted())

    def feed(self, event: DialogEvent) -> "Call":
        self.last = step(self.flow, self.state, event)
        self.state = self.last.state
        return self

    def reply(self, text: str) -> "Call":
        if self.state.awaiting:
            self.feed(LineHeard(self.state.awaiting, 0))
            if self.state.awaiting:  # after the disclosure comes the first question
                self.feed(LineHeard(self.state.awaiting, 0))
        return self.feed(CandidateSpoke(Utterance(text, 0, 500)))

    @property
    def said(self):
        return [action.text for action in self.last.actions if isinstance(action, Say)]

    @property
    def switched_to(self):
        return next((action.language for action in self.last.actions if isinstance(action, SwitchLanguage)), None)


def test_the_question_is_asked_again_in_the_new_language_and_the_interview_goes_on_in_it() -> None:
    call = Call().reply("Yes").reply("Yes").reply("Yes").reply("Could we speak Chinese?")

    assert (call.switched_to, call.said) == ("zh", ["那就用中文。", "您做了什么？"])
    assert call.last.meaning == "switch_to_zh"
    assert isinstance(call.last.actions[0], SwitchLanguage)
    assert call.reply("我做了一个支付服务。").said == ["谢谢。", "多少年？"]
    [answer] = call.state.answers
    assert (answer.question_id, answer.question, answer.text) == ("built", "您做了什么？", "我做了一个支付服务。")
    assert call.reply("三年").said == ["谢谢。", "有问题吗？"]


def test_back_again() -> None:
    call = Call().reply("Yes").reply("Yes").reply("可以用中文吗？").reply("Could we speak English?")

    assert (call.switched_to, call.said) == ("en", ["In English then.", "Is now good?"])
    assert call.state.language == "en"


def test_before_consent_the_disclosure_is_said_in_the_new_language_first() -> None:
    call = Call().reply("Can you use Chinese?")

    assert (call.switched_to, call.said) == ("zh", ["我是顶点公司的人工智能，通话会录音。"])
    assert call.state.recording_permitted is None
    call.feed(LineHeard(call.state.awaiting or "", 0))
    assert call.said == ["可以录音吗？"]


def test_a_flow_in_one_language_says_so_and_asks_again_until_it_has_been_asked_often_enough() -> None:
    call = Call(ALONE).reply("Yes").reply("Yes").reply("Could we speak Chinese?")

    assert (call.switched_to, call.said) == (None, ["English only.", "Is now good?"])
    call.reply("Chinese please").reply("Chinese please")
    assert "English only." not in call.said


def test_asking_for_the_language_that_is_spoken_repeats_the_question() -> None:
    assert Call().reply("Yes").reply("Yes").reply("Do you speak English?").said == ["In English then.", "Is now good?"]


def test_it_is_obeyed_over_a_question_that_is_cut() -> None:
    call = Call().reply("Yes").reply("Yes")
    call.feed(LineCut(call.state.awaiting or "", 0, heard_share=0.1)).feed(
        CandidateSpoke(Utterance("Can we use Chinese?", 0, 500))
    )

    assert call.said == ["那就用中文。", "方便吗？"]


@pytest.mark.parametrize("expects", [Expects.YES_NO, Expects.OPEN])
@pytest.mark.parametrize(
    ("listening_in", "heard"),
    [
        ("en", "Can you use Chinese?"),
        ("en", "可以用中文嗎?"),
        ("en", "可以说中文吗"),
        ("en", "We can use Chinese language."),
        ("en", "Can not speak Chinese."),
        ("en", "Chinese, can you?"),
        ("en", "Chinese,可以吗?"),
        ("en", "I will not say English."),
        ("en", "I don't understand English."),
        ("en", "Qing Shuo Zhongwen"),
        ("en", "Yong-jong-wen-ba"),
        ("en", "Could we speak Mandarin, please?"),
        ("zh", "我英语不太好,可以用中文吗?"),
        ("en", "不好意思,我英语不太好,可以说中文吗?"),
        ("en", "您会说中文吗?"),
    ],
)
def test_asking_for_chinese_as_recognisers_write_it(listening_in: str, heard: str, expects: Expects) -> None:
    assert understand(heard, expects, listening_in).kind is Kind.SWITCH_TO_MANDARIN


@pytest.mark.parametrize("expects", [Expects.YES_NO, Expects.OPEN])
@pytest.mark.parametrize(
    ("listening_in", "heard"),
    [
        ("zh", "Could we speak English?"),
        ("zh", "可以我们试试这个英文吗?"),
        ("zh", "可以试试在英文吗?"),
        ("zh", "可不可以 speak English"),
        ("zh", "可 we do that, interview in English plays?"),
        ("zh", "可以用英文去做?"),
        ("zh", "英文 please"),
        ("zh", "I prefer English"),
        ("zh", "我不明白 Chinese"),
        ("zh", "Sorry, I don't speak Chinese."),
        ("zh", "可以用英语吗?"),
        ("en", "Can we do this in English?"),
    ],
)
def test_asking_for_english_as_recognisers_write_it(listening_in: str, heard: str, expects: Expects) -> None:
    assert understand(heard, expects, listening_in).kind is Kind.SWITCH_TO_ENGLISH


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I speak Chinese and English."),
        ("en", "We can use Chinese suppliers and then compare their prices."),
        ("en", "We wrote the documents in English, and the customer was in China."),
        ("zh", "我会说英语和中文"),
        ("en", "我会说中文"),
        ("zh", "我用英文写文档，然后翻译成中文。"),
    ],
)
def test_speaking_of_a_language_is_not_asking_for_it(language: str, text: str) -> None:
    assert understand(text, Expects.OPEN, language).kind is Kind.ANSWER


@pytest.mark.parametrize(("language", "text"), [("zh", "可以推出去英文"), ("en", "Yes, in Mandarin")])
def test_nobody_agrees_to_a_recording_by_asking_for_a_language(language: str, text: str) -> None:
    assert understand(text, Expects.YES_NO, language).kind is not Kind.YES


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", "可以用中文吗?", "zh"),
        ("zh", "Sorry, I don't speak Chinese.", "en"),
        ("en", "Okay.", None),
        ("en", "", None),
        ("zh", "好的", None),
    ],
)
def test_what_language_is_asked_for(language: str, text: str, asked: str | None) -> None:
    assert asked_for(text, language) == asked
