"""What a candidate reads, in each language. Texts have {fields}; nothing in them is HTML."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

LANGUAGES = {"en": "English", "zh": "中文"}

ENGLISH = {
    "title": "Your phone interview with {company}",
    "hello": "Hello {name},",
    "who": "{company} would like to interview you by phone.",
    "who_for_job": "{company} would like to interview you by phone for this job: {job}.",
    "ai": "The caller is a computer program, an AI, and not a person. It says so at the beginning of the call.",
    "recorded": (
        "The call is recorded if you agree to that. You can say no when it calls, and the interview goes on without a "
        "recording."
    ),
    "scored": (
        "What you say is written down, and a program proposes scores and shows the words that they rest on. It decides "
        "nothing: a person does."
    ),
    "number": "The number to be called ends in {ending}.",
    "questions": "If you have questions, call {callback}.",
    "kept": "What is kept, and how long",
    "kept_recordings": "The recording: {span}.",
    "kept_transcripts": "What was said, in writing: {span}.",
    "kept_scores": "The scores: {span}.",
    "kept_people": "Your name, your number and your consents: {span}.",
    "days": "{days} days after your last call",
    "no_limit": "until {company} erases it, which you can ask for",
    "your_consent": "Your consent",
    "not_given": "You have not agreed to a call yet.",
    "given": "On {date} you agreed:",
    "consent_call": (
        "I agree that {company} calls me for a job interview, at the number ending in {ending}. I know that the caller "
        "is an AI, and that what I say is written down and scored for a person who decides."
    ),
    "consent_recording": (
        "I also agree that the call is recorded, so that a person can listen to it. The recording is kept {span}."
    ),
    "agree": "I agree to be called",
    "withdraw": "Take back my consent",
    "withdraw_why": "{company} is told at once. It costs you nothing, and you can agree again here.",
    "stop": "Never call me again",
    "stop_why": (
        "This number is blocked for good, for every job at {company}, and stays blocked when your data have been "
        "erased. Only {company} can undo it, if you ask."
    ),
    "stopped": "You asked never to be called again. You are not called.",
    "your_data": "Your data",
    "copy": "Download a copy of my data",
    "copy_why": "A ZIP file with everything on file about you: text as JSON, recordings as WAV.",
    "erasure": "Ask for my data to be erased",
    "erasure_why": "A person at {company} looks at it. Some things must be kept for a time because the law says so.",
    "review": "Ask for a person to look at my interview",
    "review_why": "A person at {company} goes through your interview and the scores that the program proposed.",
    "correction": "Ask for something to be put right",
    "correction_why": "A person at {company} looks at it, and puts right what is wrong.",
    "correction_words": "What is wrong, and what is right?",
    "objection": "Object to how my data are used",
    "objection_why": "For instance to being scored by a program. A person at {company} looks at it.",
    "objection_words": "What do you object to, and why?",
    "done_agree": "Thank you. Your consent is on file.",
    "done_withdraw": "Your consent is taken back, and {company} has been told.",
    "done_stop": "Your number is blocked. You are not called again.",
    "done_erasure": "{company} has been told that you want your data erased.",
    "done_correction": "{company} has been told what is to be put right.",
    "done_objection": "{company} has been told what you object to.",
    "done_review": "{company} has been told that you want a person to look at your interview.",
    "text_changed": "The text of the consent has changed since you opened this page. Please read it again.",
    "refused_title": "This link does not work",
    "refused": "It is not complete, or it was changed. Open it once more from the message that you got.",
    "expired_title": "This link no longer works",
    "expired": "Its time is over. Ask whoever sent it to you for a new one.",
    "busy_title": "Too many requests",
    "busy": "Please try again in a minute.",
    "faulty_title": "That did not work",
    "faulty": "Nothing has been changed. Go back, open the page once more, and try again.",
}

CHINESE = {
    "title": "{company}邀请您参加电话面试",
    "hello": "{name}，您好：",
    "who": "{company}希望通过电话对您进行面试。",
    "who_for_job": "{company}希望就“{job}”这一职位通过电话对您进行面试。",
    "ai": "给您打电话的是计算机程序（人工智能），不是真人。通话一开始它就会说明这一点。",
    "recorded": "只有在您同意时才会录音。来电时您也可以拒绝录音，面试会照常进行。",
    "scored": "您所说的话会转成文字，由程序给出建议评分，并标明评分所依据的原话。程序不作任何决定，决定由人作出。",
    "number": "将要拨打的号码尾号为{ending}。",
    "questions": "如有疑问，请致电{callback}。",
    "kept": "保存哪些内容，保存多久",
    "kept_recordings": "录音：{span}。",
    "kept_transcripts": "通话的文字记录：{span}。",
    "kept_scores": "评分：{span}。",
    "kept_people": "您的姓名、号码和同意记录：{span}。",
    "days": "保存至您最后一次通话后{days}天",
    "no_limit": "保存至{company}删除为止，您可以申请删除",
    "your_consent": "您的同意",
    "not_given": "您尚未同意接听来电。",
    "given": "您于{date}同意了以下内容：",
    "consent_call": (
        "我同意{company}拨打尾号为{ending}的号码，对我进行求职面试。我知道来电者是人工智能，我所说的话会转成文字并被评分，供作出"
        "决定的人参考。"
    ),
    "consent_recording": "我还同意对通话录音，以便真人收听。录音{span}。",
    "agree": "我同意接听来电",
    "withdraw": "撤回同意",
    "withdraw_why": "我们会立即告知{company}。撤回不会给您带来任何费用，您也可以随时在这里重新同意。",
    "stop": "不要再给我打电话",
    "stop_why": (
        "该号码将被永久屏蔽，适用于{company}的所有职位；即使您的资料被删除，屏蔽仍然有效。"
        "只有您提出要求，{company}才能解除。"
    ),
    "stopped": "您已要求我们不再来电。我们不会再给您打电话。",
    "your_data": "您的个人信息",
    "copy": "下载我的个人信息副本",
    "copy_why": "一个ZIP文件，包含我们保存的关于您的全部内容：文字为JSON，录音为WAV。",
    "erasure": "申请删除我的个人信息",
    "erasure_why": "{company}会有专人处理。法律要求保存的部分须保存一定时间。",
    "review": "申请由真人复核我的面试",
    "review_why": "{company}会有专人查看您的面试和程序给出的建议评分。",
    "correction": "申请更正我的信息",
    "correction_why": "{company}会有专人处理，并更正有误的内容。",
    "correction_words": "哪里有误？正确的内容是什么？",
    "objection": "对我的个人信息的使用提出异议",
    "objection_why": "例如不同意由程序评分。{company}会有专人处理。",
    "objection_words": "您对什么有异议？为什么？",
    "done_agree": "谢谢。您的同意已记录。",
    "done_withdraw": "您的同意已撤回，并已告知{company}。",
    "done_stop": "您的号码已被屏蔽。我们不会再给您打电话。",
    "done_erasure": "已告知{company}您希望删除个人信息。",
    "done_correction": "已告知{company}您希望更正的内容。",
    "done_objection": "已告知{company}您的异议。",
    "done_review": "已告知{company}您希望由真人复核您的面试。",
    "text_changed": "您打开此页面后，同意书的内容有所变更，请重新阅读。",
    "refused_title": "此链接无效",
    "refused": "链接不完整或已被改动。请从您收到的消息中重新打开。",
    "expired_title": "此链接已失效",
    "expired": "链接已过有效期。请向发送者索取新的链接。",
    "busy_title": "请求过于频繁",
    "busy": "请一分钟后再试。",
    "faulty_title": "操作未成功",
    "faulty": "未作任何更改。请返回并重新打开页面，然后再试。",
}

WORDING: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH, "zh": CHINESE})


def language(asked: str | None, accepted: str) -> str:
    """`asked`: what the page's address says; `accepted`: the browser's Accept-Language, best first by its weights."""
    if asked is not None and asked in WORDING:
        return asked
    best, weight = "en", 0.0
    for choice in accepted[:500].split(","):
        tag, _, quality = choice.partition(";q=")
        spoken = tag.strip().lower().partition("-")[0]
        try:
            weighs = float(quality or 1)
        except ValueError:
            continue
        if spoken in WORDING and weighs > weight:
            best, weight = spoken, weighs
    return best


def date(at: datetime, language: str) -> str:
    return f"{at.year}年{at.month}月{at.day}日" if language == "zh" else f"{at.day} {at:%B %Y}"
