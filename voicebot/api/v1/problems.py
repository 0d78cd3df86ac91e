"""Every error as `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from models import errors

MEDIA_TYPE = "application/problem+json"
REFERENCE = "/api/v1/docs"
"""The page that tells of each kind of problem; a problem's type is a place on it."""


class Detail(BaseModel):
    """One thing to mend in the request."""

    detail: str
    pointer: str | None = Field(None, description="Where in the body, as a JSON pointer", examples=["#/name"])
    parameter: str | None = Field(None, description="Which parameter of the query, the path or the headers")
    line: int | None = Field(None, description="Line of a file that came with the request, from 1")
    column: int | None = None


class Problem(BaseModel):
    """What went wrong, and what to mend."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": f"{REFERENCE}#not-found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "there is no user '3f9c'",
                }
            ]
        }
    )

    type: str = Field(description="Which kind of problem: compare this, not the texts")
    title: str
    status: int
    detail: str = Field(description="What to mend, for a person")
    errors: list[Detail] | None = Field(None, description="Each thing to mend, where there are several")
    id: str | None = Field(None, description="By which the operator finds this failure in the log")


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    slug: str
    title: str


MALFORMED = Kind(400, "malformed", "Malformed request")
INVALID = Kind(422, "invalid", "Something to mend in the request")
CONFLICT = Kind(409, "conflict", "This contradicts what is on file")
NOT_FOUND = Kind(404, "not-found", "Not found")
GONE = Kind(410, "gone", "No longer there")
TOO_MANY = Kind(429, "too-many", "Too many requests")
UNAVAILABLE = Kind(503, "unavailable", "Not available now")
FAILED = Kind(500, "failed", "The server failed")

KINDS: Mapping[type[errors.VoicebotError], Kind] = {
    errors.SignInRefused: Kind(401, "sign-in", "Not signed in"),
    errors.NotAllowed: Kind(403, "not-allowed", "Not allowed"),
    errors.TooManyAttempts: TOO_MANY,
    errors.NotInArchive: NOT_FOUND,
    errors.LinkRefused: NOT_FOUND,
    errors.LinkExpired: GONE,
    errors.FlowChanged: CONFLICT,
    errors.EnoughWebhooks: CONFLICT,
    errors.EnoughWishes: CONFLICT,
    errors.NotToBeDialled: Kind(409, "not-to-be-dialled", "Not to be dialled"),
    errors.OptedOut: Kind(409, "opted-out", "Never to be called again"),
    errors.CallUnderWay: UNAVAILABLE,
    errors.CalledTooOften: TOO_MANY,
    errors.OnHold: Kind(409, "on-hold", "A legal hold stands"),
    errors.JobClosed: CONFLICT,
    errors.AskedBefore: CONFLICT,
    errors.ChangedMeanwhile: Kind(412, "changed", "Somebody changed it meanwhile"),
    errors.ArchiveUnavailable: UNAVAILABLE,
    errors.ArchiveLocked: UNAVAILABLE,
    errors.ArchiveAltered: FAILED,
    errors.ArchiveError: INVALID,
    errors.UsageError: INVALID,
    errors.InvalidFile: INVALID,
    errors.NumberRefused: INVALID,
    errors.NoFreeSlot: UNAVAILABLE,
    errors.CarrierUnreachable: UNAVAILABLE,
    errors.VoicebotError: FAILED,
}
"""By the error, or the nearest that it derives from."""

_OF_STATUS = {
    400: MALFORMED,
    401: KINDS[errors.SignInRefused],
    403: KINDS[errors.NotAllowed],
    404: NOT_FOUND,
    405: Kind(405, "method", "There is no such method here"),
    409: CONFLICT,
    410: GONE,
    412: Kind(412, "changed", "Somebody changed it meanwhile"),
    413: Kind(413, "too-large", "The request is too large"),
    415: Kind(415, "media-type", "Not a type of content that is taken here"),
    416: Kind(416, "range", "There is no such part"),
    422: INVALID,
    428: Kind(428, "condition", "Say which version you change"),
    429: TOO_MANY,
    503: UNAVAILABLE,
}
ALL_KINDS = tuple(dict.fromkeys((*_OF_STATUS.values(), *KINDS.values())))
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem, and what to mend",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def answer(
    kind: Kind,
    detail: str,
    details: Sequence[Detail] = (),
    *,
    failure: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(
        type=f"{REFERENCE}#{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=_encodable(detail),
        errors=list(details) or None,
        id=failure,
    )
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, kind.status, dict(headers or {}), media_type=MEDIA_TYPE)


def kind_of(error: errors.VoicebotError) -> Kind:
    return next(KINDS[each] for each in type(error).__mro__ if each in KINDS)


def install(api: FastAPI) -> None:
    """Whatever goes wrong in `api` is answered with a problem; for the rest see `shell`."""
    api.add_exception_handler(errors.VoicebotError, _ours)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.VoicebotError)
    kind, headers = kind_of(error), {}
    if kind.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # what to mend is the operator's to know
        failure = request.state.id
        logger.error("request {} failed: {}", failure, error)
        if error.retryable:
            headers["Retry-After"] = "5"
        return answer(kind, "the operator finds what to mend in the log", failure=failure, headers=headers)
    found = error.problems if isinstance(error, errors.InvalidFile) else ()
    details = [Detail(detail=_encodable(each.message), line=each.line, column=each.column) for each in found]
    return answer(kind, str(error), details, headers=headers)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Says where, and never repeats what was sent: it may be a password."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return answer(MALFORMED, f"the body is not JSON: {found[0]['ctx']['error']} at character {found[0]['loc'][-1]}")
    details = [_detail(each) for each in found]
    first = details[0]
    place = first.pointer or first.parameter
    return answer(INVALID, f"{place}: {first.detail}" if place else first.detail, details)


def _detail(found: Mapping[str, Any]) -> Detail:
    origin, *path = found["loc"]
    message = _encodable(str(found["msg"]))
    if origin == "body":
        pointer = "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return Detail(detail=message, pointer=_encodable(pointer))
    return Detail(detail=message, parameter=".".join(map(str, path)))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        error.headers = {"Allow": ", ".join(sorted(_methods(request)))}
    return of_http(error)


def _methods(request: Request) -> set[str]:
    """All that a path takes: each route knows only its own. `/jobs/import` goes before `/jobs/{id}`."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    routes = (route for router in request.app.state.routers for route in router.routes)
    matching = [route for route in routes if route.path_regex.match(path)]
    fewest = min((len(route.param_convertors) for route in matching), default=0)
    return {method for route in matching if len(route.param_convertors) == fewest for method in route.methods}


def of_http(error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    kind = _OF_STATUS.get(status) or Kind(status, status.phrase.lower().replace(" ", "-"), status.phrase)
    plain = status.phrase == error.detail
    return answer(kind, kind.title.lower() if plain else str(error.detail), headers=error.headers)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
