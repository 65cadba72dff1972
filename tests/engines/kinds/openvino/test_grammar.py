"""Schemas become grammars, or are refused by the name of what no grammar here can hold."""

import pytest

from weft.engines.kinds.openvino.grammar import (
    CannotHold,
    any_object_grammar,
    hermes_grammar,
    json_grammar,
)
from weft.kit.errors import Json


def root_of(grammar: str) -> str:
    return grammar.splitlines()[0].removeprefix("root ::= ")


@pytest.mark.parametrize(
    ("schema", "root"),
    [
        (True, "value"),
        ({}, "value"),
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "(string | null)"),
        ({"type": "string", "minLength": 2, "maxLength": 5}, r'"\"" char{2,5} "\""'),
        ({"type": "string", "minLength": 2}, r'"\"" char{2,} "\""'),
        ({"const": 'a"b'}, r'"\"a\\\"b\""'),
        ({"enum": ["a", 1, None]}, r'("\"a\"" | "1" | "null")'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "(integer | null)"),
        ({"allOf": [{"type": "integer"}]}, "integer"),
        ({"type": "integer", "minimum": 0}, "natural"),
        ({"type": "integer", "exclusiveMinimum": 0}, "positive"),
        ({"type": "number", "minimum": 0}, "unsigned"),
        ({"type": "object"}, "object"),
        ({"properties": {}}, "object"),
        ({"type": "array", "maxItems": 0}, '("[" ws "]")'),
        (
            {"type": "array", "prefixItems": [{"type": "null"}, True]},
            '("[" ws null "," ws value ws "]")',
        ),
        ({"type": "string", "description": "words", "format": "date"}, "string"),
    ],
)
def test_schema_when_a_grammar_can_say_it_then_it_does(schema: Json, root: str) -> None:
    assert root_of(json_grammar(schema)) == root


def test_object_when_members_may_be_missing_then_only_those_may() -> None:
    schema: Json = {
        "type": "object",
        "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"type": "null"}},
        "required": ["b"],
    }
    rules = dict(line.split(" ::= ") for line in json_grammar(schema).splitlines())
    assert rules["root"] == '("{" ws (pair0-0 rest0-0 | start0-0) ws "}")'
    assert rules["rest0-0"] == '"," ws pair0-1 rest0-1'
    assert rules["start0-0"] == "pair0-1 rest0-1"
    assert rules["rest0-1"] == '("," ws pair0-2)? rest0-2'
    assert rules["rest0-2"] == '""'


def test_reference_when_a_schema_holds_itself_then_its_rule_does() -> None:
    node: Json = {
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
        "required": ["next"],
    }
    grammar = json_grammar({"$ref": "#/$defs/node", "$defs": {"node": node}})
    assert root_of(grammar) == "ref0"
    assert "(ref0 | null)" in grammar


REFUSED: list[tuple[Json, str]] = [
    ({"type": "string", "pattern": "x"}, "`pattern`"),
    ({"type": "integer", "maximum": 3}, "`maximum`"),
    ({"type": "integer", "minimum": 3}, "`minimum`"),
    ({"type": "array", "uniqueItems": True}, "`uniqueItems`"),
    ({"type": "array", "minItems": 3, "maxItems": 2}, "`maxItems`"),
    ({"type": "string", "maxLength": 100_000}, "`maxLength`"),
    ({"type": "string", "minLength": -1}, "`minLength`"),
    ({"type": "object", "patternProperties": {}}, "`patternProperties`"),
    ({"not": {}}, "`not`"),
    ({"allOf": [{}, {}]}, "`allOf`"),
    ({"anyOf": [{}], "properties": {}}, "`properties`"),
    ({"type": "cheese"}, "cheese"),
    ({"$ref": "#/$defs/x"}, "#/$defs/x"),
    ({"$ref": "http://example.com/x"}, "`$ref`"),
    ("cheese", "no schema"),
    (False, "no schema"),
]


@pytest.mark.parametrize(("schema", "named"), REFUSED)
def test_schema_when_no_grammar_can_say_it_then_it_is_named(schema: Json, named: str) -> None:
    with pytest.raises(CannotHold, match=r"(?s).*") as caught:
        json_grammar(schema)
    assert named in str(caught.value)


def test_schema_when_it_would_become_too_large_then_it_is_refused() -> None:
    properties: Json = {f"p{number}": {"type": "null"} for number in range(5000)}
    with pytest.raises(CannotHold, match="too large"):
        json_grammar({"type": "object", "properties": properties})


def test_grammar_when_the_prompt_has_opened_a_thought_then_it_may_be_finished_first() -> None:
    for grammar in (
        json_grammar(True, after_thought=True),
        any_object_grammar(after_thought=True),
        hermes_grammar({"f": {}}, parallel=False, after_thought=True),
    ):
        assert '"</think>"' in root_of(grammar)


def test_calls_when_several_tools_are_offered_then_each_has_its_arguments() -> None:
    tools: dict[str, Json] = {"one": {"type": "object"}, "two": {"type": "string"}}
    grammar = hermes_grammar(tools, parallel=True)
    assert root_of(grammar) == r'call ("\n" call)*'
    assert r'"<tool_call>\n{\"name\": \"one\", \"arguments\": " object "}\n"' in grammar
    assert r'\"name\": \"two\", \"arguments\": " string "}\n"' in grammar
    assert root_of(hermes_grammar(tools, parallel=False)) == "call"
