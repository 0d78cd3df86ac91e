"""Lists of candidates, as spreadsheets and other systems have them, with a word on each row."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from models.accounts import Principal, Scope
from models.archive import Filing
from voicebot import candidate_list
from voicebot.api.v1 import access, etags
from voicebot.api.v1.idempotency import CarriedOutOnce

router = APIRouter(prefix="/candidates", tags=["candidates"])

MOST_BYTES = 5_000_000
"""Ten thousand rows of a spreadsheet have about one million."""
Writes = Annotated[Principal, Depends(access.allowed(Scope.CANDIDATES_WRITE))]
_READERS = {"text/csv": candidate_list.read_csv, "application/json": candidate_list.read_json}
_EXAMPLE = "id,name,phone,email\r\na-17,Ann Lee,(415) 555-0123,ann@example.org\r\n"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string", "description": "UTF-8, UTF-16, GB18030 or Windows-1252"},
                "examples": {"list": {"value": _EXAMPLE}},
            },
            "application/json": {
                "schema": {
                    "type": "array",
                    "maxItems": candidate_list.MOST_ROWS,
                    "items": {"$ref": "#/components/schemas/CandidateDraft"},
                }
            },
        },
    }
}


class Mend(BaseModel):
    column: str | None = Field(description="As the file calls it; null: the whole row", examples=["phone"])
    detail: str


class ImportedRow(BaseModel):
    line: int = Field(description="Of the file, where the row begins; in JSON the number of the entry")
    became: Filing | None = Field(description="null: it was refused")
    person_id: str | None = Field(description="null: it was refused, or this was a dry run and they are new")
    errors: list[Mend] = Field(description="What to mend, so that the row is taken")


class Report(BaseModel):
    filed: bool = Field(description="false: a dry run, or all or nothing with a row that was refused")
    created: int
    updated: int
    unchanged: int
    refused: int
    rows: list[ImportedRow]


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/import",
    response_model=Report,
    openapi_extra=_BODY,
    operation_id="importCandidates",
    summary="File a whole list, with a report by row",
    description="Columns: id (your own), name, phone, email, by these or other usual names, in English or Mandarin. "
    "A row that cannot be taken does not stop the others, unless `all_or_nothing`.",
)
def import_list(
    request: Request,
    principal: Writes,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
    content: Annotated[bytes, Depends(_body)],
    dry_run: Annotated[bool, Query(description="Only say what would become of each row")] = False,
    all_or_nothing: Annotated[bool, Query(description="A row that is refused stops all")] = False,
    region: Annotated[
        str | None, Query(pattern="^[A-Z]{2}$", description="Where numbers without a country belong", examples=["CN"])
    ] = None,
) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _READERS:
        raise HTTPException(415, f"send a list as {' or '.join(_READERS)}")
    rows = _READERS[media_type](content, region or request.app.state.settings.region)
    entries = [row.entry for row in rows if row.entry is not None]
    stopped = all_or_nothing and len(entries) < len(rows)

    def carry_out() -> Response:
        filed = archive.people.file_all(entries, principal.actor, now, dry_run=dry_run or stopped)
        return etags.answer(_report(rows, filed, filed_all=not (dry_run or stopped)))

    return once(principal, carry_out)


def _report(rows: tuple[candidate_list.Row, ...], filed: tuple[tuple[str, Filing], ...], *, filed_all: bool) -> Report:
    taken = iter(filed)
    told: list[ImportedRow] = []
    for row in rows:
        person_id, became = next(taken) if row.entry is not None else ("", None)
        errors = [Mend(column=each.column or None, detail=each.message) for each in row.refusals]
        told.append(ImportedRow(line=row.line, became=became, person_id=person_id or None, errors=errors))
    count = {what: sum(row.became is what for row in told) for what in (*Filing, None)}
    return Report(
        filed=filed_all,
        created=count[Filing.CREATED],
        updated=count[Filing.UPDATED],
        unchanged=count[Filing.UNCHANGED],
        refused=count[None],
        rows=told,
    )
