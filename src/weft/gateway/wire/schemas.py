"""Bounds the schemas of a request: a small one can keep an engine busy for a minute.

llama.cpp makes a grammar of a schema, and the time that takes grows with the square of its entries and worse: 500
properties took it 1.3 s, 3,000 took 51 s; an enum of 5,000 texts took 12 s (measured on one core, b11549). So there is
a bound on bytes, on properties and on entries of any kind, for one schema and, twice as high, for all of a request's.
"""

from collections.abc import Iterator

from msgspec import DecodeError, Raw
from msgspec.json import decode

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.malformed import describe, invalid
from weft.gateway.wire.rules import at_most
from weft.gateway.wire.types import ChatRequest
from weft.kit.errors import InvalidRequest, Json

SCHEMAS_PER_REQUEST = 2
"""How many schemas as large as one may be a request may hold altogether."""

_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions"})
"""Whose members are schemas with names."""


def check_schemas(request: ChatRequest, bounds: Bounds) -> None:
    """Raise InvalidRequest for a schema that is none, or too large, or one too many."""
    schemas = [(param, schema) for param, schema in _schemas(request) if _is_given(schema, param)]
    for param, schema in schemas:
        at_most(len(bytes(schema)), bounds.max_schema_bytes, param, of="bytes")
        check_depth(schema, param, bounds)
    counts = [_most_entries(schema) for _, schema in schemas]
    most = bounds.max_schema_properties
    if max(counts, default=0) > most or sum(counts) > most * SCHEMAS_PER_REQUEST:
        _check_counts(schemas, bounds)
    size_bytes = sum(len(bytes(schema)) for _, schema in schemas)
    if size_bytes > bounds.max_schema_bytes * SCHEMAS_PER_REQUEST:
        raise _too_much(schemas[-1][0], size_bytes, bounds.max_schema_bytes, of="bytes")


def _check_counts(schemas: list[tuple[str, Raw]], bounds: Bounds) -> None:
    all_properties = all_entries = 0
    for param, schema in schemas:
        properties, entries = _count(_json(schema, param))
        at_most(properties, bounds.max_schema_properties, param, of="properties")
        at_most(entries, bounds.max_schema_entries, param)
        all_properties += properties
        all_entries += entries
        if all_properties > bounds.max_schema_properties * SCHEMAS_PER_REQUEST:
            raise _too_much(param, all_properties, bounds.max_schema_properties, of="properties")
        if all_entries > bounds.max_schema_entries * SCHEMAS_PER_REQUEST:
            raise _too_much(param, all_entries, bounds.max_schema_entries, of="entries")


def _too_much(param: str, count: int, most: int, *, of: str) -> InvalidRequest:
    return invalid(
        f"'{param}' and the schemas before it have {count} {of}; at most {most * SCHEMAS_PER_REQUEST} are allowed.",
        param=param,
        code="invalid_value",
    )


def check_depth(value: Raw, param: str, bounds: Bounds) -> None:
    """Raise InvalidRequest for what is nested too deeply."""
    text = bytes(value)
    if text.count(b"{") + text.count(b"[") <= bounds.max_schema_depth:
        return
    if _depth(_json(value, param)) > bounds.max_schema_depth:
        raise invalid(
            f"'{param}' is nested more than {bounds.max_schema_depth} levels deep.",
            param=param,
            code="invalid_value",
        )


def _schemas(request: ChatRequest) -> Iterator[tuple[str, Raw]]:
    for index, tool in enumerate(request.tools or ()):
        if tool.function is not None:
            yield f"tools[{index}].function.parameters", tool.function.parameters
    for index, function in enumerate(request.functions or ()):
        yield f"functions[{index}].parameters", function.parameters
    wanted = request.response_format
    if wanted is not None and wanted.type == "json_schema" and wanted.json_schema is not None:
        yield "response_format.json_schema.schema", wanted.json_schema.schema


def _is_given(schema: Raw, param: str) -> bool:
    text = bytes(schema)
    if text in {b"", b"null"}:
        return False
    if not text.startswith(b"{"):
        raise invalid(
            f"'{param}' must be an object, but is {describe(_json(schema, param))}.",
            param=param,
            code="invalid_type",
        )
    return True


def _most_entries(schema: Raw) -> int:
    """No fewer than its entries: each has a colon before it, a comma, or the bracket of its array."""
    text = bytes(schema)
    return text.count(b":") + text.count(b",") + text.count(b"[")


def _count(schema: Json) -> tuple[int, int]:
    """Properties that are described, and members and items of any kind."""
    properties = entries = 0
    rest: list[Json] = [schema]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            entries += len(value)
            for name, member in value.items():
                if name in _NAMED and isinstance(member, dict):
                    properties += len(member)
                rest.append(member)
        elif isinstance(value, list):
            entries += len(value)
            rest += value
    return properties, entries


def _json(value: Raw, param: str) -> Json:
    """A member that is passed on, decoded: its syntax is known to be right, its numbers are not."""
    try:
        return decode(value)
    except DecodeError as error:
        raise invalid(
            f"'{param}' holds a number that is out of range.", param=param, code="invalid_value"
        ) from error


def _depth(value: Json) -> int:
    """How deep objects and arrays are nested."""
    depth = 0
    level: list[Json] = [value]
    while level:
        below: list[Json] = []
        for member in level:
            if isinstance(member, dict):
                below.extend(member.values())
            elif isinstance(member, list):
                below.extend(member)
        depth += any(isinstance(member, dict | list) for member in level)
        level = below
    return depth
