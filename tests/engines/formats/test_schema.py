"""Text becomes JSON of a type that the parameter may have, and a string otherwise."""

import json
from typing import Any

import pytest

from weft.engines.formats.schema import is_text, value_as_json


def schema_of(schema: object) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": schema}}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "3", 3),
        ({"type": "integer"}, "3.5", "3.5"),
        ({"type": "number"}, "3", 3),
        ({"type": "boolean"}, "False", False),
        ({"type": "boolean"}, "1", "1"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": "integer"}, "None", None),
        ({"type": ["string", "integer"]}, "3", 3),
        ({"type": ["string", "integer"]}, "null", "null"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "null", None),
        ({"oneOf": [{"type": "array"}, {"anyOf": [{"type": "object"}]}]}, '{"a": 1}', {"a": 1}),
        ({}, "[1]", [1]),
        ({"$ref": "#/x"}, "words", "words"),
        ({"type": "object"}, "{broken", "{broken"),
        ({"type": 5, "anyOf": 7}, "3", 3),
        ("no schema", "3", 3),
    ],
)
def test_text_when_the_schema_is_known_then_it_becomes_json_of_its_type(
    schema: object, text: str, value: object
) -> None:
    assert json.loads(value_as_json(schema_of(schema), "p", text)) == value


@pytest.mark.parametrize("schema", [None, {}, {"properties": []}, {"properties": {"q": {}}}])
def test_parameter_when_it_has_no_schema_then_it_is_text(schema: object) -> None:
    assert is_text(schema, "p")
    assert value_as_json(schema, "p", "3") == '"3"'


def test_parameter_when_it_is_a_string_then_it_is_text() -> None:
    assert is_text(schema_of({"type": "string"}), "p")
    assert not is_text(schema_of({"type": ["string", "null"]}), "p")


def test_schema_when_it_goes_round_then_the_search_ends() -> None:
    schema: dict[str, Any] = {}
    schema["anyOf"] = [schema, schema]
    assert value_as_json(schema_of(schema), "p", "3") == "3"
