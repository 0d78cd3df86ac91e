"""A text as it is compared with another: what sounds the same is written the same.

Numbers, contractions and titles are written in the words they are spoken with, because recognisers write some of them
in figures and some not. What is still different was heard differently.
"""

import re
import unicodedata

from num2words import num2words  # type: ignore[import-untyped]

from voicebot.speech.chinese import simplified
from voicebot.speech.chinese_numbers import digit_by_digit, number

SPOKEN_AS = {
    **{"mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay", "cannot": "can not"},
    **{"gonna": "going to", "wanna": "want to", "gotta": "got to", "lets": "let us"},
    **{"whats": "what is", "thats": "that is", "theres": "there is", "hes": "he is", "shes": "she is"},
    **{"im": "i am", "youre": "you are", "theyre": "they are", "ive": "i have", "youve": "you have", "weve": "we have"},
    **{"cant": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not"},
    **{"isnt": "is not", "arent": "are not", "wasnt": "was not", "couldnt": "could not", "wouldnt": "would not"},
}
"""English words that have two spellings of the same sound. Contractions that are other words without their apostrophe,
such as "were" and "well", are known by the apostrophe alone."""

_ENDINGS = {"'re": " are", "'ll": " will", "'ve": " have", "'m": " am", "'d": " would"}
_IS = re.compile(r"\b(it|he|she|that|there|here|what|who|where|how)'s\b")

_ENGLISH_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?(?!\w)")
_SAID_WITHOUT_AND = re.compile(r"\b(hundred|thousand|million) and\b")
_CHINESE = re.compile(r"([\u4e00-\u9fff])")
_CHINESE_NUMBER = re.compile(r"(?<![a-z\d.])\d+(?:,\d{3})*(?:\.\d+)?")
_PUNCTUATION = re.compile(r"[^\w\s]|_")


def normal_form(text: str, language: str) -> str:
    """Words with one space between them: lower case, no punctuation; Chinese in simplified characters, each one apart.

    `language`: how numbers are read; English words are treated the same inside Chinese.
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = _chinese(text) if language == "zh" else _english(text)
    return " ".join(SPOKEN_AS.get(word, word) for word in _PUNCTUATION.sub(" ", text).split())


def _english(text: str) -> str:
    text = _IS.sub(r"\1 is", text.replace("won't", "will not").replace("can't", "can not").replace("let's", "let us"))
    text = re.sub(r"n't\b", " not", text)
    for ending, words in _ENDINGS.items():
        text = re.sub(rf"(?<=\w){ending}\b", words, text)
    text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    text = re.sub(r"\$(\d[\d,.]*\d|\d)", r"\1 dollars", text).replace("%", " percent ")
    text = _ENGLISH_NUMBER.sub(lambda match: _english_number(match[0]), text)
    return _SAID_WITHOUT_AND.sub(r"\1", text)


def _english_number(figures: str) -> str:
    bare = figures.rstrip("stndrh").replace(",", "")
    if bare != figures.replace(",", ""):
        kind = "ordinal"
    elif len(figures) == 4 and bare.isdecimal() and 1100 <= int(bare) < 2100:
        kind = "year"  # 1500 is said like it too
    elif figures.isdecimal() and (len(figures) > 6 or (figures[0] == "0" and len(figures) > 1)):
        return " ".join(num2words(int(digit), lang="en") for digit in figures)
    else:
        kind = "cardinal"
    return str(num2words(float(bare) if "." in bare else int(bare), lang="en", to=kind)).replace("-", " ")


def _chinese(text: str) -> str:
    (text,) = simplified((text,))
    text = re.sub(r"(\d[\d,.]*)%", r"百分之\1", text)
    text = re.sub(r"(?<!\d)\d{4}(?=年)", lambda match: digit_by_digit(match[0]), text)
    text = _CHINESE_NUMBER.sub(lambda match: _chinese_number(match[0].replace(",", "")), text)
    return _CHINESE.sub(r" \1 ", text.replace("两", "二").replace("〇", "零"))


def _chinese_number(figures: str) -> str:
    whole = figures.partition(".")[0]
    return digit_by_digit(figures) if whole.startswith("0") and len(whole) > 1 else number(figures)
