"""Mandarin in Kokoro's symbols: characters to pinyin by pypinyin, pinyin to symbols by the tables below.

The symbols are those that Kokoro was trained on (misaki's): a syllable's tone stands behind its vowel, and words stand
apart. What a recogniser hears of 14 interview sentences at telephone quality has 5.3 % of its characters wrong; 13.8 %
without the spaces, and 10.6 % with pypinyin's own notion of a word, so that jieba's cuts the words.
"""

import re

from models.pinyin import with_phrases
from voicebot.speech import espeak
from voicebot.speech.spoken_chinese import spoken_chinese
from voicebot.speech.spoken_form import spoken_form


def _table(text: str) -> dict[str, str]:
    return dict(entry.split("=") for entry in text.split())


INITIALS = {"": ""} | _table(
    "b=p p=pʰ m=m f=f d=t t=tʰ n=n l=l g=k k=kʰ h=x j=ʨ q=ʨʰ x=ɕ zh=ꭧ ch=ꭧʰ sh=ʂ r=ɻ z=ʦ c=ʦʰ s=s"
)
FINALS = _table(
    "a=a- ai=ai- an=a-n ang=a-ŋ ao=au- e=ɤ- ei=ei- en=ə-n eng=ə-ŋ er=ɚ- ê=ɛ- o=wo- ong=ʊ-ŋ ou=ou-"
    " i=i- ia=ja- ian=jɛ-n iang=ja-ŋ iao=jau- ie=je- in=i-n ing=i-ŋ io=jɔ- iong=jʊ-ŋ iou=jou-"
    " u=u- ua=wa- uai=wai- uan=wa-n uang=wa-ŋ uei=wei- uen=wə-n ueng=wə-ŋ uo=wo-"
    " ü=y- üan=ɥɛ-n üe=ɥe- ün=y-n m=m- n=n- ng=ŋ-"
)
"""Strict pinyin (`iou`, not `iu`); - is where the tone goes."""
SIBILANTS = frozenset("zh ch sh r z c s".split())
BUZZED_I = "ɨ-"
"""The i of zhi, chi, shi, ri, zi, ci and si."""
TONES = _table("1=→ 2=↗ 3=↓ 4=↘ 5=")

LETTERS = _table(
    "A=ˈeɪ B=bˈiː C=sˈiː D=dˈiː E=ˈiː F=ˈɛf G=dʒˈiː H=ˈeɪtʃ I=ˈaɪ J=dʒˈeɪ K=kˈeɪ L=ˈɛl M=ˈɛm N=ˈɛn O=ˈoʊ P=pˈiː Q=kjˈuː"
    " R=ˈɑːɹ S=ˈɛs T=tˈiː U=jˈuː V=vˈiː W=dˈʌbəljuː X=ˈɛks Y=wˈaɪ Z=zˈiː"
)
NAMES = _table(
    "docker=dˈɒkə k8s=kˌeɪˈeɪts kafka=kˈɑːfkə kubernetes=kˌuːbənˈɛtɪs linux=lˈɪnəks nginx=ˌɛndʒɪnˈɛks python=pʰˈaɪθɔːn"
    " redis=ɹˈɛdɪs"
)
"""Where espeak-ng is wrong, or these voices unclear: it says "readies" for Redis, and Docker was heard as "darker"."""
SAID_AS_WORDS = {"AJAX", "CRUD", "JSON", "REST", "SOLID", "YAML"}
LONGEST_ACRONYM = 5
"""Capital letters up to this many are spelt out."""

_RUNS = re.compile(
    r"(?P<chinese>[\u3400-\u9fff]+)|(?P<english>[A-Za-z](?:[A-Za-z0-9+#/'. -]*[A-Za-z0-9+#])?)|(?P<pause>[,.!?])"
)
_PAUSES = str.maketrans("、。;:~…—", ",.,,,,,")
_ACRONYM = re.compile(rf"([A-Z]{{1,{LONGEST_ACRONYM}}}|[A-Z]+\d[A-Z\d]*)(s?)")


def pronounced(text: str) -> str:
    """`text` in Kokoro's symbols; "" when there is nothing in it to say.

    English words are said in English, set apart by short pauses: without these, half of them and a third of the Chinese
    beside them were misheard.
    """
    said, pause = "", ""
    for run in _RUNS.finditer(spoken_chinese(text).translate(_PAUSES)):
        english = run.lastgroup == "english"
        if run.lastgroup == "pause" or english:
            pause = run[0] if not english and pause in ("", ",") else pause or ","
        if run.lastgroup != "pause":
            said += (f"{pause} " if said else "") + (_english(run[0]) if english else _chinese(run[0]))
            pause = "," if english else ""
    return said + pause.strip(",") if said else ""


def _chinese(characters: str) -> str:
    import rjieba

    return " ".join(_word(word) for word in rjieba.cut(characters))


def _word(word: str) -> str:
    reader = with_phrases()
    initials = reader.lazy_pinyin(word, reader.Style.INITIALS, strict=True)
    finals = reader.lazy_pinyin(word, reader.Style.FINALS_TONE3, strict=True, v_to_u=True, neutral_tone_with_five=True)
    return "".join(_syllable(*syllable) for syllable in zip(initials, finals, strict=True))


def _syllable(initial: str, final: str) -> str:
    final = final or "en2"  # pypinyin has no final for 嗯
    vowel = BUZZED_I if final[:-1] == "i" and initial in SIBILANTS else FINALS[final[:-1]]
    return INITIALS[initial] + vowel.replace("-", TONES[final[-1]])


def _english(words: str) -> str:
    return " ".join(_english_word(word) for word in spoken_form(words).replace("/", " ").split())


def _english_word(word: str) -> str:
    known = NAMES.get(word.lower())
    acronym = None if word in SAID_AS_WORDS else _ACRONYM.fullmatch(word)
    if known or not acronym:
        return known or _by_espeak(word)
    letters, plural = acronym.groups()
    return " ".join(LETTERS.get(letter) or _by_espeak(letter) for letter in letters) + ("z" if plural else "")


def _by_espeak(word: str) -> str:
    return "".join(espeak.phonemize(word, "en-us")).strip()
