"""What a parameter's JSON schema says about the text that stands for its value.

Owns the step from text to JSON. Knows only what decides between a string and something else: `type`, and the
branches of `anyOf` and `oneOf`; a schema without a word on the type takes anything, a parameter without a schema is
text. Invariant: what comes out is JSON, whatever the text.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

from weft.engines.formats.quoting import json_escape

_WORDS = {"True": "true", "False": "false", "None": "null"}
"""Models also write Python's."""
_ANY = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_MAX_BRANCHES = 64


def is_text(schema: object, key: str) -> bool:
    """Whether the parameter is a string and nothing else."""
    return _types(schema, key) == frozenset({"string"})


def value_as_json(schema: object, key: str, text: str) -> str:
    """The JSON for a value that was written as `text`; nothing at all is null for everything but a string."""
    types = _types(schema, key)
    written = text.strip()
    written = _WORDS.get(written, written)
    kind = _kind(written)
    is_taken = kind in types or (kind == "integer" and "number" in types)
    is_nothing = kind == "null" and "string" not in types
    if (is_taken and kind != "string") or is_nothing:
        return written
    return f'"{json_escape(text)}"'


def _kind(text: str) -> str:
    """The type of the JSON that `text` is; a string if it is none."""
    try:
        value = cast("object", msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return "string"
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "string"


def _types(schema: object, key: str) -> frozenset[str]:
    """The types that the parameter may have."""
    properties = _member(schema, "properties")
    if not isinstance(properties, Mapping) or key not in properties:
        return frozenset({"string"})
    return frozenset(_named(cast("Mapping[str, object]", properties)[key])) or _ANY


def _named(schema: object) -> Iterator[str]:
    """The types that a schema and its branches name."""
    waiting = [schema]
    for _ in range(_MAX_BRANCHES):
        if not waiting:
            return
        schema = waiting.pop()
        named = _member(schema, "type")
        yield from [named] if isinstance(named, str) else _strings(named)
        for word in ("anyOf", "oneOf"):
            branches = _member(schema, word)
            if isinstance(branches, list):
                waiting += cast("list[object]", branches)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in cast("list[object]", value) if isinstance(item, str))


def _member(schema: object, name: str) -> object:
    return cast("Mapping[str, object]", schema).get(name) if isinstance(schema, Mapping) else None
