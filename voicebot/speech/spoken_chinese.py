"""Chinese as it is to be spoken: numbers, dates, times, prices and units in characters. English words stay in Latin."""

import re
import unicodedata
from collections.abc import Callable

from voicebot.speech.chinese_numbers import digit_by_digit, number

UNITS = {
    **{"ms": "毫秒", "s": "秒", "min": "分钟", "h": "小时", "km": "公里", "m": "米", "cm": "厘米"},
    **{"kg": "公斤", "g": "克", "℃": "摄氏度", "°C": "摄氏度"},
}
"""What a unit is called when it stands right behind a number."""
CURRENCIES = {"¥": "元", "$": "美元", "€": "欧元", "£": "英镑", "RMB": "元"}
COUNTED = "个位天周次种名份台套条家件行遍倍轮场本页门项组层道张"
"""Before these, 2 is 两. It is 两 before 年 and 点 too, but for a year or the decimal point."""

_N = r"\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_START = r"(?<![A-Za-z0-9.])"


def spoken_chinese(text: str) -> str:
    """`text` without Arabic figures, save those inside English words such as `K8s`."""
    text = unicodedata.normalize("NFKC", text)
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    return text


def _number(figures: str) -> str:
    return number(figures.replace(",", ""))


def _telephone(match: re.Match[str]) -> str:
    """A telephone number has a plus, three groups, eleven digits, or a group that begins with 0. Others stay."""
    groups = re.findall(r"\d+", match[0])
    plus = match[0].startswith("+")
    if not (plus or len(groups) > 2 or len(groups[0]) == 11 or any(group.startswith("0") for group in groups)):
        return match[0]
    return ("加" if plus else "") + ",".join(digit_by_digit(group) for group in groups)


def _spelt(match: re.Match[str]) -> str:
    """Digits that somebody has set apart already: "5 5 5, 0 1"."""
    return digit_by_digit(match[0])


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{digit_by_digit(year)}年{number(month)}月{number(day)}日"


def _time(match: re.Match[str]) -> str:
    hour, minute, second = match[1], match[2], match[3]
    hours = "两" if int(hour) == 2 else number(hour)
    minutes = "整" if int(minute) == 0 and not second else ("零" if minute[0] == "0" else "") + number(minute) + "分"
    return f"{hours}点{minutes}" + (f"{number(second)}秒" if second else "")


def _range(match: re.Match[str]) -> str:
    """5-10 and 5%-10%; the figures themselves are read by the rules that follow."""
    return f"{match[1]}到{match[2]}"


def _money(match: re.Match[str]) -> str:
    return _number(match[2]) + (match[3] or "") + CURRENCIES[match[1]]


def _percent(match: re.Match[str]) -> str:
    return ("负" if match[1] else "") + f"百分之{_number(match[2])}"


def _measured(match: re.Match[str]) -> str:
    below = ("零下" if UNITS[match[3]] == "摄氏度" else "负") if match[1] else ""
    return below + ("两" if match[2] == "2" else _number(match[2])) + UNITS[match[3]]


def _any(match: re.Match[str]) -> str:
    return ("负" if match[1] else "") + _number(match[2])


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), spoken)
    for pattern, spoken in (
        (_START + r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _date),
        (_START + r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d)", _time),
        (_START + r"\d(?: \d)+(?!\d)", _spelt),
        (_START + r"(?:\+\d+(?:[ -]\d+)*|\d{2,}(?:[ -]\d{2,})+|1[3-9]\d{9})(?!\d)", _telephone),
        (rf"{_START}({_N}%?)\s*[-~—至]\s*((?:{_N})%?)(?!\d)", _range),
        (rf"([¥$€£]|RMB ?)({_N})([万亿]?)", _money),
        (rf"{_START}(-?)({_N})%", _percent),
        (_START + r"(\d+)/(\d+)(?!\d)", lambda match: f"{number(match[2])}分之{number(match[1])}"),
        (_START + r"(\d{4}|0\d)(?=年)", lambda match: digit_by_digit(match[1])),
        (rf"{_START}2(?= ?(?:[{COUNTED}]|年|点|小时|分钟))", "两"),
        (rf"{_START}(-?)({_N}) ?({'|'.join(map(re.escape, UNITS))})(?![A-Za-z])", _measured),
        (rf"(?:{_START}(-))?(?<![A-Za-z\d])({_N})", _any),
    )
)
