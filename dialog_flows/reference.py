"""The schema of flow files for those who write them: as JSON Schema for editors, and as the page of all keys."""

from typing import Any

from dialog_flows.schema import Flow

Schema = dict[str, Any]

HEAD = """\
# Every key of a flow

<!-- This page is made by `voicebot flow schema --markdown`; change the descriptions in dialog_flows/blocks.py. -->

[Write a flow](flows.md) explains how they work together. A key without "needed" may be left out.
"""


def json_schema() -> Schema:
    """JSON Schema (draft 2020-12) of one flow file. It checks keys and values; `voicebot flow lint` checks more."""
    schema = _plain(Flow.model_json_schema())
    schema["title"] = "An interview flow for voicebot"
    schema["anyOf"] = [{"required": ["questions"]}, {"required": ["sections"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def markdown() -> str:
    """The page of all keys, docs/flow-reference.md."""
    schema = json_schema()
    users = _users(schema)
    parts = [HEAD, _table("The flow", schema, schema)]
    for name, keys in users.items():
        title = ", ".join(f"`{key}`" for key in keys)
        parts.append(_table(title, schema["$defs"][name], schema))
    return "\n".join(parts)


def _plain(schema: Any) -> Any:
    """Pydantic names every value after its key, which says nothing. Descriptions become one line."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: " ".join(item.split())
        if key == "description" and isinstance(item, str)
        else {name: _plain(each) for name, each in item.items()}
        if key in ("properties", "$defs")
        else _plain(item)
        for key, item in schema.items()
        if key != "title"
    }


def _users(schema: Schema) -> dict[str, list[str]]:
    """The blocks in the order of the page, each with the keys under which it is written."""
    users: dict[str, list[str]] = {}

    def visit(block: Schema) -> None:
        for key, value in block["properties"].items():
            name = _reference(value)
            if name is None or "properties" not in schema["$defs"][name]:
                continue
            known = name in users
            if key not in users.setdefault(name, []):
                users[name].append(key)
            if not known:
                visit(schema["$defs"][name])

    visit(schema)
    return users


def _reference(value: Schema) -> str | None:
    for each in (value, value.get("items", {}), *value.get("anyOf", ())):
        if "$ref" in each:
            return str(each["$ref"]).rsplit("/", 1)[-1]
    return None


def _table(title: str, block: Schema, schema: Schema) -> str:
    rows = [
        f"| `{key}` | {description(value, schema)} | {_value(key, value, block, schema)} |"
        for key, value in block["properties"].items()
    ]
    return "\n".join(
        (f"## {title}", "", block["description"], "", "| Key | What to write | Value |", "|---|---|---|", *rows, "")
    )


def description(value: Schema, schema: Schema) -> str:
    """Its own, or that of the block which is written there."""
    return str(value.get("description") or schema["$defs"][_reference(value)]["description"])


def _value(key: str, value: Schema, block: Schema, schema: Schema) -> str:
    words = _kind(value, schema)
    if key in block.get("required", ()):
        return f"{words}; needed"
    default = value.get("default")
    if default is None or default == [] or default == "" or isinstance(default, dict):
        return words
    shown = (
        str(default).lower() if isinstance(default, bool) else f"{default:g}" if isinstance(default, float) else default
    )
    return f"{words}; `{shown}` unless you say otherwise"


def _kind(value: Schema, schema: Schema) -> str:
    if "anyOf" in value:
        return " or ".join(_kind(each, schema) for each in value["anyOf"] if each.get("type") != "null")
    if "$ref" in value:
        target = schema["$defs"][_reference(value)]
        return "keys below" if "properties" in target else _kind(target, schema)
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "const" in value:
        return f"`{str(value['const']).lower()}`"
    if value.get("type") == "array":
        inner = _kind(value["items"], schema)
        return "list" if inner == "keys below" else f"list of {inner}s" if inner == "text" else f"list of {inner}"
    if value.get("type") in ("integer", "number"):
        return ("whole number" if value["type"] == "integer" else "number") + _limits(value)
    if value.get("type") == "object":
        return "names and texts"
    return {"boolean": "`true` or `false`"}.get(str(value.get("type")), "text")


def _limits(value: Schema) -> str:
    least, most = value.get("minimum"), value.get("maximum")
    if "exclusiveMinimum" in value:
        return f" over {value['exclusiveMinimum']:g}" + (f", to {most:g}" if most is not None else "")
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    return f" from {least:g}" if least is not None else ""
