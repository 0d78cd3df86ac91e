"""Figures in Chinese words."""

DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))


def digit_by_digit(figures: str) -> str:
    """The digits one after the other, as in years and telephone numbers; what is no digit is left out."""
    return "".join(DIGITS[int(figure)] for figure in figures if figure in "0123456789")


def number(figures: str) -> str:
    """A number as a quantity: `120000` 十二万, `3.05` 三点零五. From 10^16 on, digit by digit."""
    whole, _, decimals = figures.partition(".")
    read = digit_by_digit(whole) if len(whole) > 16 else _whole(int(whole or 0))
    read = read.removeprefix("一") if read.startswith("一十") else read
    return read + (f"点{digit_by_digit(decimals)}" if decimals else "")


def _whole(value: int) -> str:
    for unit, name in ((100_000_000, "亿"), (10_000, "万")):
        if value >= unit:
            high, low = divmod(value, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return ("两" if high == 2 else _whole(high)) + name + gap + (_whole(low) if low else "")
    read, skipped = "", False
    for unit, name in _UNITS:
        digit, value = divmod(value, unit)
        if digit:
            two = unit == 1000 and digit == 2
            read += ("零" if skipped else "") + ("两" if two else DIGITS[digit]) + name
        skipped = bool(read) and not digit
    return read or DIGITS[0]
