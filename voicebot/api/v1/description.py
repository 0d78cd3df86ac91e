"""The API's description: OpenAPI for tools, and a page of it for people that asks no other host for anything."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from voicebot.api.v1 import problems
from voicebot.api.v1.access import allowed

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>voicebot API</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }}
h2 {{ margin-top: 2.5rem; border-bottom: 1px solid #d5dbe3 }} h3 {{ margin-bottom: .25rem; font-size: 1rem }}
code, pre {{ font: 14px/1.45 ui-monospace, monospace }} pre {{ background: #f4f6f9; padding: .75rem; overflow-x: auto }}
dt {{ font-weight: 600 }} dd {{ margin: 0 0 .5rem }} :target {{ background: #fff6d6 }}
</style></head><body><h1>voicebot API</h1>
<p>Send a key with each request: <code>Authorization: Bearer vb_…</code>. This description for tools:
<a href="openapi.json">openapi.json</a>.</p>{resources}
<h2>Problems</h2>
<p>Every error is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> leads here.</p>
<dl>{problems}</dl></body></html>"""


def complete(api: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Adds the scopes and the problems to the description of `api`, and the page."""
    plain = api.openapi
    scopes = {
        (route.path, method.lower()): scope for router in routers for route, method, scope in _guarded(router.routes)
    }

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is not None:
            return api.openapi_schema
        schema = plain()
        own = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= own.pop("$defs") | {"Problem": own}
        for (path, method), scope in scopes.items():
            operation = schema["paths"][path][method]
            said = operation.get("description")
            operation["description"] = (
                f"{said}\n\nNeeds the scope `{scope}`." if said else f"Needs the scope `{scope}`."
            )
            operation["x-scope"] = scope
        return schema

    def page() -> HTMLResponse:
        return HTMLResponse(_page(openapi()), headers={"Content-Security-Policy": _POLICY})

    api.openapi = openapi  # type: ignore[method-assign]  # as FastAPI has it done
    api.add_api_route("/docs", page, include_in_schema=False)


def _guarded(routes: Sequence[Any]) -> Iterator[tuple[APIRoute, str, str]]:
    for route in routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for each in route.dependant.dependencies:
                if isinstance(each.call, allowed) and each.call.scope:
                    for method in route.methods or ():
                        yield route, method, each.call.scope


def _page(schema: dict[str, Any]) -> str:
    by_tag: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(schema, path, method, operation))
    resources = "".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(said)}' for tag, said in by_tag.items())
    kinds = "".join(
        f'<dt id="{kind.slug}">{escape(kind.title)}</dt><dd>{kind.status}, <code>#{kind.slug}</code></dd>'
        for kind in problems.ALL_KINDS
    )
    return _PAGE.format(resources=resources, problems=kinds)


def _operation(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    said = f'<h3 id="{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code></h3>'
    said += f"<p>{escape(operation['summary'])}.</p>"
    said += "".join(f"<p>{escape(each)}</p>" for each in operation.get("description", "").split("\n\n") if each)
    for each in operation.get("parameters", ()):
        about = each.get("description") or ""
        said += f"<div><code>{escape(each['name'])}</code> in the {escape(each['in'])}. {escape(about)}</div>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        said += f"<p>Body, <code>{escape(kind)}</code>:</p><pre>{escape(_example(schema, content))}</pre>"
    return said


def _example(schema: dict[str, Any], content: dict[str, Any]) -> str:
    return json.dumps(_of(schema, content.get("schema", {})), indent=2, ensure_ascii=False)


def _of(schema: dict[str, Any], part: dict[str, Any], depth: int = 0) -> Any:
    """An example value, given or made up from the schema."""
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    for given in ("example", "default", "const"):
        if given in part:
            return part[given]
    if part.get("examples"):
        return part["examples"][0]
    if depth > 4:
        return None
    if "properties" in part:
        return {name: _of(schema, each, depth + 1) for name, each in part["properties"].items()}
    if "enum" in part:
        return part["enum"][0]
    if part.get("anyOf"):
        return _of(schema, part["anyOf"][0], depth + 1)
    if part.get("type") == "array":
        return [_of(schema, part.get("items", {}), depth + 1)]
    return {"string": "…", "integer": 1, "number": 1.0, "boolean": True}.get(str(part.get("type")))
