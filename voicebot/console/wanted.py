"""What somebody wants listed: the query of a page's address, read once for the page and for the spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request

from models.call import Disposition
from models.desk import InterviewFilter, Stage
from models.errors import UsageError
from voicebot.console.visit import Viewing

FIELDS = ("q", "job", "status", "skill", "from", "to", "since", "until")
LONGEST = 200
"""Characters of a field; what is beyond them is left out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    fields: dict[str, str]
    """As they were asked for, without empty ones."""
    filter: InterviewFilter
    problem: str = ""
    """The text `interviews.problem_ID` of what could not be read, and was left out."""

    @property
    def text(self) -> str | None:
        """Words that the candidate said."""
        return self.fields.get("q")

    @property
    def query(self) -> str:
        return urlencode(self.fields)


def wanted(request: Request, seen: Viewing) -> Wanted:
    asked = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in FIELDS}
    fields = {name: value for name, value in asked.items() if value}
    try:
        return Wanted(fields, _filter(fields, seen))
    except UsageError as error:
        return Wanted(fields, InterviewFilter(), str(error))


Wanting = Annotated[Wanted, Depends(wanted)]


def _filter(fields: Mapping[str, str], seen: Viewing) -> InterviewFilter:
    status = fields.get("status")
    if status is not None and status not in {*Stage, *Disposition}:
        raise UsageError("status")
    return InterviewFilter(
        job_id=fields.get("job"),
        stage=Stage(status) if status in set(Stage) else None,
        disposition=Disposition(status) if status in set(Disposition) else None,
        score_from=_number(fields.get("from")),
        score_to=_number(fields.get("to")),
        skill=fields.get("skill"),
        since=_midnight(fields.get("since"), seen),
        before=_midnight(fields.get("until"), seen, days=1),
    )


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        raise UsageError("score") from None
    if not 1 <= number <= 5:
        raise UsageError("score")
    return number


def _midnight(text: str | None, seen: Viewing, *, days: int = 0) -> datetime | None:
    """When that day begins where the visitor is, or so many days later."""
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), seen.zone)
    except (ValueError, OverflowError):
        raise UsageError("date") from None
