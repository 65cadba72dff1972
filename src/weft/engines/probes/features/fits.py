"""Whether a value fits a JSON schema, for the few words that the probes' own schemas use.

Pure. Source: JSON Schema 2020-12 (json-schema.org), the keywords `type`, `enum`, `properties`, `required`,
`additionalProperties: false` and `items`. Anything else in a schema is a mistake of ours, not of a model.
"""

from weft.kit.errors import Json

_KNOWN = frozenset(
    {"type", "enum", "properties", "required", "additionalProperties", "items", "description"}
)


def misfit(value: Json, schema: dict[str, Json], path: str = "the value") -> str:
    """Where `value` does not fit `schema`, for people; empty where it fits."""
    assert schema.keys() <= _KNOWN, "a keyword that is not looked at"
    choices = schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        return f"{path} is none of the values that are allowed"
    kind = schema.get("type")
    if isinstance(kind, str) and not _is(value, kind):
        return f"{path} is no {kind}"
    if isinstance(value, dict):
        return _members(value, schema, path)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        found = (misfit(item, items, f"{path}[{at}]") for at, item in enumerate(value))
        return next((text for text in found if text), "")
    return ""


def _members(value: dict[str, Json], schema: dict[str, Json], path: str) -> str:
    required, properties = schema.get("required"), schema.get("properties")
    for name in required if isinstance(required, list) else ():
        if isinstance(name, str) and name not in value:
            return f"{path} has no member '{name}'"
    known = properties if isinstance(properties, dict) else {}
    for name, member in value.items():
        wanted = known.get(name)
        if isinstance(wanted, dict):
            if text := misfit(member, wanted, f"'{name}'"):
                return text
        elif schema.get("additionalProperties") is False:
            return f"{path} has a member '{name[:40]}' that is not allowed"
    return ""


def _is(value: Json, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return value is None
