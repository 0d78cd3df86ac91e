"""The library of skills: who knows what, for how long, and how well they did. Scores are those that stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import CriterionWanted, SkillQuery, SkillWanted
from models.errors import UsageError
from models.tables import InterviewRow, ScoreRow, SkillTagRow
from voicebot.archive import jobs
from voicebot.archive.database import Database

_TERM = re.compile(
    r"(?P<name>.*?)\s*(?:(?:>=|≥|>|＞=|at least|至少)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>\S+)?)?", re.I
)
_YEARS = re.compile(r"years?|yrs?|y|年", re.I)
_HOW = "write it like: Kubernetes, >= 3 years, communication >= 4"


@dataclass(frozen=True, slots=True)
class Skills:
    database: Database

    def counted(
        self, job_ids: jobs.Ids = None, *, containing: str = "", limit: int = 500
    ) -> tuple[tuple[str, int], ...]:
        """Skills with the number of interviews in which they were shown, the commonest first.

        `containing`: only those with this in their name, whatever its case.
        """
        number = func.count(col(SkillTagRow.interview_id).distinct())
        counted = select(func.min(SkillTagRow.name), number).group_by(col(SkillTagRow.name_key))
        if containing:
            counted = counted.where(col(SkillTagRow.name_key).contains(containing.casefold(), autoescape=True))
        if job_ids is not None:
            theirs = select(InterviewRow.id).where(*jobs.visible(job_ids))
            counted = counted.where(col(SkillTagRow.interview_id).in_(theirs))
        with self.database.reading() as session:
            rows = session.exec(counted.order_by(number.desc(), col(SkillTagRow.name_key)).limit(limit))
            return tuple((name, many) for name, many in rows)

    def names(self, job_ids: jobs.Ids = None) -> tuple[str, ...]:
        """Every skill that somebody has, in alphabetical order. `job_ids`: shown in interviews of these jobs."""
        names = select(SkillTagRow.name).distinct().order_by(SkillTagRow.name)
        if job_ids is not None:
            theirs = select(InterviewRow.id).where(*jobs.visible(job_ids))
            names = names.where(col(SkillTagRow.interview_id).in_(theirs))
        with self.database.reading() as session:
            return tuple(session.exec(names))


def interviews_having(query: SkillQuery) -> Iterator[SelectOfScalar[str]]:
    """The ids of the interviews in which one thing is met, for each thing that is wanted."""
    for skill in query.skills:
        tag = select(SkillTagRow.interview_id).where(SkillTagRow.name_key == skill.name.casefold())
        yield tag.where(col(SkillTagRow.years) >= skill.years) if skill.years else tag
    for criterion in query.criteria:
        name = criterion.name.casefold()
        yield select(ScoreRow.interview_id).where(
            (col(ScoreRow.criterion_key) == name) | (col(ScoreRow.criterion_id) == criterion.name),
            col(ScoreRow.stands) >= criterion.at_least,
        )


def parse(text: str) -> SkillQuery:
    """ "Kubernetes, >= 3 years, communication >= 4": terms with commas between them, all of which must be met.

    A bare name is a skill; a number of years belongs to its name, or to the skill before; any other number is a score
    of 1 to 5 by the criterion of that name. Errors: UsageError.
    """
    skills: list[SkillWanted] = []
    criteria: list[CriterionWanted] = []
    for term in filter(None, (term.strip() for term in re.split("[,，;；、]", text))):
        match = _TERM.fullmatch(term)
        if match is None:
            raise UsageError(f"{term!r} cannot be searched for: {_HOW}")
        name, number, unit = match["name"], match["number"], match["unit"]
        if number is None:
            skills.append(SkillWanted(name))
        elif unit is not None and _YEARS.fullmatch(unit):
            if name:
                skills.append(SkillWanted(name, float(number)))
            elif skills:
                skills[-1] = SkillWanted(skills[-1].name, float(number))
            else:
                raise UsageError(f"{term!r} names no skill: {_HOW}")
        elif unit is None and name and 1 <= float(number) <= 5:
            criteria.append(CriterionWanted(name, float(number)))
        else:
            raise UsageError(f"{term!r} is neither years of a skill nor a score of 1 to 5: {_HOW}")
    if not skills and not criteria:
        raise UsageError(f"there is nothing to search for: {_HOW}")
    return SkillQuery(tuple(skills), tuple(criteria))
