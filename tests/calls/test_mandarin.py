"""Calls in Mandarin, and a call that changes its language. Real audio, recognition and speech."""

import asyncio
import threading
from pathlib import Path

import pytest

from dialog_flows import loader
from dialog_flows.engine import lines
from models.call import Disposition
from models.speech import Speaker
from voicebot import demo, dialler
from voicebot.conversation import Unobserved
from voicebot.rehearsal.candidate import SimulatedCandidate
from voicebot.rehearsal.persona import Persona
from voicebot.rehearsal.script import Script, lines_to_answer
from voicebot.speech.chinese import simplified

pytestmark = pytest.mark.timeout(600)  # two minutes of call, and the lines of two languages to be spoken first

FLOWS = Path(__file__).parents[1] / "flows"


@pytest.fixture
def voice(parts):
    return parts.kokoro("jf_gongitsune", "zh")


@pytest.fixture
def flows(tmp_path):
    """The short interview in both languages, patient enough for a candidate on a busy machine."""
    for path in FLOWS.glob("short*.yaml"):
        text = path.read_text(encoding="utf-8").replace("silence_seconds: 2.5", "silence_seconds: 20")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


async def test_a_whole_interview_in_mandarin_is_held_and_filed(parts, flows, voice):
    persona = Persona(
        id="jing",
        name="陈静",
        language="zh",
        flow="short",
        answers={
            "consent": "可以，没问题。",
            "identity": "对，我就是。",
            "good_time": "方便，您请说。",
            "project": ["不好意思，请您再说一遍。", "我做了一个支付服务，用 Redis 做缓存。"],
            "project.number": "错误率从百分之四降到了百分之一以下。",
            "first_day": "我下个月可以开始。",
            "candidate_questions": "请问团队有多少人？",
            "anything_else": "没有了，谢谢您。",
        },
    )
    filled, variables = demo.fill(parts, loader.load(flows / "short.zh.yaml"), persona)
    speech = await demo.rehearse(parts, filled, persona, voice)

    held = await demo.hold(parts, filled, variables, persona, speech, Unobserved())

    record = held.record
    assert (record.disposition, record.language) == (Disposition.COMPLETED, "zh")
    assert held.word_error_rate <= 0.3
    assert [answer.question_id for answer in record.answers] == ["project", "first_day"]
    project, first_day = record.answers
    assert "支付" in project.text
    assert "百分之" in project.text or "%" in project.text
    assert "月" in first_day.text
    for answer in record.answers:
        assert simplified([answer.text]) == (answer.text,)
        assert {part.utterance.language for part in answer.parts} == {"zh"}
    assert "Redis" in {tag.name for tag in record.scorecard.skills}
    assert len(record.questions_for_hr) == 1


async def test_a_line_that_is_slow_to_speak_in_one_language_holds_up_no_other(parts):
    released = threading.Event()
    slow = parts.synthesis["zh"].submit(released.wait)
    try:
        async with asyncio.timeout(60):
            assert (await parts.voice("en").speak("Nobody has said this line before.")).pcm
        assert not slow.done()
    finally:
        released.set()


async def test_a_candidate_who_asks_for_chinese_goes_on_in_chinese(parts, flows, voice):
    persona = Persona(
        id="jing",
        name="Jing",
        flow="short",
        answers={
            "consent": "可以用中文吗？",
            "zh.consent": "可以，没问题。",
            "zh.identity": "对，我就是。",
            "zh.good_time": "方便，您请说。",
            "zh.project": "我做了一个支付服务，错误率降到了百分之一。",
            "zh.first_day": {"hang_up_after_ms": 0},
        },
    )
    filled, variables = demo.fill(parts, loader.load(flows / "short.yaml"), persona)
    await dialler.prepare(parts, filled)
    mandarin = lines_to_answer(filled.in_language("zh"))
    script = Script(persona, lines_to_answer(filled) | {f"zh.{key}": line for key, line in mandarin.items()})

    async def hear(audio):
        return (await parts.recognition.transcribe(audio, "zh" if candidate.said else "en")).text

    speech = {text: await voice.speak(text) for text in persona.sentences()}
    candidate = SimulatedCandidate(persona, script, speech, hear)
    interview_id = await demo.call(parts, filled, variables, persona, candidate, Unobserved())
    await candidate.finish()

    record = parts.archive.interview(interview_id)
    said = [line.text for line in record.transcript if line.speaker is Speaker.INTERVIEWER]
    assert said[:2] == [filled.disclosure, filled.consent.ask]
    assert set(said[2:]) <= set(lines(filled.in_language("zh")))
    assert said[2] == filled.in_language("zh").disclosure
    assert next(line.meaning for line in record.transcript if line.speaker is Speaker.CANDIDATE) == "switch_to_zh"
    project = record.answers[0]
    assert "支付" in project.text
    assert project.question == "请介绍一个您完成的项目。"
    assert project.parts[0].utterance.language == "zh"
    assert record.language == "en"
    [score] = record.scorecard.scores
    assert score.criterion == "结果"
