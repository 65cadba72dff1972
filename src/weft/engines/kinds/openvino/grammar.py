"""From a JSON schema, or from tools that must be called, to the grammar that holds an answer to it.

Pure. OpenVINO GenAI would take a schema as it is, and we do not let it: it compiles within its step, where one that it
does not like ends the work of everybody, and it lets a weak model write blanks without end. The grammar is xgrammar's
EBNF. What a schema says and no grammar here can hold an answer to is refused by name; annotations say nothing about the
answer. JSON Schema 2020-12; members of an object come in the order of its `properties`, as OpenAI's do.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from weft.kit.errors import Json

MAX_RULES = 4_000
MAX_REPEATS = 2_000
_PRIMITIVES = r"""
ws ::= "" | " " | "\n" [ \t]{0,20}
escape ::= ["\\/bfnrt] | "u" [0-9a-fA-F]{4}
char ::= [^"\\\x00-\x1f] | "\\" escape
plain ::= [^"\\\x00-\x1f]*
string ::= "\"" plain ("\\" escape plain)* "\""
natural ::= "0" | [1-9] [0-9]{0,17}
positive ::= [1-9] [0-9]{0,17}
integer ::= "-"? natural
unsigned ::= natural ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?
number ::= "-"? unsigned
boolean ::= "true" | "false"
null ::= "null"
member ::= string ":" ws value
object ::= "{" ws (member ("," ws member)*)? ws "}"
array ::= "[" ws (value ("," ws value)*)? ws "]"
value ::= object | array | string | number | boolean | null
"""
# Runs of plain characters are a rule of their own: as one choice per character, each token takes many times as long.
_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$schema", "$id", "$comment", "$defs", "definitions", "format", "strict"}
)
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_KNOWN = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength"}),
    "number": frozenset({"minimum"}),
    "integer": frozenset({"minimum", "exclusiveMinimum"}),
    "boolean": frozenset[str](),
    "null": frozenset[str](),
}
_IDLE = {"uniqueItems": False, "additionalItems": True}

Schema = Mapping[str, Json]


class CannotHold(ValueError):
    """No answer can be held to this; the text names what it is."""


def json_grammar(schema: Json, *, after_thought: bool = False) -> str:
    """For an answer that is one JSON value; `after_thought`: after the reasoning that the prompt has opened.

    Raises:
        CannotHold: the schema says what a grammar cannot.
    """
    rules = _Rules(schema)
    return rules.text(rules.expression(schema, "#"), after_thought=after_thought)


def any_object_grammar(*, after_thought: bool = False) -> str:
    """For an answer that is any JSON object."""
    return _Rules({}).text("object", after_thought=after_thought)


def hermes_grammar(
    tools: Mapping[str, Json], *, parallel: bool, after_thought: bool = False
) -> str:
    """For an answer that is a call of one of `tools`, in Hermes' form, or with `parallel` of several.

    Raises:
        CannotHold: the parameters of a tool say what a grammar cannot.
    """
    rules = _Rules({})
    calls: list[str] = []
    for number, (name, parameters) in enumerate(tools.items()):
        rules.document = parameters
        arguments = rules.expression(parameters, f"#tool{number}")
        opening = f'<tool_call>\n{{"name": {_dumps(name)}, "arguments": '
        calls.append(f"({_literal(opening)} {arguments} {_literal(chr(125) + chr(10))})")
    rules.add("call", f"({' | '.join(calls)}) {_literal('</tool_call>')}")
    more = f" ({_literal(chr(10))} call)*" if parallel else ""
    return rules.text(f"call{more}", after_thought=after_thought)


class _Rules:
    """The rules of one grammar as they come about."""

    def __init__(self, document: Json) -> None:
        self.document = document
        """What `$ref` points into."""
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def text(self, root: str, *, after_thought: bool) -> str:
        """All of them, from `root`."""
        thought = '([^<] | "<" [^/])* "</think>" [ \\n]{0,4} ' if after_thought else ""
        lines = [f"root ::= {thought}{root}"]
        lines += [f"{name} ::= {body}" for name, body in self._rules.items()]
        return "\n".join(lines) + _PRIMITIVES

    def add(self, name: str, body: str) -> str:
        """A rule; returns its name."""
        if len(self._rules) >= MAX_RULES:
            raise CannotHold("the schema is too large")
        self._rules[name] = body
        return name

    def expression(self, schema: Json, at: str) -> str:
        """What fits `schema`, which stands at `at`."""
        if schema is True or schema == {}:
            return "value"
        if not isinstance(schema, dict):
            raise CannotHold(f"`{at}` is no schema")
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        if "const" in schema:
            return _literal(_dumps(schema["const"]))
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            return _either(_literal(_dumps(choice)) for choice in choices)
        for name in ("anyOf", "oneOf", "allOf"):
            options = schema.get(name)
            if isinstance(options, list) and options:
                return self._combined(schema, name, options, at)
        kinds = _kinds_of(schema, at)
        _refuse_others(schema, kinds)
        return _either(self._of_kind(kind, schema, at) for kind in kinds)

    def _combined(self, schema: Schema, name: str, options: Sequence[Json], at: str) -> str:
        rest = {key: value for key, value in schema.items() if key != name}
        beside = rest.keys() - _ANNOTATIONS - {"type"}
        if beside:
            raise CannotHold(f"`{name}` beside `{min(beside)}`")
        if name == "allOf" and len(options) > 1:
            raise CannotHold("`allOf` of several schemas")
        return _either(
            self.expression(option, f"{at}/{name}/{number}")
            for number, option in enumerate(options)
        )

    def _reference(self, pointer: Json) -> str:
        """The rule of what a pointer leads to; the rule may be on its way, for schemas that hold themselves."""
        if not isinstance(pointer, str) or not pointer.startswith("#"):
            raise CannotHold("a `$ref` that leads out of the schema")
        key = f"{id(self.document)}{pointer}"
        if key not in self._names:
            name = self._names[key] = f"ref{len(self._names)}"
            self.add(name, "value")  # its place, so that what points back finds it
            self._rules[name] = self.expression(self._at(pointer), pointer)
        return self._names[key]

    def _at(self, pointer: str) -> Json:
        found = self.document
        for step in pointer.removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise CannotHold(f"`$ref` {pointer}, which leads nowhere")
            found = found[key]
        return found

    def _of_kind(self, kind: str, schema: Schema, at: str) -> str:
        match kind:
            case "object":
                return self._object(schema, at)
            case "array":
                return self._array(schema, at)
            case "string":
                low, high = _bounds(schema, "minLength", "maxLength")
                return (
                    "string" if (low, high) == (0, None) else f'"\\"" char{_times(low, high)} "\\""'
                )
            case "number" | "integer":
                return _number(kind, schema)
            case _:
                return kind

    def _array(self, schema: Schema, at: str) -> str:
        low, high = _bounds(schema, "minItems", "maxItems")
        prefix = schema.get("prefixItems")
        if isinstance(prefix, list) and prefix:
            if low not in (0, len(prefix)) or high not in (None, len(prefix)):
                raise CannotHold("`prefixItems` with other items behind them")
            firsts = [self.expression(item, f"{at}/{number}") for number, item in enumerate(prefix)]
            items = ' "," ws '.join(firsts)
            return f'("[" ws {items} ws "]")'
        item = self.expression(schema.get("items", True), f"{at}/items")
        name = self.add(f"item{len(self._rules)}", item)
        if high == 0:
            return '("[" ws "]")'
        more = f'("," ws {name}){_times(max(low - 1, 0), None if high is None else high - 1)}'
        items = f"{name} {more}" if low else f"({name} {more})?"
        return f'("[" ws {items} ws "]")'

    def _object(self, schema: Schema, at: str) -> str:
        properties = schema.get("properties")
        members = dict(properties) if isinstance(properties, dict) else {}
        needed = schema.get("required")
        listed = needed if isinstance(needed, list) else []
        required = {name for name in listed if isinstance(name, str)}
        for name in sorted(required - members.keys()):
            members[name] = True
        extra = schema.get("additionalProperties", not members)
        if not members and extra is True:
            return "object"
        number = len(self._rules)
        # `rest`: what may follow once a member is there; `start`: what may come as the first one.
        rest, start = '""', '""'
        if extra not in (False, None):
            other = self.add(f"other{number}", f'string ":" ws {self.expression(extra, f"{at}/*")}')
            rest, start = f'("," ws {other})*', f'({other} ("," ws {other})*)?'
        for place, (name, member) in reversed(list(enumerate(members.items()))):
            value = self.expression(member, f"{at}/{name}")
            pair = self.add(f"pair{number}-{place}", f'{_literal(_dumps(name))} ":" ws {value}')
            rest_name = self.add(f"rest{number}-{place}", rest)
            if name in required:
                rest, start = f'"," ws {pair} {rest_name}', f"{pair} {rest_name}"
            else:
                start_name = self.add(f"start{number}-{place}", start)
                rest, start = f'("," ws {pair})? {rest_name}', f"{pair} {rest_name} | {start_name}"
        return f'("{{" ws ({start}) ws "}}")'


def _kinds_of(schema: Schema, at: str) -> Sequence[str]:
    told = schema.get("type")
    if told is None:
        implied = [kind for kind in _TYPES if _KNOWN[kind] & schema.keys()]
        return implied[:1] or _TYPES
    kinds = told if isinstance(told, list) else [told]
    for kind in kinds:
        if kind not in _TYPES:
            raise CannotHold(f"the type {_dumps(kind)} at `{at}`")
    return [kind for kind in _TYPES if kind in kinds]


def _refuse_others(schema: Schema, kinds: Sequence[str]) -> None:
    known = frozenset[str]().union(*(_KNOWN[kind] for kind in kinds))
    for name, value in schema.items():
        idle = name in _IDLE and value == _IDLE[name]
        if name not in known and name not in _ANNOTATIONS and name != "type" and not idle:
            raise CannotHold(f"`{name}`")


def _number(kind: str, schema: Schema) -> str:
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    if least is None and above is None:
        return kind
    if kind == "number" and least == 0 and above is None:
        return "unsigned"
    if kind == "integer" and (least, above) in ((0, None), (None, -1)):
        return "natural"
    if kind == "integer" and (least, above) in ((1, None), (None, 0)):
        return "positive"
    raise CannotHold("a `minimum` other than 0, or 1 for integers")


def _bounds(schema: Schema, least: str, most: str) -> tuple[int, int | None]:
    low, high = schema.get(least, 0), schema.get(most)
    if not isinstance(low, int) or not isinstance(high, int | None) or low < 0:
        raise CannotHold(f"`{least}` or `{most}` that is no count")
    if max(low, high or 0) > MAX_REPEATS:
        raise CannotHold(f"`{least}` or `{most}` beyond {MAX_REPEATS}")
    if high is not None and high < low:
        raise CannotHold(f"`{most}` below `{least}`")
    return low, high


def _times(low: int, high: int | None) -> str:
    if high is None:
        return "*" if low == 0 else f"{{{low},}}"
    return f"{{{low},{high}}}"


def _either(options: Iterable[str]) -> str:
    known = list(dict.fromkeys(options))
    return known[0] if len(known) == 1 else f"({' | '.join(known)})"


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _literal(text: str) -> str:
    """A text of the grammar that stands for exactly `text`."""
    return json.dumps(text, ensure_ascii=False)
