"""An archive as it might be after some days of work, filled by the product's own calls."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from dialog_flows import loader
from models.accounts import Role
from models.archive import Decision
from models.call import Candidate, Disposition
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Evidence, Score, Scorecard, SkillKind, SkillTag
from models.invitation import WishKind
from models.speech import Speaker, TranscriptLine, Utterance

PASSWORD = "a quiet harbour at dawn"
HOSTILE = "<img src=x onerror=alert(1)> ${7*7} `x` {{8*8}} =1+1"
NOW = datetime.now(UTC)

MANNERS = {
    "en": (
        "Hello, this is the automated interviewer of Northwind Labs. This call is recorded.",
        "Yes, that is fine.",
        "Thank you. A person will look at your answers.",
    ),
    "zh": ("您好，我是北风公司的自动面试官。本次通话会录音。", "好的，可以。", "谢谢您。同事会查看您的回答。"),
}
MAYA = {
    "upset_customer": (
        "A man called because his router had failed for the third time. I let him finish without interrupting, then I "
        "told him what I would do. I sent a new one by courier and called him the next day. He stayed with us.",
        ("Listens first", "I let him finish without interrupting", 4.6),
        ("Solves it", "I sent a new one by courier and called him the next day", 4.2),
    ),
    "rush": (
        "I would take the urgent call first, since somebody without a connection cannot wait, and tell the chat how "
        "long it takes.",
        ("Puts things in order", "I would take the urgent call first", 3.8),
    ),
    "not_allowed": (
        "I would say no, but kindly, and explain the rule. Then I look whether a voucher is possible.",
        ("Says no in a friendly way", "I would say no, but kindly, and explain the rule", 4.0),
        ("Looks for another way", "Then I look whether a voucher is possible", 4.4),
    ),
    "learned": (
        "We had a new ticket system, Zendesk, and I worked with it for three years. I tried everything out at home.",
        ("Learns on their own", "I tried everything out at home", 3.5),
        ("Explains simply", None, None),
    ),
    "recurring": ("I do not remember one.", ("Gets to the root", "I do not remember one", 1.4)),
}
WANG = {
    "upset_customer": (
        "有一位客人因为发货晚了非常生气，我先听他说完，然后给他补发了一份，还送了优惠券，最后他给了好评。",
        (0, "我先听他说完", 4.4),
        (1, "给他补发了一份，还送了优惠券", 4.7),
    ),
    "rush": ("我会先处理最着急的客人，再请同事帮忙看一下聊天。", (0, "我会先处理最着急的客人", 4.1)),
    "not_allowed": (
        "我会耐心解释规定，再看看有没有别的办法。",
        (0, "我会耐心解释规定", 3.9),
        (1, "再看看有没有别的办法", 3.6),
    ),
}


@dataclass(frozen=True)
class Filled:
    home: Path
    maya: str
    maya_recording: str
    wang: str
    hostile: str
    jonas: str
    """An interview whose candidate asks for two things."""
    other_job: str
    """An interview for a job that the reviewer is not assigned to."""


def fill(archive, home):
    days = timedelta(days=1)
    first = archive.jobs.file("Customer service, Berlin", "Berlin", NOW - 9 * days, flow_id="customer_service")
    second = archive.jobs.file("Backend engineer, remote", "anywhere", NOW - 9 * days, flow_id="backend_engineer")
    flow = loader.load(loader.find("customer_service", "en"))
    chinese = loader.load(loader.find("customer_service", "zh"))
    minutes = timedelta(minutes=1)
    maya, recording = hold(
        archive, flow, Candidate("c-1", "Maya Okafor", "+14155550101"), MAYA, NOW - 20 * minutes, first.id,
        tags=(("Zendesk", 3.0, "learned", "a new ticket system, Zendesk"), ("Conflict resolution", None, "", "")),
        asks="How much of the work is from home?", must=("Gets to the root",),
    )  # fmt: skip
    wang, _ = hold(
        archive, chinese, Candidate("c-2", "王芳", "+8613800138000"), WANG, NOW - 75 * minutes, first.id,
        tags=(("Zendesk", None, "", ""),),
    )  # fmt: skip
    hostile, _ = hold(
        archive, flow, Candidate("c-3", HOSTILE, "+14155550103"),
        {"rush": (f"{HOSTILE} I would take the urgent call first.", ("Puts things in order", HOSTILE, 2.2))},
        NOW - 40 * days, first.id, tags=((HOSTILE, None, "rush", HOSTILE),), asks=HOSTILE,
    )  # fmt: skip
    archive.reviews.note(hostile, HOSTILE, HOSTILE, NOW - 39 * days, decision=Decision.ADVANCE)
    jonas, _ = hold(archive, flow, Candidate("c-4", "Jonas Brandt", "+4930555010"), MAYA, NOW - 3 * days, first.id)
    archive.reviews.note(jonas, "Ann", "Calm and concrete.", NOW - 2 * days, decision=Decision.ADVANCE)
    aisha, _ = hold(archive, flow, Candidate("c-5", "Aisha Rahman", "+447700900123"), MAYA, NOW - 4 * days, first.id)
    archive.reviews.note(aisha, "Ann", "The recording is hard to hear.", NOW - 2 * days, decision=Decision.WAIT)
    other, _ = hold(archive, flow, Candidate("c-6", "Pavel Novák", "+420555010"), MAYA, NOW - 5 * days, second.id)
    person = archive.desk.find(jonas).interview.person_id
    token, _ = archive.invitations.issue(person, "Ann", NOW - 2 * days, timedelta(days=14))
    archive.invitations.ask(token, WishKind.REVIEW, "", NOW - days)
    archive.invitations.ask(token, WishKind.CORRECTION, f"I am called {HOSTILE}.", NOW - days)
    waiting = Candidate("c-7", "Lucía Fernández", "+34600555010")
    archive.schedule_interview(waiting, flow.ref, {}, NOW - 5 * minutes, job_id=first.id)
    unanswered = Candidate("c-8", "Sam Whitfield", "+14155550108")
    interview_id = archive.schedule_interview(unanswered, flow.ref, {}, NOW - 6 * days, job_id=first.id)
    attempt = archive.begin_attempt(interview_id, NOW - 6 * days)
    archive.end_attempt(attempt, Disposition.NO_ANSWER, {}, None, NOW - 6 * days)
    accounts = archive.accounts
    accounts.create_user("Ann", Role.ADMIN, PASSWORD, "test", NOW)
    accounts.create_user("Ravi", Role.RECRUITER, PASSWORD, "test", NOW)
    reviewer = accounts.create_user("Rosa", Role.REVIEWER, PASSWORD, "test", NOW)
    accounts.assign(reviewer.id, [first.id], "test", NOW)
    return Filled(home, maya, recording, wang, hostile, jonas, other)


def hold(archive, flow, candidate, answers, at, job_id, *, tags=(), asks=None, must=()):
    """Files a whole interview as a call does. Returns its id and its attempt's."""
    archive.flows.file(flow.ref, flow.title, flow.language, flow.published_text)
    rubric = {question.question_id: question for question in flow.rubric().questions}
    interview_id = archive.schedule_interview(candidate, flow.ref, {}, at - timedelta(hours=1), job_id=job_id)
    attempt_id = archive.begin_attempt(interview_id, at)
    archive.redeem_attempt(attempt_id, at)
    lines, given, scores, places = [], [], [], {}
    clock = 1200

    def say(speaker, text, question=None):
        nonlocal clock
        line = TranscriptLine(speaker, text, clock, clock + 60 * len(text.encode()) + 500, question)
        lines.append(line)
        clock = line.end_ms + (450 if speaker is Speaker.CANDIDATE else 700)
        return line

    hello, agreed, goodbye = MANNERS[flow.language]
    say(Speaker.INTERVIEWER, hello)
    say(Speaker.CANDIDATE, agreed)
    for question_id, (text, *found) in answers.items():
        question = rubric[question_id]
        say(Speaker.INTERVIEWER, question.question, question_id)
        line = say(Speaker.CANDIDATE, text, question_id)
        places[question_id] = line
        given.append(Answer(question_id, question.question, (AnswerPart(utterance(line, flow.language)),)))
        for criterion, (_, quote, value) in zip(question.criteria, found, strict=False):
            at_ms = line.start_ms + 60 * len(text.encode()[: text.encode().find((quote or "").encode())])
            evidence = (Evidence(quote, at_ms, at_ms + 2000, criterion.points[0], 0.8),) if quote else ()
            name, weight = criterion.name, criterion.weight
            scores.append(Score(question_id, criterion.id, name, weight, value, evidence, name in must))
    asked = ()
    if asks:
        asked = (utterance(say(Speaker.CANDIDATE, asks), flow.language),)
    say(Speaker.INTERVIEWER, goodbye)
    archive.record(attempt_id, lines, DialogState(answers=tuple(given), questions_for_hr=asked), at)
    writer = archive.recording_writer(attempt_id, at)
    writer.append(*sound(lines, clock))
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {}, writer.close(), at + timedelta(milliseconds=clock))
    known = [score for score in scores if score.value is not None]
    overall = round(sum(s.value * s.weight for s in known) / sum(s.weight for s in known), 1)
    skills = tuple(
        SkillTag(name, SkillKind.TOOL, quote, question, places[question].start_ms if question else 0, 0, years)
        for name, years, question, quote in tags
    )
    archive.file_scorecard(interview_id, Scorecard(tuple(scores), overall, 1.0, skills, "test"))
    return interview_id, attempt_id


def utterance(line, language):
    return Utterance(line.text, line.start_ms, line.end_ms, language=language)


def sound(lines, length_ms):
    """Both channels: a hum with the rhythm of syllables wherever somebody speaks."""
    samples = np.arange(length_ms * 8)
    chance = np.random.default_rng(1)
    channels = []
    for speaker, pitch_hz in ((Speaker.CANDIDATE, 190), (Speaker.INTERVIEWER, 120)):
        loud = np.zeros(len(samples))
        for line in lines:
            if line.speaker is speaker:
                span = slice(line.start_ms * 8, line.end_ms * 8)
                slow = np.interp(samples[span], np.linspace(line.start_ms * 8, line.end_ms * 8, 40), chance.random(40))
                loud[span] = slow * (0.4 + 0.6 * np.abs(np.sin(samples[span] / 8000 * 12)))
        wave = np.sin(samples / 8000 * 2 * np.pi * pitch_hz) + 0.3 * np.sin(samples / 8000 * 4 * np.pi * pitch_hz)
        channels.append((wave * loud * 7000).astype("<i2").tobytes())
    return channels
