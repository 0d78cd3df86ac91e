"""Flows: checked, published, listed. A published version never changes."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from dialog_flows import lint as linting
from dialog_flows import loader
from models.accounts import Principal, Scope
from models.archive import PublishedFlow
from models.errors import InvalidFlow
from voicebot.api.v1 import access, etags
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.paging import Page, Paged

MOST_BYTES = 6_000_000
"""A flow and its sisters, each of a million characters at most, as JSON."""
router = APIRouter(prefix="/flows", tags=["flows"])

Reads = Annotated[Principal, Depends(access.allowed(Scope.FLOWS_READ))]
Writes = Annotated[Principal, Depends(access.allowed(Scope.FLOWS_WRITE))]
Version = Annotated[int | None, Query(ge=1, le=1_000_000, description="The newest, unless given")]
Language = Annotated[str | None, Query(pattern="^(en|zh)$", description="Needed where there are several")]


class FlowText(Body):
    text: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="The flow's file, YAML",
        examples=["id: backend_engineer\nversion: 1\ntitle: Backend engineer\nlanguage: en\n…"],
    )
    sisters: dict[Literal["en", "zh"], Annotated[str, Field(max_length=1_000_000)]] = Field(
        default_factory=dict, description="The same interview's files in other languages, as `also_in` names them"
    )


class PublishedVersion(BaseModel):
    id: str
    version: int
    language: str
    title: str
    digest: str = Field(description="SHA-256 of its content, by which interviews name it")
    published_at: datetime

    @classmethod
    def of(cls, published: PublishedFlow) -> "PublishedVersion":
        flow = published.flow
        return cls(
            id=flow.id,
            version=flow.version,
            language=published.language,
            title=published.title,
            digest=flow.digest,
            published_at=published.published_at,
        )


class PublishedFlows(Page[PublishedVersion]):
    pass


class Versions(BaseModel):
    items: list[PublishedVersion]


class FlowProblem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    file: str = Field(description="`flow`, or a sister such as `flow.zh`")
    line: int = Field(description="From 1; 0: the whole file")
    column: int
    severity: str = Field(description="`error`, or `warning`, which stops nobody")
    message: str = Field(description="What is wrong, and how to mend it")


class Linted(BaseModel):
    ok: bool = Field(description="Whether it can be published")
    problems: list[FlowProblem]


@router.get(
    "", response_model=PublishedFlows, operation_id="listFlows", summary="The newest version of each flow, by id"
)
def list_flows(principal: Reads, archive: access.TheArchive, paged: Paged) -> Response:
    found = archive.flows.list(paged.limit + 1, after=paged.after or "")
    ids = sorted({each.flow.id for each in found})
    shown = set(ids[: paged.limit])
    items = [PublishedVersion.of(each) for each in found if each.flow.id in shown]
    return paged.answer(PublishedFlows, items, ids[paged.limit - 1] if len(ids) > paged.limit else None)


@router.post(
    "/lint",
    response_model=Linted,
    operation_id="lintFlow",
    summary="What is wrong with a flow, with line and column, and how to mend it",
)
def lint(draft: FlowText, principal: Writes) -> Response:
    try:
        problems = linting.lint(loader.parse_with(draft.text, draft.sisters))
    except InvalidFlow as error:
        problems = error.problems
    ok = all(problem.severity != "error" for problem in problems)
    return etags.answer(Linted(ok=ok, problems=list(map(FlowProblem.model_validate, dict.fromkeys(problems)))))


@router.post(
    "",
    status_code=201,
    response_model=PublishedVersion,
    responses={200: {"model": PublishedVersion, "description": "Had been published, with the same content"}},
    operation_id="publishFlow",
    summary="Publish a flow: this version never has other questions",
)
def publish(draft: FlowText, principal: Writes, archive: access.TheArchive, now: access.Now) -> Response:
    flow = loader.parse_with(draft.text, draft.sisters)
    new = archive.flows.publish(flow.ref, flow.title, flow.language, flow.published_text, now, actor=principal.actor)
    content = PublishedVersion.of(archive.flows.find(flow.id, flow.version, flow.language))
    return etags.answer(content, 201 if new else 200, {"Location": f"/api/v1/flows/{flow.id}"})


@router.get(
    "/{flow_id}", response_model=Versions, operation_id="listFlowVersions", summary="Every version, newest first"
)
def versions(flow_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    return etags.read(request, Versions(items=list(map(PublishedVersion.of, archive.flows.versions(flow_id)))))


@router.get(
    "/{flow_id}/text",
    response_class=Response,
    responses={200: {"description": "YAML, as it was published", "content": {"application/yaml": {}}}},
    operation_id="getFlowText",
    summary="A version's text, with its sisters behind it",
)
def text(
    flow_id: str,
    request: Request,
    principal: Reads,
    archive: access.TheArchive,
    version: Version = None,
    language: Language = None,
) -> Response:
    digest = archive.flows.find(flow_id, version, language).flow.digest
    etag = f'"{digest}"'
    if etags.matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(archive.flows.text(digest), media_type="application/yaml", headers={"ETag": etag})
