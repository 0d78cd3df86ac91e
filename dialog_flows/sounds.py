"""How words sound, coarsely: what a recogniser mixes up comes out the same ("a gain" and "again", 可疑 and 可以)."""

from functools import lru_cache

from jellyfish import metaphone

from dialog_flows.patterns import Words
from models.pinyin import syllable

SAME_SYLLABLES = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Initials and finals that many speakers of Mandarin, and so recognisers, do not keep apart."""


def sounds(words: Words, language: str) -> Words:
    """Mandarin: each character's syllable, without its tone. English: the consonants, whatever word they belong to."""
    return tuple(sound for word in words for sound in (_syllable(word) if language == "zh" else _consonants(word)))


@lru_cache(maxsize=4096)
def _syllable(word: str) -> Words:
    sound = syllable(word)
    for one, other in SAME_SYLLABLES:
        sound = sound.replace(one, other)
    return (sound,)


@lru_cache(maxsize=4096)
def _consonants(word: str) -> Words:
    if word == "i":
        return ("I",)  # who speaks is not lost: "I could do that" is not "could I do that"
    return tuple("T" if sound == "0" else sound for sound in metaphone(word) if sound not in "AEIOU ")
