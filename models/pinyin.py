"""How Han characters sound: pypinyin, without the 47,000 phrases that it would read when it is imported.

They take 46 MB. A call looks at single characters; only a Mandarin voice that renders a new line asks for more.
"""

import os
from functools import cache
from types import ModuleType


def syllable(character: str) -> str:
    """The commonest reading of a Han character in plain pinyin, without its tone (ü is v); anything else as it is."""
    reading: str = _pypinyin().lazy_pinyin(character)[0]
    return reading


@cache
def with_phrases() -> ModuleType:
    """pypinyin as its own documentation has it: 行 is read one way in 银行 and another in 行走."""
    from pypinyin.phrases_dict import phrases_dict

    pypinyin = _pypinyin()
    pypinyin.load_phrases_dict(phrases_dict)
    return pypinyin


@cache
def _pypinyin() -> ModuleType:
    os.environ["PYPINYIN_NO_PHRASES"] = "yes"  # heeded at its first import
    os.environ["PYPINYIN_NO_DICT_COPY"] = "yes"
    import pypinyin

    return pypinyin
