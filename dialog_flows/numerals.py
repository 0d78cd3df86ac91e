"""The numbers that an utterance names, in digits or in words, English or Chinese."""

import re

UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
NOT_A_NUMBER = re.compile(
    r"\b(the|this|that|which|no|any|every|each|some|another|last) one\b"
    r"|\bone (of|another|day|thing|who|that|more thing)\b"
    r"|[一](些|起|样|直|般|定|切|旦|下|边|方面|种|点|系列|遍)|第[一二三四五六七八九十]+|万一|统一|唯一|之一|十分|三番五次|四面八方"
)
HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
NUMBER = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?|\d{1,20}(?:\.\d{1,9})?)\s*(?P<scale>hundred|thousand|million|[百千万亿])?"
    r"|(?P<han>[零〇一二两俩三四五六七八九十百千万亿]{1,20}(?:点[零一二三四五六七八九]{1,10})?)(?P<half>[年个]半)?"
    rf"|\b(?P<words>(?:{'|'.join((*UNITS, *TENS, *SCALES))})"
    rf"(?:(?:\s+and)?[\s-]+(?:{'|'.join((*UNITS, *TENS, *SCALES))})){{0,9}})\b(?P<and_half>\s+and\s+a\s+half)?"
)


def numbers(text: str) -> tuple[float, ...]:
    """In the order they are said: "two and a half years, before that 1,500 days" names 2.5 and 1500."""
    return tuple(_value(match) for match in NUMBER.finditer(NOT_A_NUMBER.sub(" ", text.lower())))


def _value(match: re.Match[str]) -> float:
    if digits := match["digits"]:
        scale = match["scale"] or ""
        return float(digits.replace(",", "")) * SCALES.get(scale, HAN_SCALES.get(scale, 1))
    if han := match["han"]:
        return _han(han) + (0.5 if match["half"] else 0)
    return _english(re.findall(r"[a-z]+", match["words"])) + (0.5 if match["and_half"] else 0)


def _english(words: list[str]) -> float:
    total = current = 0
    for word in words:
        if word == "hundred":
            current = max(current, 1) * 100
        elif word in SCALES:
            total, current = total + max(current, 1) * SCALES[word], 0
        else:
            current += UNITS.get(word, TENS.get(word, 0))
    return float(total + current)


def _han(text: str) -> float:
    whole, _, decimals = text.partition("点")
    if not set(whole) & set(HAN_SCALES):
        value = float("".join(str(HAN_DIGITS[digit]) for digit in whole))
    else:
        total = section = digit = 0
        for sign in whole:
            if sign in HAN_DIGITS:
                digit = HAN_DIGITS[sign]
            elif HAN_SCALES[sign] >= 10_000:
                total, section, digit = (total + section + digit) * HAN_SCALES[sign], 0, 0
            else:
                section, digit = section + max(digit, 1) * HAN_SCALES[sign], 0
        value = float(total + section + digit)
    return float(f"{value:.0f}.{''.join(str(HAN_DIGITS[digit]) for digit in decimals)}") if decimals else value
