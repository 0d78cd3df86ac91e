"""What machines say when they pick up, in English and Mandarin: patterns as data, and what a text is by them.

The wordings are those of carriers' mailboxes and announcements, of Google's and Apple's call screening, and of the
assistants ("AI 秘书") of Chinese carriers and telephones. What a person at the telephone could say as well ("she's not
available, can I take a message?") only hints.
"""

import re
from enum import StrEnum


class Greeting(StrEnum):
    MACHINE = "machine"
    """Only an answering machine or a network's announcement says this."""
    HINT = "hint"
    """Answering machines say this, and people too."""
    SCREENING = "screening"
    """Asks for the caller's name and business, by machine."""
    HOLD = "hold"
    """Asks for a moment."""


NUMBER_YOU_CALLED = r"(number|person|customer|subscriber|party|user) (that )?you (have |are |ve |re )?(\w+ )?(to )?\w+"
LEAVE_A_MESSAGE = (
    r"leave (me |us |him |her |them )?(a|an|your|the|any) ((brief|short|detailed|quick|voice|text) )*"
    r"(message|name|number|details)\b"
)
OFFERS = r"\b(like|want|wish|care|able|free) to (please )?|\b(do|should|shall|can|could|may|must|let) (i|me|you|we) "
"""Before a pattern they make a person of it: "would you like to leave a message?", "do I press one?"."""

PATTERNS: dict[Greeting, tuple[str, ...]] = {
    Greeting.MACHINE: (
        r"(?<!your name )\b(after|at|for) the (tone|beep|signal)\b",
        rf"\bplease {LEAVE_A_MESSAGE}",
        r"\brecord (a|your) (voice )?message\b",
        r"\b(reached|this is) the (voice ?mail|mailbox|answering (machine|service))",
        r"\b(reached|this is) [\w ]{1,30} (voice ?mail|answering machine)\b",
        r"\bvoice ?mail ?(box|service|system|greeting)\b|\b(automated|automatic) voice (mail|messag)",
        r"\bmail ?box (is|belongs|has|cannot)\b|\bmail ?box of\b",
        rf"\b{NUMBER_YOU_CALLED}( \w+){{0,3}} ((is|are) (not|un|busy|switched|turned|currently|temporarily)|isn t|"
        r"cannot|can t|has (been|not)|has (a )?voice|is no longer)",
        r"\byour call (has been|is being|will be) (forwarded|transferred|diverted|recorded to)\b",
        r"\byour call is important\b",
        r"\bpress (one|two|three|four|five|zero|pound|star|hash|[0-9]) (for|to)\b",
        r"\bfor [\w ]{2,30} press (one|two|three|four|five|zero|[0-9])\b",
        r"(声|音|响)(之)?后.{0,6}(留言|录音|讲话|说话)",
        r"请(您|你)?(在|于|直接|现在|简短)?.{0,8}留言(?!吗)|留言请|请.{0,4}录音留言",
        r"留下(您|你)的?.{0,6}(姓名|名字|口信|电话|留言|信息|联系方式|号码)",
        r"(您|你)所?(拨打|呼叫|拨叫)的(用户|机主|客户)",
        r"(您|你)所?(拨打|呼叫|拨叫)的(电话|号码|手机).{0,4}(正|暂|已|不|无|是空|忙|有误|停)",
        r"无法接通|已关机|已停机|是空号|无人接听|请稍后再拨|请不要挂机|来电提醒",
        r"(语音|留言|电话|录音)(信箱|邮箱)|(答录机|自动应答)",
        r"按.{0,2}(号键|[0-9一二三四五六七八九零]键|井号|星号)",
    ),
    Greeting.HINT: (
        rf"\b{LEAVE_A_MESSAGE}",
        r"\b(can t|cannot|can not|unable to) (come|get|take|answer|make it)\b[\w ]{0,12}\b(phone|call)\b",
        r"\b(not|isn t) (here|home|in|available)\b|\bunavailable\b",
        r"\byou ve reached\b|\byou have reached\b",
        r"\baway from (my|the|her|his) (phone|desk)\b",
        r"\b(call|ring|get back to) you( back)?\b|\breturn your call\b",
        r"\bthank(s| you) for calling\b",
        r"不方便接|无法接听|不能接听|没法接|不在(家|座位|办公室|线)|给(您|你)回(电|复|拨)|回(您|你)电话",
    ),
    Greeting.SCREENING: (
        r"\b(say|state|give|record|provide|tell \w+) your (full )?name\b[\w ]{0,20}"
        r"\b(why|reason|purpose|calling|about)\b",
        r"\bstate (your name|your business|the (reason|purpose))\b",
        r"\bname and (the )?(reason|purpose) (for|of) (your |the )?call",
        r"\bscreening (service|this|your|calls?|assistant)\b|\bcall (screening|screener|assist)\b",
        r"\bcopy of this conversation\b",
        r"\bsee if (this|the) person is available\b|\bbefore i try to connect\b",
        r"\b(virtual|digital|automated|ai|voice|personal) (call )?assistant\b[\w ]{0,80}"
        r"\b(calling|name|reason|purpose|regarding|tell them|let them know)\b",
        r"(智能|语音|来电|通信|通讯|电话|手机|ai|人工智能).{0,4}(助理|助手|秘书|管家).{0,40}"
        r"(什么|请问|请说|请讲|告诉|转达|转告|记录|哪位|来意|代接)",
        r"(机主|主人).{0,40}(什么|请问|请说|请讲|告诉|转达|转告|记录|哪位|来意|代接|助理|助手|秘书)",
        r"(来电|致电|您的?)(事由|意图|目的|来意)|说(出|明|一下)(您|你)的?(姓名|名字|身份|来意)",
    ),
    Greeting.HOLD: (
        r"\b(stay|remain) on the line\b|\b(please|just) (hold|wait)\b|\bhold on\b|\bhold the line\b",
        r"\b(one|a|just a) (moment|second|minute)\b",
        r"\b(connecting|transferring|putting) (you|your call)\b|\b(be with you|let (them|him|her) know|checking)\b",
        r"稍等|稍候|请等|正在(为您|帮您)?(转接|接通|联系|询问|呼叫|通知)|别挂|不要挂",
    ),
}

_COMPILED = {kind: tuple(re.compile(pattern) for pattern in patterns) for kind, patterns in PATTERNS.items()}
_OFFERED = re.compile(rf"({OFFERS})$")
_REACH_BACK = 24
_MARKS = re.compile(r"[^\w\u3400-\u9fff]+")


def greetings(text: str) -> frozenset[Greeting]:
    """What `text` has of each kind. Case, punctuation and apostrophes do not matter."""
    plain = _MARKS.sub(" ", text.casefold()).strip()
    return frozenset(kind for kind, patterns in _COMPILED.items() if any(_said(each, plain) for each in patterns))


def _said(pattern: re.Pattern[str], plain: str) -> bool:
    matches = pattern.finditer(plain)
    return any(not _OFFERED.search(plain[max(0, match.start() - _REACH_BACK) : match.start()]) for match in matches)
