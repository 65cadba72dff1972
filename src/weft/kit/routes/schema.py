"""JSON schemas of msgspec shapes, in the form that OpenAPI documents want: whole, without references."""

from typing import Any

import msgspec

from weft.kit.errors import Json

_REF = "#/$defs/"
_MAX_DEPTH = 64


def json_schema(shape: type[msgspec.Struct]) -> Json:
    """The schema of `shape`, every reference replaced by what it refers to (OpenAPI would look elsewhere)."""
    schema: dict[str, Any] = msgspec.json.schema(shape, schema_hook=_any)
    return _inlined(schema, schema.get("$defs", {}), 0)


def documented(shape: type[msgspec.Struct], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """FastAPI's `responses=` for a route that answers with `shape`."""
    return {status: {"content": {"application/json": {"schema": json_schema(shape)}}}}


def _any(_kind: type) -> dict[str, Any]:
    return {}


def _inlined(schema: Json, definitions: dict[str, Json], depth: int) -> Json:
    assert depth < _MAX_DEPTH, "a shape refers to itself"
    if isinstance(schema, list):
        return [_inlined(part, definitions, depth + 1) for part in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.removeprefix(_REF)], definitions, depth + 1)
    return {
        key: _inlined(part, definitions, depth + 1)
        for key, part in schema.items()
        if key != "$defs" and not _names_definitions(key, part)
    }


def _names_definitions(key: str, part: Json) -> bool:
    """Whether this tells alternatives apart by names of definitions, which are gone; their own `const`s still do."""
    return key == "discriminator" and isinstance(part, dict) and "mapping" in part
