"""The table of skills is whole: nothing stands twice, and what needs care has it."""

import re
from importlib.resources import files

import pytest
import yaml

from models.interview import SkillKind
from scoring.skills.mentions import mentions
from scoring.skills.taxonomy import taxonomy, tokens

KEYS = {"asked", "en", "heard", "zh", "sounds", "unsure", "except", "says", "shown"}
OWN = {
    name: entry
    for file in ("software", "trades", "soft")
    for name, entry in yaml.safe_load((files("scoring.skills") / f"{file}.yaml").read_text(encoding="utf-8")).items()
}
GAZETTEER = [
    line.rstrip("?")
    for line in (files("scoring.skills") / "gazetteer.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_it_is_large_and_half_of_our_own_is_bilingual():
    assert len(taxonomy().skills) >= 600
    bilingual = [name for name, entry in OWN.items() if re.search("[\u4e00-\u9fff]", str(entry))]
    assert len(bilingual) >= 200


def test_no_name_stands_twice():
    names = [name.casefold() for name in (*OWN, *GAZETTEER)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_spelling_stands_for_two_skills():
    owners: dict[str, set[str]] = {}
    for name, entry in OWN.items():
        for key in ("asked", "en", "heard", "zh", "sounds", "unsure"):
            for word in entry.get(key, ()):
                written = " ".join(token.text for token in tokens(str(word))) or str(word)
                if not re.search("[\u4e00-\u9fff]", str(word)):
                    owners.setdefault(written, set()).add(name)
                else:
                    owners.setdefault(str(word).casefold(), set()).add(name)
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", OWN)
def test_every_entry_is_well_formed(name):
    entry = OWN[name]
    assert entry.keys() <= KEYS
    assert all(isinstance(word, str) and word.strip() for key in KEYS - {"except"} for word in entry.get(key, ()))
    assert all(len(word) >= 3 for word in entry.get("sounds", ())), "shorter ones sound like everyday words"
    assert not any(match == "" for pattern in entry.get("says", ()) for match in re.findall(f"(?:{pattern})", "a 我"))


def test_every_soft_skill_has_sentences_in_both_languages():
    for skill in taxonomy().skills.values():
        if skill.kind is SkillKind.SOFT:
            mandarin = [sentence for sentence in skill.shown if re.search("[\u4e00-\u9fff]", sentence)]
            assert mandarin, skill.name
            assert len(mandarin) < len(skill.shown), skill.name


@pytest.mark.parametrize("name", GAZETTEER)
def test_every_name_of_the_public_list_is_found(name):
    assert name in {mention.skill.name for mention in mentions(f"I have used {name} and Python software for years")}
