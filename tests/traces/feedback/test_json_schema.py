"""The part of JSON Schema that annotation specs are checked by."""

from typing import Any

import pytest

from weft.traces.feedback.json_schema import fits

PERSON: dict[str, Any] = {
    "$defs": {"Name": {"type": "string", "minLength": 1}},
    "type": "object",
    "properties": {"name": {"$ref": "#/$defs/Name"}, "age": {"type": "integer"}},
    "required": ["name"],
    "additionalProperties": False,
}
ENDLESS: dict[str, Any] = {"$ref": "#"}
TREE: dict[str, Any] = {"type": "array", "items": {"$ref": "#"}}


CASES: list[tuple[Any, list[Any], list[Any]]] = [
    ({}, [None, 1, "x"], []),
    (True, [1], []),
    (False, [], [1, None]),
    ({"type": "string", "maxLength": 3}, ["", "abc"], ["abcd", 1, None]),
    ({"type": "number", "minimum": 0, "maximum": 1}, [0, 0.5, 1], [-0.1, 2, True, "0"]),
    ({"type": "integer"}, [1, 2.0, -3], [1.5, "1", True]),
    ({"type": "boolean"}, [True, False], [0, 1, "true"]),
    ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", None]),
    ({"enum": [1, None]}, [1, 1.0, None], [True, 0]),
    ({"const": 1}, [1], [True, 2]),
    ({"type": ["string", "null"]}, ["x", None], [1]),
    ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5, "x"], [0, 1]),
    ({"multipleOf": 0.1}, [0.3, 1], [0.25, 10**400]),
    ({"properties": 1, "required": "a"}, [{"a": 1}], []),
    ({"anyOf": [{"type": "string"}, {"minimum": 5}]}, ["x", 6], [4]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, [1, 5.5], [6, 1.5]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1.5], [0, 3]),
    ({"not": {"type": "null"}}, [1], [None]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [[1, 2]], [[], ["a"]]),
    ({"prefixItems": [{"const": "a"}], "items": False}, [["a"], []], [["b"], ["a", 1]]),
    (PERSON, [{"name": "x", "age": 3}], [{}, {"name": ""}, {"name": "x", "more": 1}]),
    ({"$ref": "#/$defs/missing"}, [], [1]),
    ({"$ref": "https://example.com/x"}, [], [1]),
    ({"type": "nonsense"}, [], [1]),
    ({"minimum": "low", "enum": "x"}, [], [1]),
    (ENDLESS, [], [1]),
    (TREE, [[], [[], [[]]]], [[1]]),
]


@pytest.mark.parametrize(("schema", "good", "bad"), CASES)
def test_fits_when_asked_then_as_the_schema_says(
    schema: Any, good: list[Any], bad: list[Any]
) -> None:
    assert all(fits(value, schema) for value in good)
    assert not any(fits(value, schema) for value in bad)


def test_fits_when_a_schema_grows_without_end_then_nothing_does() -> None:
    doubling: dict[str, Any] = {"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "type": "integer"}
    assert not fits(1, doubling)
