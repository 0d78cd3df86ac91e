"""Where a text names a skill. Its time grows with the length of the text, whatever stands in it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.cues import HAN
from scoring.skills.sounds import ALIKE, alike, consonants, initials, same, strays, syllable
from scoring.skills.speech import speech
from scoring.skills.taxonomy import MOST_TOKENS, Skill, Spelling, Token, joined, taxonomy, tokens

AROUND = 80
"""Characters on either side of a name that are its context: about two clauses."""
LISTED = re.compile(r"[\s,、，/]*(?:(?:and|or|plus|like|in|with|on)(?=\s)|和|跟|或者?|以及|还有|加)?[\s,、，/]*")
"""What may stand between two names that are said in one breath."""
LONGEST_WORD = 20
"""Letters of a Latin word that may be a name heard wrongly."""
HAN_LETTER = re.compile(rf"[{HAN}]")
_HAN_RUN = re.compile(rf"[{HAN}]+")


@dataclass(frozen=True, slots=True)
class Mention:
    skill: Skill
    start: int
    end: int
    sure: bool
    """False for an everyday word, which needs context."""


def mentions(text: str) -> list[Mention]:
    """Every name of a skill in `text`, in order; of overlapping names the longest."""
    lowered = text.lower()
    plain = lowered if len(lowered) == len(text) else text
    found = {*_latin(text), *_mandarin(plain), *_by_sound(text), *_latin_by_sound(text)}
    phrases = {
        Mention(spelling.skill, match.start(), match.end(), True)
        for pattern, spelling in taxonomy().phrases
        for match in pattern.finditer(text)
    }
    named = _in_context(text, sorted(_longest(found), key=lambda mention: mention.start))
    return sorted([*named, *phrases], key=lambda mention: (mention.start, mention.end, mention.skill.name))


def _longest(found: set[Mention]) -> Iterator[Mention]:
    """Without the names inside a longer name: "Java" in "JavaScript"."""
    ordered = sorted(found, key=lambda mention: (mention.start, -mention.end, mention.skill.name))
    reached, longest = 0, 0
    for mention in ordered:
        length = mention.end - mention.start
        if mention.end > reached:
            reached, longest = mention.end, length
            yield mention
        elif mention.end == reached and length == longest:
            yield mention


def _latin(text: str) -> Iterator[Mention]:
    words = tokens(text)
    for first in range(len(words)):
        for key, last in _keys(text, words, first):
            spelling = _spelling(key)
            if spelling:
                yield Mention(spelling.skill, words[first].start, words[last].end, spelling.sure)


def _keys(text: str, words: list[Token], first: int) -> Iterator[tuple[str, int]]:
    """What begins at a word and might be a name, with the index of its last word."""
    key = words[first].text
    yield key, first
    for last in range(first + 1, min(first + MOST_TOKENS, len(words))):
        if key not in taxonomy().beginnings or not joined(text, words[last - 1], words[last]):
            return
        key = f"{key} {words[last].text}"
        yield key, last


def _spelling(key: str) -> Spelling | None:
    known = taxonomy().latin
    if key in known:
        return known[key]
    plural = len(key) > 4 and key.endswith("s") and not key.endswith("ss")
    singular = known.get(key[:-1]) if plural else None
    return singular if singular and singular.sure else None


def _mandarin(plain: str) -> Iterator[Mention]:
    spellings = taxonomy().mandarin
    for start, character in enumerate(plain):
        for literal, spelling in spellings.get(character, ()):
            end = start + len(literal)
            if plain.startswith(literal, start) and _whole(plain, start, end):
                yield Mention(spelling.skill, start, end, spelling.sure)


def _whole(plain: str, start: int, end: int) -> bool:
    """Whether Latin letters at the edges of a spelling are a whole word there."""
    before, after = plain[max(start - 1, 0) : start], plain[end : end + 1]
    return not (_letter(before) and _letter(plain[start])) and not (_letter(after) and _letter(plain[end - 1]))


def _letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _by_sound(text: str) -> Iterator[Mention]:
    known = taxonomy().sounds
    for run in _HAN_RUN.finditer(text):
        heard = tuple(map(syllable, run.group()))
        stray: frozenset[int] | None = None
        for index in range(len(heard) - 1):
            for sound, spelling in known.get(initials(heard[index : index + 2]), ()):
                if not same(heard[index : index + len(sound)], sound):
                    continue
                if len(sound) == 2:
                    stray = strays(run.group()) if stray is None else stray
                    if index not in stray:
                        continue
                start = run.start() + index
                yield Mention(spelling.skill, start, start + len(sound), spelling.sure)


def _latin_by_sound(text: str) -> Iterator[Mention]:
    """Latin words inside Mandarin that sound like a name and are none."""
    for word in tokens(text):
        beside = text[max(word.start - 2, 0) : word.start] + text[word.end : word.end + 2]
        if not HAN_LETTER.search(beside) or not word.text.isalpha() or len(word.text) > LONGEST_WORD:
            continue
        if _spelling(word.text) or speech().code_switched.fullmatch(word.text):
            continue
        known = taxonomy().consonants.get(consonants(word.text), ())
        near, spelling = max(
            ((alike(word.text, key), spelling) for key, spelling in known),
            key=lambda found: found[0],
            default=(0.0, None),
        )
        if spelling and near >= ALIKE:
            yield Mention(spelling.skill, word.start, word.end, spelling.sure)


# Everyday words


def _in_context(text: str, found: list[Mention]) -> list[Mention]:
    """Without the everyday words that are not meant as skills."""
    meant = [mention for mention in found if mention.sure]
    places = [mention.start for mention in meant]
    for mention in found:
        if not mention.sure:
            near = meant[bisect_left(places, mention.start - AROUND) : bisect_right(places, mention.end + AROUND)]
            if _meant(mention, text, near):
                at = bisect_right(places, mention.start)
                places.insert(at, mention.start)
                meant.insert(at, mention)
    return meant


def _meant(mention: Mention, text: str, near: list[Mention]) -> bool:
    from_, to = max(mention.start - AROUND, 0), mention.end + AROUND
    before, name, after = text[from_ : mention.start], text[mention.start : mention.end], text[mention.end : to]
    unless = mention.skill.unless
    if unless and any(
        match.start() < mention.end and match.end() > mention.start for match in unless.finditer(text, from_, to)
    ):
        return False
    context = speech().context
    if HAN_LETTER.search(name):
        return bool(context.before_zh.search(before) or context.after_zh.match(after))
    if HAN_LETTER.match(before.rstrip()[-1:]) or HAN_LETTER.match(after.lstrip()[:1]):
        return len(name) > 1  # a Latin word inside Mandarin is said as a name
    for other in near:
        gap = text[other.end : mention.start] if other.end <= mention.start else text[mention.end : other.start]
        if gap and LISTED.fullmatch(gap):
            return True
    if context.sure_before.search(before):
        return True
    cued = context.before.search(before) or context.after.match(after)
    return bool(cued and (near or context.trade.search(before) or context.trade.search(after)))
