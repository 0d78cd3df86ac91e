"""Skill tags: which skills the candidate says they have or shows, in whose words, for how many years, how well.

`taxonomy` is the table of names, `mentions` finds them, `claims` says which the candidate claims, `amounts` adds years
and level, `meaning` finds what is described rather than named, `experience` finds projects and roles.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from models.dialog import Answer
from models.interview import SkillKind, SkillTag
from scoring.embedder import Embedder
from scoring.skills import amounts
from scoring.skills.claims import Claim, claims
from scoring.skills.experience import experiences
from scoring.skills.meaning import described
from scoring.skills.taxonomy import taxonomy
from scoring.skills.utterances import Clause, said

__all__ = ["VERSION", "canonical", "experiences", "skill_tags"]

VERSION = "skills/3"


def skill_tags(
    answers: Sequence[Answer], embedder: Embedder, expected_skills: Sequence[str] = (), held_on: date | None = None
) -> tuple[SkillTag, ...]:
    """One tag for each skill, in the order they were first spoken of.

    The quote is the clause that names or shows the skill: the first, or the first that also says for how many years. A
    clause that takes the skill back ("I have never used Go") or speaks of somebody else's gives no tag. `held_on`, the
    interview's day, makes years of "since 2019".
    """
    utterances = tuple(said(answers))
    tags: dict[str, SkillTag] = {}
    for utterance in utterances:
        for claim in claims(utterance):
            tag = _claimed(claim, held_on)
            known = tags.setdefault(tag.name, tag)
            if known.years is None and tag.years is not None:
                tags[tag.name] = replace(tag, level=tag.level or known.level)
            elif known.level is None and tag.level is not None:
                tags[tag.name] = replace(known, level=tag.level)
    sought = [name for name in dict.fromkeys(map(canonical, expected_skills)) if _by_meaning(name)]
    for name, clause in described(utterances, embedder, sought):
        tags.setdefault(name, _tag(name, SkillKind.SOFT, clause))
    return tuple(tags.values())


def canonical(name: str) -> str:
    """The table's name for a skill, or the name itself where the table has none."""
    skill = taxonomy().named(name)
    return skill.name if skill else name.strip()


def _by_meaning(name: str) -> bool:
    """Tools are only ever found by name."""
    skill = taxonomy().named(name)
    return skill is None or skill.kind is SkillKind.SOFT


def _claimed(claim: Claim, held_on: date | None) -> SkillTag:
    skill = claim.mention.skill
    tag = _tag(skill.name, skill.kind, claim.clause)
    return replace(tag, years=amounts.years(claim, held_on), level=amounts.level(claim))


def _tag(name: str, kind: SkillKind, clause: Clause) -> SkillTag:
    return SkillTag(
        name, kind, clause.text, clause.question_id, clause.start_ms, clause.end_ms, attempt_id=clause.attempt_id
    )
